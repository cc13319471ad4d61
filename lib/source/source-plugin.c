/* SPDX-License-Identifier: GPL-2.0-or-later */

/* -i nbdkit: any plugin, with the parameters that the user gives.  Nothing is
 * known of these parameters, so they are passed on as they are; but where the
 * vddk plugin finds no library is told as with -it vddk.  (The files of the
 * split plugin are those of an OVA, see input/ova/ova-chunks.c.)
 */

#include <config.h>

#include <string.h>

#include "base/i18n.h"
#include "source/ops.h"
#include "source/vddk-library.h"

/* The plugin's name, or its path. */
static bool
is_vddk (const struct source_request *request)
{
  static const char file[] = "nbdkit-vddk-plugin.";
  const char *plugin = request->location->plugin;
  const char *slash = strrchr (plugin, '/');

  return slash == NULL ? strcmp (plugin, "vddk") == 0
    : strncmp (slash + 1, file, strlen (file)) == 0;
}

static void
plugin_describe_library (const struct source_request *request,
                         struct argv *env, struct argv *args,
                         struct error *err)
{
  if (is_vddk (request))
    vddk_library_describe (request, env, args, err);
}

static int
plugin_check_plugin (const struct source_request *request, struct error *err)
{
  return is_vddk (request) ? vddk_library_check_plugin (request, err) : 0;
}

static void
plugin_explain_plugin (const struct source_request *request,
                       struct error *err)
{
  if (is_vddk (request))
    vddk_library_explain (request, err);
}

static void
plugin_describe (const struct source_request *request,
                 struct nbdkit_cmd *cmd)
{
  const struct argv *params = &request->location->params;
  const struct local_files *parts = &request->location->parts;

  /* What the plugin needs to load stands before these. */
  for (size_t i = 0; i < params->len; i++)
    if (!is_vddk (request) || key_value (params->ptr[i], "libdir") == NULL)
      nbdkit_cmd_raw_param (cmd, params->ptr[i]);
  for (size_t i = 0; i < parts->len; i++)
    nbdkit_cmd_opens (cmd, parts->ptr[i]);
  if (parts->len == 0)
    nbdkit_cmd_allow_all (cmd, request->location->plugin);
  else
    nbdkit_cmd_no_network (cmd);
}

static const struct explanation plugin_explanations[] = {
  VDDK_LIBRARY_EXPLANATIONS,
  { "unknown parameter", REASON_UNSUPPORTED,
    N_("nbdkit PLUGIN --help lists the plugin's parameters") },
  { "No such file or directory", REASON_NOT_FOUND, NULL },
  { "ermission denied", REASON_AUTH, NULL },
  { "authentication", REASON_AUTH, NULL },
  { "Connection refused", REASON_UNREACHABLE, NULL },
  { "resolve", REASON_UNREACHABLE, NULL },
  { .text = NULL }
};

const struct source_ops source_plugin = {
  .kind = LOCATION_PLUGIN,
  .plugin = NULL,
  .open_timeout_s = 60,
  .remote = true,
  .describe_library = plugin_describe_library,
  .check_plugin = plugin_check_plugin,
  .explain_plugin = plugin_explain_plugin,
  .describe = plugin_describe,
  .explanations = plugin_explanations,
  .serial = { 4, 16, 1, 1 << 20, 4 << 20 },
  .parallel = { 4, 8, 16, 1 << 20, 2 << 20 },
};
