/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Whose value counts where the user and the metadata both give one: the -io
 * options are merged with the location's parameters here, and the sources
 * look at the outcome only.  Which options there are is the matter of each
 * source.
 */

#include <config.h>

#include <string.h>

#include "base/argv.h"
#include "base/error.h"
#include "base/parse.h"
#include "guest/location.h"
#include "settings.h"
#include "source/request.h"

static bool
is_set (const struct argv *params, size_t n, const char *param)
{
  const size_t len = strcspn (param, "=") + 1;

  for (size_t i = 0; i < n; i++)
    if (strncmp (params->ptr[i], param, len) == 0)
      return true;
  return false;
}

int
source_request_merge (struct source_request *request,
                      const struct source_option *options, struct error *err)
{
  const struct argv *params = &request->location->params;
  size_t n;

  for (; options != NULL && options->name != NULL; options++) {
    const char *value = options->parameter == NULL ? NULL
      : source_option (request, options->name);

    if (value != NULL &&
        argv_appendf (&request->params, err, "%s=%s", options->parameter,
                      value) == -1)
      return -1;
  }
  n = request->params.len;
  for (size_t i = 0; i < params->len; i++)
    if (!is_set (&request->params, n, params->ptr[i]) &&
        argv_append (&request->params, params->ptr[i], err) == -1)
      return -1;
  return 0;
}

void
source_request_reset (struct source_request *request)
{
  argv_reset (&request->params);
}

const char *
source_param (const struct source_request *request, const char *key)
{
  return argv_value (&request->params, key);
}

const char *
source_param_or (const struct source_request *request, const char *key,
                 const char *value)
{
  const char *given = source_param (request, key);

  return given != NULL ? given : value;
}

void
source_pass_param (const struct source_request *request, const char *key,
                   struct nbdkit_cmd *cmd)
{
  const char *value = source_param (request, key);

  if (value != NULL)
    nbdkit_cmd_param (cmd, key, value);
}

int
source_check_boolean (const struct source_request *request, const char *key,
                      const char *option, struct error *err)
{
  const char *value = source_param (request, key);
  bool ignored;

  return value == NULL ? 0 : parse_bool (option, value, &ignored, err);
}

const char *
source_option (const struct source_request *request, const char *option)
{
  return argv_value (&request->settings->input_options, option);
}

int
source_option_values (const struct source_request *request,
                      const char *option, struct argv *ret,
                      struct error *err)
{
  const struct argv *options = &request->settings->input_options;

  for (size_t i = 0; i < options->len; i++) {
    const char *value = key_value (options->ptr[i], option);

    if (value != NULL && argv_append (ret, value, err) == -1)
      return -1;
  }
  return 0;
}
