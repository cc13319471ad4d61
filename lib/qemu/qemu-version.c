/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Asks qemu-img and qemu-nbd for their versions, which come from one package
 * but need not be found in one directory of PATH.
 */

#include <config.h>

#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/argv.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "io/subprocess.h"
#include "qemu/qemu-version.h"

#define VERSION_TIMEOUT_MS 10000

/* The oldest qemu-nbd with --allocation-depth, which tells what a conversion
 * has written from what is still the source's.
 */
#define MIN_MAJOR 5
#define MIN_MINOR 2

static int
hint_install (struct error *err)
{
  error_hint (err, _("install it: apt install qemu-utils (Debian), dnf "
                     "install qemu-img (Fedora)"));
  return -1;
}

int
qemu_not_installed (const char *program, struct error *err)
{
  error_reset (err);
  error_set (err, REASON_INTERNAL, _("%s was not found"), program);
  return hint_install (err);
}

int
qemu_version (const char *program, struct supervisor *supervisor, char **ret,
              struct error *err)
{
  const char *const args[] = { program, "--version", NULL };
  CLEANUP_ARGV struct argv argv = { .ptr = NULL };
  CLEANUP_CAPTURED struct captured captured = { .out = NULL };
  struct subprocess_spec spec = SUBPROCESS_SPEC (&argv);

  if (argv_append_array (&argv, args, err) == -1)
    return -1;
  spec.own_group = true;
  errno = 0;
  if (subprocess_capture (supervisor, &spec, VERSION_TIMEOUT_MS, &captured,
                          err) == -1)
    return errno == ENOENT || errno == EACCES
      ? qemu_not_installed (program, err) : -1;
  if (captured.status != 0)
    return error_set (err, REASON_INTERNAL, _("%s --version failed"), program);
  *ret = format (err, "%.*s", (int) strcspn (captured.out, "\n"),
                 captured.out);
  return *ret != NULL ? 0 : -1;
}

/* "qemu-img version 7.2.22 (Debian 1:7.2+dfsg-7)", "qemu-nbd 7.2.22 (...)". */
int
qemu_version_judge (const char *program, const char *version,
                    struct error *err)
{
  const char *number = strpbrk (version, "0123456789");
  unsigned major, minor;

  if (number == NULL || sscanf (number, "%u.%u", &major, &minor) != 2)
    return error_set (err, REASON_INTERNAL,
                      _("%s --version prints a version that cannot be "
                        "parsed: %s"), program, version);
  if (major > MIN_MAJOR || (major == MIN_MAJOR && minor >= MIN_MINOR))
    return 0;
  error_set (err, REASON_INTERNAL,
             _("%s %u.%u is too old, version %d.%d or later is needed"),
             program, major, minor, MIN_MAJOR, MIN_MINOR);
  return hint_install (err);
}

int
qemu_versions_check (struct supervisor *supervisor, struct error *err)
{
  static const char *const names[] = { "qemu-img", "qemu-nbd" };

  for (size_t i = 0; i < ARRAY_LEN (names); i++) {
    CLEANUP_FREE char *version = NULL;

    if (qemu_version (names[i], supervisor, &version, err) == -1 ||
        qemu_version_judge (names[i], version, err) == -1)
      return -1;
  }
  return 0;
}
