/* SPDX-License-Identifier: GPL-2.0-or-later */

/* --summary: reads the files of many runs, adds them up, and prints a table,
 * JSON or CSV.  Nothing is waited for: it can be run again at any time.
 */

#include <config.h>

#include <stdio.h>
#include <time.h>

#include "base/error.h"
#include "base/i18n.h"
#include "base/outfile.h"
#include "base/visible.h"
#include "options.h"
#include "output/place.h"
#include "overwrite.h"
#include "summary.h"

static int64_t
now_ms (void)
{
  struct timespec now;

  clock_gettime (CLOCK_REALTIME, &now);
  return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void
warn_of_skipped (const struct summary *summary)
{
  for (size_t i = 0; i < summary->skipped.len; i++) {
    fprintf (stderr, "v2v-nbdkit-launch: %s", _("warning: "));
    visible_print (stderr, summary->skipped.ptr[i]);
    fputc ('\n', stderr);
  }
}

static int
print (const struct summary *summary, enum summary_format form,
       struct error *err)
{
  switch (form) {
  case SUMMARY_JSON: return summary_print_json (summary, err);
  case SUMMARY_CSV: summary_print_csv (summary); return 0;
  default: summary_print_table (summary); return 0;
  }
}

/* The page replaces nothing that is read: with "--report" and a glob the first
 * result would be lost.
 */
static int
try_report (const struct options *options, struct error *err)
{
  const char *path = options->report;

  if (overwrite_refuse_guests ("--report", path, err) == -1 ||
      overwrite_refuse_results ("--report", path, err) == -1)
    return -1;
  for (size_t i = 0; i < options->sources.len; i++)
    if (place_same_name (path, options->sources.ptr[i]))
      return error_set (err, REASON_USAGE,
                        _("--report: %s is one of the files to read"), path);
  return outfile_try (path, err);
}

static int
summarize (const struct options *options, struct summary *summary,
           struct error *err)
{
  const int64_t time_ms = now_ms ();

  if (options->report != NULL && try_report (options, err) == -1)
    return -1;
  for (size_t i = 0; i < options->sources.len; i++)
    if (summary_read (summary, options->sources.ptr[i], time_ms, err) == -1)
      return -1;
  if (summary_add_up (summary, err) == -1)
    return -1;
  if (!options->quiet)
    warn_of_skipped (summary);
  if (options->report != NULL &&
      summary_write_page (summary, options->report, err) == -1)
    return -1;
  return print (summary, options->summary_format, err);
}

int
summary_run (const struct options *options, struct error *err)
{
  struct summary summary = { .eta_s = -1 };
  const int r = summarize (options, &summary, err);

  summary_reset (&summary);
  return r;
}
