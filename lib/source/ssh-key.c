/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Keys that are not files.  Each nbdkit gets a copy of the private key, and
 * there are several: for each disk, for the copy, for metadata on a server.  A
 * FIFO or a process substitution gives the key only to the first that reads
 * it, so it is read before all of them, and kept.
 */

#include <config.h>

#include <sys/stat.h>

#include "base/argv.h"
#include "base/error.h"
#include "base/secret.h"
#include "source/ssh-key.h"

int
ssh_key_read_once (const struct argv *options, struct secret **ret,
                   struct error *err)
{
  const char *path = argv_value (options, SSH_KEY_OPTION);
  struct stat st;

  /* What is wrong with a file is told when it is used. */
  if (path == NULL || stat (path, &st) == -1 || S_ISREG (st.st_mode))
    return 0;
  *ret = secret_read_file (path, err);
  if (*ret != NULL)
    return 0;
  error_wrap (err, "%s", SSH_KEY_OPTION);
  return -1;
}
