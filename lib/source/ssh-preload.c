/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Which ssh sources need preload/ssh-size.c, which says why it is needed.
 * Before 1.46 the plugin believes the 0 that SFTP servers give as the size of
 * a block device; 1.46 looks for the end by itself.
 */

#include <config.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/argv.h"
#include "base/cleanup.h"
#include "guest/location.h"
#include "nbdkit/caps.h"
#include "nbdkit/cmd.h"
#include "source/request.h"
#include "source/ssh-preload.h"

/* A dry run must know it too, so the server is not asked.  A device with a
 * name elsewhere has size 0, which is an error with a hint.
 */
static bool
is_device (const struct location *location)
{
  const char *path = location->path;

  if (location->path_is_block)
    return true;
  while (path[0] == '/' && path[1] == '/')
    path++;
  return strncmp (path, "/dev/", strlen ("/dev/")) == 0;
}

/* V2V_PRELOADDIR is for libraries that have not been installed. */
static char *
library_path (struct error *err)
{
  const char *dir = getenv ("V2V_PRELOADDIR");

  return format (err, "%s/ssh-size.so",
                 dir != NULL ? dir : PACKAGE_PKGLIBDIR);
}

void
ssh_preload_describe (const struct source_request *request,
                      struct nbdkit_cmd *cmd)
{
  const char *others = getenv ("LD_PRELOAD");
  CLEANUP_FREE char *path = NULL;

  if (!is_device (request->location) ||
      nbdkit_caps_since (request->caps, 46, 0))
    return;
  path = library_path (&cmd->failed);
  if (path == NULL || access (path, R_OK) == -1)
    return;
  if (others != NULL && others[0] != '\0')
    argv_appendf (&cmd->env, &cmd->failed, "LD_PRELOAD=%s:%s", path, others);
  else
    argv_appendf (&cmd->env, &cmd->failed, "LD_PRELOAD=%s", path);
}
