/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Goes through the command line with getopt, and explains getopt's errors.
 * What each option does is in options-table.c, which options go together in
 * options-check.c.
 */

#include <config.h>

#include <ctype.h>
#include <getopt.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/suggest.h"
#include "options-table.h"
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

/* A long option's value is its row's number plus this. */
#define OPTION_FIRST 256

struct getopt_lists {
  struct option long_options[OPTION_ROWS_MAX + 1];
  char short_options[1 + 2 * OPTION_ROWS_MAX + 1];
};

static int
has_arg (const struct option_row *row)
{
  return row->arg == NULL ? no_argument
    : row->arg_is_optional ? optional_argument : required_argument;
}

static void
make_lists (struct getopt_lists *lists)
{
  struct option *to_long = lists->long_options;
  char *to_short = lists->short_options;

  memset (lists, 0, sizeof *lists);
  *to_short++ = ':';            /* a missing value is an error of its own */
  for (size_t i = 0; i < option_rows_len; i++) {
    const struct option_row *row = &option_rows[i];

    if (option_is_heading (row))
      continue;
    if (option_is_short (row)) {
      *to_short++ = row->name[0];
      if (row->arg != NULL)
        *to_short++ = ':';
    }
    else
      *to_long++ = (struct option) {
        .name = row->name, .has_arg = has_arg (row),
        .val = OPTION_FIRST + (int) i,
      };
  }
}

static const struct option_row *
find_row (const char *name)
{
  for (size_t i = 0; i < option_rows_len; i++)
    if (!option_is_heading (&option_rows[i]) &&
        strcmp (option_rows[i].name, name) == 0)
      return &option_rows[i];
  return NULL;
}

/* The row of what getopt returned: a letter, or a long option's value. */
static const struct option_row *
row_of (int c)
{
  const char letter[] = { (char) c, '\0' };

  return c >= OPTION_FIRST ? &option_rows[c - OPTION_FIRST]
                           : find_row (letter);
}

/* The name of the option in WORD, without dashes and value.
 * NULL: no memory.
 */
static char *
option_name (const char *word)
{
  word += strspn (word, "-");
  return strndup (word, strcspn (word, "="));
}

/* The nearest option, or those that begin with what was typed. */
static int
unknown_option (const char *word, const char *name, struct error *err)
{
  const char *const help = _("v2v-nbdkit-launch --help lists the options");
  struct suggest suggest = SUGGEST_INIT (name);
  CLEANUP_ARGV struct argv begin = { .ptr = NULL };

  for (size_t i = 0; i < option_rows_len; i++) {
    const struct option_row *row = &option_rows[i];

    if (option_is_heading (row) || option_is_short (row))
      continue;
    suggest_try (&suggest, row->name);
    if (*name != '\0' && strncmp (row->name, name, strlen (name)) == 0 &&
        argv_appendf (&begin, err, "%s%s", option_dashes (row),
                      row->name) == -1)
      return -1;
  }
  if (begin.len >= 2) {
    error_set (err, REASON_USAGE, _("%s is ambiguous"), word);
    error_hint (err, _("did you mean %s or %s?"), begin.ptr[0], begin.ptr[1]);
    return -1;
  }
  error_set (err, REASON_USAGE, _("there is no option %s"), word);
  suggest_hint (&suggest, suggest.best != NULL && strlen (suggest.best) <= 2
                ? "-" : "--", help, err);
  return -1;
}

static int
missing_value (const char *word, struct error *err)
{
  const struct option_row *row = row_of (optopt);

  error_set (err, REASON_USAGE, _("the option %s needs a value"), word);
  if (row != NULL)
    error_hint (err, "%s%s %s: %s", option_dashes (row), row->name,
                option_arg (row), _(row->help));
  return -1;
}

/* The word in which getopt found an error.  optind still points to that word
 * when letters follow the bad one in it.  The bad letter in optopt is below 0
 * when it is not ASCII.
 */
static const char *
bad_word (char **argv)
{
  const char *word = argv[optind - 1];

  return optopt != 0 && optopt < OPTION_FIRST && argv[optind] != NULL &&
    strchr (word, optopt) == NULL ? argv[optind] : word;
}

/* getopt only says that something is wrong: C is what it returned. */
static int
report_bad_option (int c, const char *word, struct error *err)
{
  CLEANUP_FREE char *name = option_name (word);
  const struct option_row *row;

  if (name == NULL)
    return error_nomem (err);
  if (c == ':')
    return missing_value (word, err);
  row = find_row (name);
  if (row != NULL && row->arg == NULL)
    return error_set (err, REASON_USAGE, _("the option %s%s takes no value"),
                      option_dashes (row), name);
  /* One of several letters behind one dash. */
  if (optopt > 0 && optopt < OPTION_FIRST && isgraph (optopt)) {
    error_set (err, REASON_USAGE, _("there is no option -%c"), optopt);
    error_hint (err, _("v2v-nbdkit-launch --help lists the options"));
    return -1;
  }
  return unknown_option (word, name, err);
}

/* What getopt returns for the next option; -1: there is none. */
static int
next_option (int argc, char **argv, const struct getopt_lists *lists)
{
  return getopt_long_only (argc, argv, lists->short_options,
                           lists->long_options, NULL);
}

static int
read_arguments (int argc, char **argv, struct options *options,
                struct error *err)
{
  struct getopt_lists lists;
  int c;

  make_lists (&lists);
  opterr = 0;
  optind = 0;                   /* begin anew, after options_begin */
  while ((c = next_option (argc, argv, &lists)) != -1) {
    const struct option_row *row;

    if (c == '?' || c == ':')
      return report_bad_option (c, bad_word (argv), err);
    row = row_of (c);
    options->asks_for_work |= !row->is_quiet;
    if (row->set (row, optarg, options, err) == -1)
      return -1;
  }
  for (; optind < argc; optind++)
    if (argv_append (&options->sources, argv[optind], err) == -1)
      return -1;
  return 0;
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
options_begin (int argc, char **argv, struct options *options)
{
  struct getopt_lists lists;
  int c;

  set_defaults (options);
  options->arguments = argv;
  make_lists (&lists);
  opterr = 0;
  while ((c = next_option (argc, argv, &lists)) != -1) {
    const struct option_row *row = c == '?' || c == ':' ? NULL : row_of (c);
    CLEANUP_ERROR struct error ignored = ERROR_INIT;

    if (row != NULL && row->is_first)
      row->set (row, optarg, options, &ignored);
  }
}

int
options_parse (int argc, char **argv, struct options *options,
               struct error *err)
{
  if (argc <= 1) {
    options->action = ACTION_FIRST_STEPS;
    return 0;
  }
  if (read_arguments (argc, argv, options, err) == -1)
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
  argv_reset (&options->changed_extents);
  argv_reset (&options->sources);
  argv_reset (&options->output.options);
  argv_reset (&options->settings.input_options);
}
