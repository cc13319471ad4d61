/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Refuses to overwrite disks and guests with --log, --machine-readable,
 * --report or --result-file.  base/outfile.c writes files.
 */

#include <config.h>

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/outfile.h"
#include "guest/suggest-source.h"
#include "overwrite.h"

/* A text file has no NUL bytes; a disk image has some in its first 4 KiB. */
static bool
is_binary (const char *path)
{
  CLEANUP_FD int fd = open (path, O_RDONLY|O_CLOEXEC|O_NONBLOCK|O_NOCTTY);
  char buf[4096];
  const ssize_t n = fd == -1 ? -1 : pread (fd, buf, sizeof buf, 0);

  return n > 0 && memchr (buf, '\0', (size_t) n) != NULL;
}

static bool
is_guest (const char *path)
{
  struct stat st;

  if (outfile_is_descriptor (path) || stat (path, &st) == -1)
    return false;
  if (!S_ISREG (st.st_mode))
    return S_ISBLK (st.st_mode);
  return st.st_size > 0 &&
    (is_binary (path) || suggest_input (path) != NULL);
}

int
overwrite_refuse_guests (const char *option, const char *path,
                         struct error *err)
{
  if (!is_guest (path))
    return 0;
  error_set (err, REASON_USAGE, _("%s is a disk or describes a guest: it "
                                  "is not overwritten"), path);
  error_hint (err, _("was the option's value forgotten?  if not, remove the "
                     "file"));
  error_wrap (err, "%s", option);
  return -1;
}
