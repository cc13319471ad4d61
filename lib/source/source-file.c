/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Local files and block devices, through nbdkit's file plugin.  A copy may
 * read them without nbdkit (launch/plan.c decides that).
 */

#include <config.h>

#include "io/disk-identity.h"
#include "source/ops.h"
#include "source/source-file.h"

/* Since 1.34 nbdkit takes a descriptor; before, it opens the name for each
 * of its clients.
 */
static void
file_describe (const struct source_request *request, struct nbdkit_cmd *cmd)
{
  const struct location *location = request->location;

  nbdkit_cmd_no_network (cmd);
  if (nbdkit_caps_since (request->caps, 34, 0)) {
    nbdkit_cmd_fd_param (cmd, "fd", location->path, location->file);
    return;
  }
  /* It would take even /dev/fd/4 for a name, and open what that leads to. */
  nbdkit_cmd_param (cmd, "file", location->path);
  if (location->file != NULL)
    nbdkit_cmd_opens (cmd, location->file);
}

/* A file that was written since is another one, and so is what has got its
 * name.
 */
int
source_file_identify (const struct source_request *request,
                      const char *before __attribute__ ((unused)),
                      struct aside *aside __attribute__ ((unused)),
                      struct supervisor *supervisor __attribute__ ((unused)),
                      char **ret, struct error *err)
{
  const struct local_file *file = request->location->file;

  if (file != NULL && local_file_check_name (file, err) == -1)
    return -1;
  *ret = file != NULL
    ? disk_identity_of_fd (file->fd, DISK_IDENTITY_CONTENT, err)
    : disk_identity_of_path (request->location->path, DISK_IDENTITY_CONTENT,
                             err);
  return *ret != NULL ? 0 : -1;
}

static const struct explanation file_explanations[] = {
  { "No such file or directory", REASON_NOT_FOUND, NULL },
  { "Permission denied", REASON_AUTH, NULL },
  { .text = NULL }
};

const struct source_ops source_file = {
  .kind = LOCATION_FILE,
  .plugin = "file",
  .open_timeout_s = 30,
  .describe = file_describe,
  .identity = "file",
  .identify = source_file_identify,
  .explanations = file_explanations,
  /* Nothing waits but the disk itself: few connections, as many as the
   * machines have cores, keep it busy without running into each other, and
   * requests that stay in the processor's cache cost least: 2 GiB took
   * 1.5 s with 256 KiB and two in flight, 1.7 s with 1 MiB and four.
   */
  .serial = { 2, 4, 1, 256 << 10, 4 << 20 },
  .parallel = { 2, 4, 2, 256 << 10, 2 << 20 },
  .direct = { 2, 4, 1, 256 << 10, 2 << 20 },
};
