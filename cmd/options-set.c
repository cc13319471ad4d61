/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What each option does when getopt meets it: its value is checked and stored
 * in struct options.  Whether options go together is options-check.c's
 * business.
 */

#include <config.h>

#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/parse.h"
#include "base/suggest.h"
#include "options-set.h"
#include "options.h"
#include "source/source.h"

static void *
field_of (const struct option_row *row, struct options *options)
{
  return (char *) options + row->field;
}

SETTER (set_string)
{
  *(const char **) field_of (row, options) = arg;
  return 0;
}

SETTER (set_true)
{
  *(bool *) field_of (row, options) = true;
  return 0;
}

SETTER (set_number)
{
  CLEANUP_FREE char *name = format (err, "%s%s", option_dashes (row),
                                    row->name);
  uint64_t value;

  if (name == NULL ||
      parse_uint (name, arg, row->min, row->max, &value, err) == -1)
    return -1;
  *(unsigned *) field_of (row, options) = (unsigned) value;
  return 0;
}

/* The number of ARG among the row's words. */
static int
parse_word (const struct option_row *row, const char *arg, unsigned *ret,
            struct error *err)
{
  struct suggest suggest = SUGGEST_INIT (arg);
  const char *word = row->arg;

  for (unsigned i = 0; *word != '\0'; i++) {
    const size_t len = strcspn (word, "|");

    if (strlen (arg) == len && strncmp (word, arg, len) == 0) {
      *ret = i;
      return 0;
    }
    word += len + (word[len] == '|');
  }
  error_set (err, REASON_USAGE, _("%s%s: '%s' is none of %s"),
             option_dashes (row), row->name, arg, row->arg);
  suggest_try_joined (&suggest, row->arg);
  if (suggest.best != NULL)
    suggest_hint (&suggest, "", "", err);
  return -1;
}

SETTER (set_choice)
{
  return parse_word (row, arg, field_of (row, options), err);
}

SETTER (set_word)
{
  unsigned ignored;

  if (parse_word (row, arg, &ignored, err) == -1)
    return -1;
  return set_string (row, arg, options, err);
}

SETTER (set_action)
{
  options->action = (enum action) row->min;
  return 0;
}

SETTER (set_allocation)
{
  unsigned number;

  if (parse_word (row, arg, &number, err) == -1)
    return -1;
  options->output.preallocated = number == 1;
  return 0;
}

SETTER (set_bandwidth)
{
  uint64_t value;

  options->settings.bandwidth = arg;
  return parse_size ("--bandwidth", arg, &value, err);
}

SETTER (set_changed_extents)
{
  if (strcmp (arg, "-") == 0 &&
      argv_contains (&options->changed_extents, "-"))
    return error_set (err, REASON_USAGE,
                      _("--changed-extents: stdin can be read only once"));
  options->output.existing = true;
  return argv_append (&options->changed_extents, arg, err);
}

/* Powers of two, from what a disk can read to what NBD servers take. */
SETTER (set_request_size)
{
  uint64_t value;

  if (parse_size ("--request-size", arg, &value, err) == -1)
    return -1;
  if (value < 4096 || value > (32 << 20) || (value & (value - 1)) != 0)
    return error_set (err, REASON_USAGE,
                      _("--request-size: '%s' is not a power of two from 4k "
                        "to 32M"), arg);
  options->settings.request_size = (uint32_t) value;
  return 0;
}

static void
try_options (struct suggest *suggest, const struct source_option *table)
{
  for (; table != NULL && table->name != NULL; table++)
    suggest_try (suggest, table->name);
}

static int
no_input_option (const char *key, struct error *err)
{
  struct suggest suggest = SUGGEST_INIT (key);

  error_set (err, REASON_USAGE, _("-io: there is no option '%s'"), key);
  try_options (&suggest, source_common_options);
  for (size_t i = 0; source_table[i] != NULL; i++)
    try_options (&suggest, source_table[i]->options);
  suggest_hint (&suggest, "-io ",
                _("v2v-nbdkit-launch -io '?' lists them"), err);
  return -1;
}

SETTER (set_input_option)
{
  CLEANUP_FREE char *key = strndup (arg, strcspn (arg, "="));

  if (strcmp (arg, "?") == 0) {
    options->action = ACTION_INPUT_OPTIONS;
    return 0;
  }
  if (key == NULL)
    return error_nomem (err);
  /* As in "-oo compressed", the name alone means true. */
  if (strcmp (arg, "allow-backing") == 0)
    return argv_append (&options->settings.input_options,
                        "allow-backing=true", err);
  if (!source_option_exists (key))
    return no_input_option (key, err);
  if (strchr (arg, '=') == NULL) {
    error_set (err, REASON_USAGE, _("-io %s needs a value"), key);
    error_hint (err, _("give it as -io %s=VALUE"), key);
    return -1;
  }
  return argv_append (&options->settings.input_options, arg, err);
}

SETTER (set_output_option)
{
  if (strcmp (arg, "?") == 0) {
    options->action = ACTION_OUTPUT_OPTIONS;
    return 0;
  }
  return argv_append (&options->output.options, arg, err);
}

SETTER (set_password)
{
  secret_free (options->password);
  options->password = secret_read (arg, err);
  return options->password != NULL ? 0 : -1;
}

SETTER (set_machine_readable)
{
  options->machine_readable = true;
  options->machine_stream = arg;
  return 0;
}

SETTER (set_progress)
{
  options->progress = true;
  options->progress_fd = arg;
  return 0;
}

/* --dry-run and --print-source say what to do with it. */
SETTER (set_run)
{
  options->run = arg;
  if (options->action == ACTION_COPY)
    options->action = ACTION_RUN;
  return 0;
}

SETTER (set_verbose)
{
  options->very_verbose = options->verbose;
  options->verbose = options->settings.verbose = true;
  return 0;
}
