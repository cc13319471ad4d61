/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Options that have no effect on this run: a table says with which others, and
 * the disks of the guest which -io options are for none of them.  What would
 * be missed is refused, what is harmless gets a warning.  Nothing is said of
 * what scripts give to all runs alike: where to log and to keep files, limits
 * of time, how much to print; or of a run that only prints.
 */

#include <config.h>

#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/events.h"
#include "base/i18n.h"
#include "guest/guest.h"
#include "input/input.h"
#include "options-table.h"
#include "options.h"
#include "source/source.h"

/* Options, which '|' joins, and with what they have no effect. */
static const struct idle {
  const char *options, *with;
  bool refused;
} idle_table[] = {
  /* No target is written, so that it would be missed. */
  { "oa|of|oo|os", "--run", true },
  { "oa|of|oo", "--in-place", true },
  /* How to copy. */
  { "connections|request-size", "--run|--in-place", false },
  { "keep-overlay|parallel", "--run", false },
  /* There is a page only if the run fails. */
  { "report", "--run", false },
  /* The plugin's own parameters say it. */
  { "it", "-i nbdkit", true },
  /* Only one of them is done. */
  { "check", "--dry-run|--print-source", true },
  { "dry-run", "--check|--print-source", true },
  { "print-source", "--check|--dry-run", true },
  { "summary", "--check|--dry-run|--print-source|--run", true },
};

/* What only says more about --source-limit. */
static const char limit_options[] = "limit-dir|limit-key|wait-timeout";

/* What the option, which was given, has no effect with; or NULL. */
static const char *
idle_with (const struct option_row *row, const struct options *options,
           bool refused)
{
  const struct {
    const char *name;
    bool holds;
  } here[] = {
    { "-i nbdkit", strcmp (options->input_mode, "nbdkit") == 0 },
    { "--check", options->action == ACTION_CHECK },
    { "--dry-run", options->action == ACTION_DRY_RUN },
    { "--in-place",
      options->in_place && options->changed_extents.len == 0 },
    { "--print-source", options->action == ACTION_PRINT_SOURCE },
    { "--run", options->run != NULL },
  };
  unsigned ignored;

  for (size_t i = 0; i < ARRAY_LEN (idle_table); i++)
    for (size_t j = 0; j < ARRAY_LEN (here); j++)
      if (here[j].holds && idle_table[i].refused == refused &&
          option_word (idle_table[i].options, row->name, &ignored) &&
          option_word (idle_table[i].with, here[j].name, &ignored))
        return here[j].name;
  return NULL;
}

int
options_refuse_idle (const struct options *options, struct error *err)
{
  for (size_t i = 0; i < option_rows_len; i++) {
    const struct option_row *row = &option_rows[i];
    const char *with = !options->given[i] ? NULL
      : idle_with (row, options, true);

    if (with != NULL)
      return error_set (err, REASON_USAGE, _("%s%s has no effect with %s"),
                        option_dashes (row), row->name, with);
  }
  return 0;
}

/* How it is told, and where mistakes in the options are. */
static const char summary_options[] = "report|result-file|summary|x";

int
options_refuse_with_summary (const struct options *options,
                             struct error *err)
{
  unsigned ignored;

  for (size_t i = 0; i < option_rows_len; i++) {
    const struct option_row *row = &option_rows[i];

    if (options->given[i] && !row->is_quiet &&
        !option_word (summary_options, row->name, &ignored))
      return error_set (err, REASON_USAGE, _("%s%s has no effect with %s"),
                        option_dashes (row), row->name, "--summary");
  }
  return 0;
}

void
options_tell_idle (const struct options *options, const struct events *events)
{
  unsigned ignored;

  if (options->action == ACTION_PRINT_SOURCE)
    return;
  for (size_t i = 0; i < option_rows_len; i++) {
    const struct option_row *row = &option_rows[i];
    const char *with = !options->given[i] ? NULL
      : idle_with (row, options, false);

    if (with != NULL)
      events_say (events, EVENT_WARNING, -1, _("%s%s has no effect with %s"),
                  option_dashes (row), row->name, with);
    if (options->given[i] && options->settings.source_limit == 0 &&
        option_word (limit_options, row->name, &ignored))
      events_say (events, EVENT_WARNING, -1,
                  _("%s%s has no effect without %s"), option_dashes (row),
                  row->name, "--source-limit");
  }
}

/* Is -io OPTION (NULL: the password of -ip) for a disk of the guest, or for
 * what describes it?
 */
static bool
is_for_guest (const char *option, const struct options *options,
              const struct guest *guest)
{
  for (size_t i = 0; i < guest->disks.len; i++)
    if (source_takes (&guest->disks.ptr[i].location, option))
      return true;
  for (size_t i = 0; i < options->sources.len; i++) {
    CLEANUP_LOCATION struct location location = { .path = NULL };
    CLEANUP_ERROR struct error ignored = ERROR_INIT;

    if (location_parse (options->sources.ptr[i], &location, &ignored) == 0 &&
        source_takes (&location, option))
      return true;
  }
  return false;
}

void
options_tell_unread (const struct options *options, const struct guest *guest,
                     const struct events *events)
{
  const struct argv *list = &options->settings.input_options;
  static const char text[] =
    N_("%s%s has no effect: no disk of this guest is read with it");

  if (options->action == ACTION_PRINT_SOURCE)
    return;
  if (options->password != NULL && options->connect == NULL &&
      !is_for_guest (NULL, options, guest))
    events_say (events, EVENT_WARNING, -1, _(text), "-ip", "");
  for (size_t i = 0; i < list->len; i++) {
    CLEANUP_FREE char *key = strndup (list->ptr[i],
                                      strcspn (list->ptr[i], "="));

    if (key != NULL && input_of_option (key) == NULL &&
        !is_for_guest (key, options, guest))
      events_say (events, EVENT_WARNING, -1, _(text), "-io ", key);
  }
}
