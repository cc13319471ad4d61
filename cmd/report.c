/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Takes the library's events and passes them to whoever shows them: lines on
 * the terminal and in the log (report-text.c), progress bars, JSON and the
 * page of --report.
 */

#include <config.h>

#include <string.h>

#include <json-c/json.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/outfile.h"
#include "base/i18n.h"
#include "base/json.h"
#include "guest/guest.h"
#include "heartbeat.h"
#include "log.h"
#include "machine-readable.h"
#include "output/output.h"
#include "overwrite.h"
#include "page.h"
#include "progress-bar.h"
#include "report-internal.h"
#include "report-json.h"
#include "success.h"

/* How long a --result-file may be: callers read it at once. */
#define RESULT_FILE_MAX 4096

static bool
is_terminal (void)
{
  const char *term = getenv ("TERM");

  return isatty (STDERR_FILENO) &&
    (term == NULL || strcmp (term, "dumb") != 0);
}

/* As https://no-color.org asks; --colours overrides NO_COLOR. */
static bool
wants_colours (const struct options *options)
{
  const char *no_color = getenv ("NO_COLOR");

  return options->colours ||
    (is_terminal () && (no_color == NULL || no_color[0] == '\0'));
}

static int
open_bar (struct report *report, struct error *err)
{
  const struct options *options = report->options;
  const bool is_shown = !options->quiet && !options->no_progress &&
    report->machine.fd != STDERR_FILENO;
  bool wants_bars = is_terminal ();
  int fd = -1;

  if (options->progress_fd != NULL) {
    if (named_fd ("--progress=", options->progress_fd, &fd, err) == -1)
      return -1;
  }
  else if (options->progress)
    wants_bars = true;
  report->tells_progress = is_shown && !wants_bars;
  if (fd == -1 && !(is_shown && wants_bars))
    return 0;
  report->bar = progress_bar_new (fd, report->colours, err);
  return report->bar != NULL ? 0 : -1;
}

/* Takes OBJECT. */
static void
print_json (struct report *report, json_object *object, bool dispensable)
{
  CLEANUP_FREE char *line = json_line (object, SIZE_MAX);

  if (line != NULL)
    machine_print (&report->machine, line, dispensable);
  json_object_put (object);
}

/* Whose run it is: what is left of it in a file has to say that. */
static void
add_names (const struct report *report, json_object **object)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  const struct guest *guest = report->guest;
  CLEANUP_FREE char *host = guest == NULL || guest->disks.len == 0 ? NULL
    : location_limited_by (&guest->disks.ptr[0].location, &ignored);

  if (guest != NULL)
    json_add_text (object, "guest", guest->name);
  json_add_text (object, "host", host);
}

/* --status-file: what is new about the whole run. */
static void
tell_status (struct report *report, const struct event *event)
{
  const char *path = report->options->status_file;
  CLEANUP_ERROR struct error err = ERROR_INIT;
  CLEANUP_FREE char *line = NULL;
  json_object *object;

  if (path == NULL || report->status_failed || event->disk != -1 ||
      (event->type != EVENT_PROGRESS && event->type != EVENT_WAITING))
    return;
  object = json_event (event);
  add_names (report, &object);
  line = json_line (object, SIZE_MAX);
  json_object_put (object);
  if (line == NULL || outfile_update (path, line, strlen (line), &err) == 0)
    return;
  /* Once: the run is worth more than what is told of it. */
  report->status_failed = true;
  report_text_line (report, true, "%s--status-file: %s", _("warning: "),
                    err.message);
}

static void
tell_machine (struct report *report, const struct event *event)
{
  /* The next progress object tells all that this one does. */
  const bool dispensable = event->type == EVENT_PROGRESS &&
    event->progress.done < event->progress.total;

  if (report->machine.fd != -1)
    print_json (report, json_event (event), dispensable);
}

/* Tell how long the phase that has ended took. */
static void
end_phase (struct report *report)
{
  const int64_t now_ms = clock_ms ();

  report_text_line (report, report->options->settings.verbose,
                    "%s: done in %.1f s", report->phase,
                    (double) (now_ms - report->phase_ms) / 1000);
  report->phase_ms = now_ms;
}

static void
begin_phase (struct report *report, const struct event *event)
{
  end_phase (report);
  report->phase = event->progress.phase;
  report->told_ms = report->phase_ms;
  heartbeat_event (&report->heartbeat, event);
}

/* A phase begins when the waiting has ended. */
static void
measure_waiting (struct report *report, const struct event *event)
{
  if (event->type == EVENT_WAITING && report->waiting_ms == 0)
    report->waiting_ms = clock_ms ();
  else if (event->type == EVENT_PHASE && report->waiting_ms != 0) {
    report->waited_ms += clock_ms () - report->waiting_ms;
    report->waiting_ms = 0;
  }
}

static void
add_waited (const struct report *report, json_object **object)
{
  int64_t ms = report->waited_ms;

  if (report->waiting_ms != 0)
    ms += clock_ms () - report->waiting_ms;
  if (ms > 0)
    json_add (object, "waited", json_seconds ((double) ms / 1000));
}

static void
handle_event (void *data, const struct event *event)
{
  struct report *report = data;

  measure_waiting (report, event);
  tell_machine (report, event);
  tell_status (report, event);
  if (report->page_data != NULL)
    page_data_event (report->page_data, event);
  report_text_event (report, event);
  if (event->type == EVENT_PHASE)
    begin_phase (report, event);
  else if (event->type == EVENT_PROGRESS) {
    heartbeat_event (&report->heartbeat, event);
    if (report->bar != NULL)
      progress_bar_event (report->bar, event);
  }
}

/* Files that are written when the run ends are tried when it begins. */
static int
try_file (const char *option, const char *path, struct error *err)
{
  if (path == NULL)
    return 0;
  if (overwrite_refuse_guests (option, path, err) == -1)
    return -1;
  if (outfile_try (path, err) == 0)
    return 0;
  error_wrap (err, "%s", option);
  return -1;
}

/* What an earlier run has left there is none of this one's. */
static int
begin_file (const char *option, const char *path, struct error *err)
{
  if (path == NULL)
    return 0;
  if (try_file (option, path, err) == -1)
    return -1;
  if (outfile_clear (path, err) == 0)
    return 0;
  error_wrap (err, "%s", option);
  return -1;
}

int
report_begin (const struct options *options, struct error *err)
{
  if (overwrite_refuse_read (options, "--result-file", options->result_file,
                             err) == -1)
    return -1;
  return begin_file ("--result-file", options->result_file, err);
}

static int
open_all (struct report *report, struct error *err)
{
  const struct options *options = report->options;
  /* --summary, which has failed, has a page of its own. */
  const char *path = options->action != ACTION_SUMMARY ? options->report
                                                       : NULL;

  /* What an error is told in is opened before all options have been seen. */
  if (overwrite_refuse_shared (options, err) == -1)
    return -1;
  if (options->machine_readable &&
      machine_open (&report->machine, options->machine_stream, err) == -1)
    return -1;
  if (options->log != NULL &&
      (report->log = log_open (options->log, err)) == NULL)
    return -1;
  if (open_bar (report, err) == -1)
    return -1;
  if (path != NULL && (report->page_data = page_data_new (err)) == NULL)
    return -1;
  if (report_begin (options, err) == -1 ||
      begin_file ("--status-file", options->status_file, err) == -1)
    return -1;
  if (path != NULL && overwrite_refuse_results ("--report", path, err) == -1)
    return -1;
  return try_file ("--report", path, err);
}

struct report *
report_new (const struct options *options, struct error *err)
{
  struct report *report = alloc_zero (sizeof *report, err);

  if (report == NULL)
    return NULL;
  report->options = options;
  report->machine = (struct outlet) OUTLET_INIT (-1);
  report->heartbeat = (struct heartbeat) HEARTBEAT_INIT;
  report->started_ms = report->phase_ms = clock_ms ();
  report->phase = "prepare";
  report->colours = wants_colours (options);
  report->events = (struct events) { .handle = handle_event, .data = report };
  if (open_all (report, err) == -1) {
    report_free (report);
    return NULL;
  }
  if (report->machine.fd != -1)
    print_json (report, json_start (), false);
  return report;
}

void
report_free (struct report *report)
{
  if (report == NULL)
    return;
  if (machine_close (&report->machine) == -1)
    fprintf (stderr, "v2v-nbdkit-launch: %s%s\n", _("warning: "),
             _("the last JSON lines were not read"));
  log_close (report->log);
  progress_bar_free (report->bar);
  page_data_free (report->page_data);
  free (report);
}

void
report_guest (struct report *report, const struct guest *guest)
{
  report->guest = guest;
}

static bool
is_path (const char *option, const char *path)
{
  return option != NULL && strcmp (option, path) == 0;
}

void
report_leave (struct report *report, const char *path)
{
  const struct options *options = report->options;
  CLEANUP_ERROR struct error ignored = ERROR_INIT;

  report->leaves_result |= is_path (options->result_file, path);
  report->leaves_page |= is_path (options->report, path);
  report->status_failed |= is_path (options->status_file, path);
  if (!is_path (options->log, path))
    return;
  log_close (report->log);
  report->log = NULL;
  outfile_clear (path, &ignored);
}

const struct events *
report_events (struct report *report)
{
  return &report->events;
}

int
report_source (struct report *report, const struct guest *guest,
               struct error *err)
{
  CLEANUP_JSON json_object *object = json_source (guest);
  CLEANUP_FREE char *line = json_line (object, SIZE_MAX);

  if (line == NULL)
    return error_nomem (err);
  machine_print (&report->machine, line, false);
  return 0;
}

bool
report_wants_output (const struct report *report)
{
  return report->log != NULL;
}

int
report_stdout_fd (const struct report *report)
{
  return report->machine.fd == STDOUT_FILENO ? STDERR_FILENO : STDOUT_FILENO;
}

int
report_watch (struct report *report, struct supervisor *supervisor,
              struct error *err)
{
  /* A bar stands there anyway. */
  if (report->machine.fd == -1 && report->options->status_file == NULL &&
      report->bar != NULL)
    return 0;
  return heartbeat_start (&report->heartbeat, supervisor, &report->events,
                          err);
}

void
report_unwatch (struct report *report)
{
  heartbeat_stop (&report->heartbeat);
}

static void
write_result (const struct report *report, json_object *object)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  CLEANUP_FREE char *line = json_line (object, RESULT_FILE_MAX);

  if (line == NULL)
    line = json_line (object, RESULT_FILE_MAX);
  if (report->options->result_file != NULL && !report->leaves_result &&
      line != NULL &&
      outfile_write (report->options->result_file, line, strlen (line),
                  &err) == -1)
    report_print_error (&err, report->colours);
}

/* Takes OBJECT, after which nothing comes. */
static void
finish_json (struct report *report, json_object *object)
{
  add_names (report, &object);
  add_waited (report, &object);
  heartbeat_stop (&report->heartbeat);
  print_json (report, json_object_get (object), false);
  write_result (report, object);
  json_object_put (object);
}

static void
finish_page (struct report *report, struct page page, int retries)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;

  if (report->page_data == NULL || report->leaves_page)
    return;
  page.guest = report->guest;
  page.data = page_data_take (report->page_data, retries);
  if (page_write (&page, report->options->report, &err) == -1)
    report_print_error (&err, report->colours);
  json_object_put (page.data);
}

static int
count_retries (const struct transfer_disk *disks, unsigned n)
{
  int retries = 0;

  for (unsigned i = 0; disks != NULL && i < n; i++)
    retries += (int) disks[i].result.retries;
  return disks != NULL ? retries : -1;
}

static double
elapsed (const struct report *report)
{
  return (double) (clock_ms () - report->started_ms) / 1000;
}

void
report_error (struct report *report, const struct error *err, int status)
{
  progress_bar_clear (report->bar);
  if (report->machine.fd != STDERR_FILENO)
    report_print_error (err, report->colours);
  report_text_line (report, false, "error: %s", err->message);
  finish_json (report, json_error (err, status, elapsed (report)));
  finish_page (report, (struct page) { .status = status, .err = err }, -1);
}

void
report_success (struct report *report, const struct success *success)
{
  json_object *object = json_result (success);

  end_phase (report);
  /* Memory may be there a moment later, and without a result a run that has
   * succeeded looks like one that was killed.
   */
  finish_json (report, object != NULL ? object : json_result (success));
  finish_page (report, (struct page) { .success = success },
               count_retries (success->disks, success->n));
}
