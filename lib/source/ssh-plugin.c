/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Where the plugin of our own is.  Whether nbdkit can load it, nbdkit is asked
 * (launch/plan.c).
 */

#include <config.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "source/request.h"
#include "source/ssh-plugin.h"

#define NAME "nbdkit-v2vssh-plugin.so"

/* V2V_PLUGINDIR is for plugins that have not been installed. */
char *
ssh_plugin_file (const struct source_request *request, struct error *err)
{
  const char *dir = getenv ("V2V_PLUGINDIR");
  CLEANUP_FREE char *path =
    format (err, "%s/" NAME, dir != NULL ? dir : PACKAGE_PKGLIBDIR);

  (void) request;
  return path != NULL && access (path, R_OK) == 0 ? STEAL (path) : NULL;
}

/* Its name is that path; nbdkit's is a word. */
bool
ssh_plugin_is_used (const struct source_request *request)
{
  return request->plugin != NULL &&
    strchr (request->plugin->name, '/') != NULL;
}
