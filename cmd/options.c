/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The values of options that are not given, and the end of struct options.
 * options-parse.c reads the command line.
 */

#include <config.h>

#include "options.h"

void
options_init (struct options *options)
{
  const char *nbdkit = getenv ("V2V_NBDKIT");
  const char *tmpdir = getenv ("TMPDIR");

  *options = (struct options) {
    .action = ACTION_COPY,
    .settings = {
      .nbdkit = nbdkit != NULL && *nbdkit != '\0' ? nbdkit : "nbdkit",
      .retries = DEFAULT_RETRIES,
      .startup_timeout_s = 30,
      .stall_timeout_s = 300,
      .parallel = 1,
      .overlay_dir = tmpdir != NULL && *tmpdir != '\0' ? tmpdir : "/var/tmp",
    },
  };
}

void
options_reset (struct options *options)
{
  secret_free (options->password);
  argv_reset (&options->changed_extents);
  argv_reset (&options->sources);
  argv_reset (&options->output.options);
  argv_reset (&options->settings.input_options);
}
