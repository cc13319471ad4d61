/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Looking up -io options for the sources.  Which options there are, and what
 * they mean, is the matter of each source.
 */

#include <config.h>

#include <string.h>

#include "base/argv.h"
#include "base/parse.h"
#include "settings.h"
#include "source/request.h"

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
  const size_t len = strlen (option);

  for (size_t i = 0; i < options->len; i++)
    if (strncmp (options->ptr[i], option, len) == 0 &&
        options->ptr[i][len] == '=' &&
        argv_append (ret, options->ptr[i] + len + 1, err) == -1)
      return -1;
  return 0;
}

int
source_check_boolean (const struct source_request *request,
                      const char *option, struct error *err)
{
  const char *value = source_option (request, option);
  bool ignored;

  return value == NULL ? 0 : parse_bool (option, value, &ignored, err);
}

void
source_pass_option (const struct source_request *request, const char *option,
                    const char *parameter, struct nbdkit_cmd *cmd)
{
  const char *value = source_option (request, option);

  if (value != NULL)
    nbdkit_cmd_param (cmd, parameter, value);
}
