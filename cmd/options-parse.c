/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Goes through the command line, twice.  What is an option is found out by
 * options-words.c, what each option does is in options-table.c, and which
 * options go together in options-check.c.
 */

#include <config.h>

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "options-words.h"
#include "options.h"

/* The defaults, some of which the environment changes. */
static void
set_defaults (struct options *options)
{
  const char *nbdkit = getenv ("V2V_NBDKIT");
  const char *tmpdir = getenv ("TMPDIR");

  *options = (struct options) {
    .action = ACTION_COPY,
    .settings = {
      .nbdkit = nbdkit != NULL && *nbdkit != '\0' ? nbdkit : "nbdkit",
      .retries = DEFAULT_RETRIES,
      .startup_timeout_s = DEFAULT_STARTUP_TIMEOUT_S,
      .stall_timeout_s = 300,
      .parallel = 1,
      .overlay_dir = tmpdir != NULL && *tmpdir != '\0' ? tmpdir : "/var/tmp",
    },
  };
}

/* A script whose options are in two places is wrong about one of them. */
static int
take_option (const struct word *word, struct options *options,
             struct error *err)
{
  const struct option_row *row = word->row;
  bool *given = &options->given[row - option_rows];

  if (*given && row->arg != NULL && !row->repeats)
    return error_set (err, REASON_USAGE,
                      _("the option %s%s was given more than once"),
                      option_dashes (row), row->name);
  *given = true;
  options->asks_for_work |= !row->is_quiet;
  return row->set (row, word->text, options, err);
}

static int
read_arguments (char *const *arguments, struct options *options,
                struct error *err)
{
  struct words words = WORDS_INIT (arguments);
  struct word word;
  int r;

  while ((r = words_next (&words, &word, err)) == 1)
    if ((word.row != NULL
         ? take_option (&word, options, err)
         : argv_append (&options->sources, word.text, err)) == -1)
      return -1;
  return r;
}

bool
action_is_about_program (enum action action)
{
  switch (action) {
  case ACTION_HELP:
  case ACTION_VERSION:
  case ACTION_SHORT_OPTIONS:
  case ACTION_LONG_OPTIONS:
  case ACTION_INPUT_OPTIONS:
  case ACTION_OUTPUT_OPTIONS:
    return true;
  default:
    return false;
  }
}

void
options_begin (char *const *argv, struct options *options)
{
  struct words words = WORDS_INIT (argv);
  struct word word;
  int r;

  set_defaults (options);
  options->arguments = argv;
  do {
    CLEANUP_ERROR struct error ignored = ERROR_INIT;

    r = words_next (&words, &word, &ignored);
    if (r == 1 && word.row != NULL && word.row->is_first)
      word.row->set (word.row, word.text, options, &ignored);
  } while (r != 0);
}

int
options_parse (struct options *options, struct error *err)
{
  if (*options->arguments == NULL) {
    options->action = ACTION_FIRST_STEPS;
    return 0;
  }
  if (read_arguments (options->arguments, options, err) == -1)
    return -1;
  if (options->input_mode == NULL)
    options->input_mode = options->connect != NULL ? "libvirt" : "disk";
  if (action_is_about_program (options->action))
    return 0;
  if (options->machine_readable && options->sources.len == 0 &&
      !options->asks_for_work) {
    options->action = ACTION_CAPABILITIES;
    return 0;
  }
  return options_check (options, err);
}

void
options_reset (struct options *options)
{
  secret_free (options->password);
  secret_free (options->ssh_key);
  argv_reset (&options->changed_extents);
  network_map_free_rules (&options->networks);
  argv_reset (&options->sources);
  argv_reset (&options->output.options);
  argv_reset (&options->settings.input_options);
}
