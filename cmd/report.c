/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Takes the library's events and passes them to whoever shows them: lines on
 * the terminal and in the log are made here, progress bars, JSON and the page
 * of --report in files of their own.
 */

#include <config.h>

#include <stdarg.h>
#include <string.h>

#include <json-c/json.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/visible.h"
#include "heartbeat.h"
#include "log.h"
#include "machine-readable.h"
#include "output/output.h"
#include "overwrite.h"
#include "page.h"
#include "progress-bar.h"
#include "report-json.h"
#include "report.h"

/* How long a --result-file may be: callers read it at once. */
#define RESULT_FILE_MAX 4096

struct report {
  const struct options *options;
  struct events events;
  struct log *log;              /* --log, or NULL */
  struct outlet machine;        /* --machine-readable */
  struct page_data *page_data;  /* --report, or NULL */
  struct heartbeat heartbeat;
  struct progress_bar *bar;     /* or NULL */
  bool colours;
  int64_t started_ms, phase_ms; /* when the run and its phase began */
  const char *phase;
};

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
  int fd = -1;

  if (options->progress_fd != NULL) {
    if (named_fd ("--progress=", options->progress_fd, &fd, err) == -1)
      return -1;
  }
  else if (options->quiet || options->no_progress ||
           report->machine.fd == STDERR_FILENO ||
           !(options->progress || is_terminal ()))
    return 0;
  report->bar = progress_bar_new (fd, report->colours, err);
  return report->bar != NULL ? 0 : -1;
}

/* Print a line for people and to the log, with the time in front. */
static void print_line (struct report *, bool to_stderr, const char *fmt, ...)
  __attribute__ ((format (printf, 3, 4)));
static void
print_line (struct report *report, bool to_stderr, const char *fmt, ...)
{
  const double seconds = (double) (clock_ms () - report->started_ms) / 1000;
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_FREE char *said = NULL, *text = NULL, *line = NULL;
  va_list args;

  va_start (args, fmt);
  said = vformat (&ignored, fmt, args);
  va_end (args);
  text = said == NULL ? NULL : visible_text (said, &ignored);
  line = text == NULL ? NULL
    : format (&ignored, "[%7.1f] %s\n", seconds, text);
  if (line == NULL)
    return;
  if (report->log != NULL)
    log_write (report->log, line, strlen (line));
  if (!to_stderr)
    return;
  progress_bar_clear (report->bar);
  if (report->options->quiet)
    fprintf (stderr, "%s\n", text);
  else
    fputs (line, stderr);
}

/* A message, with the disk that it is about. */
static void
print_message (struct report *report, const struct event *event)
{
  const struct options *options = report->options;
  const bool to_stderr = event->type == EVENT_DEBUG ? options->settings.verbose
    : !options->quiet && report->machine.fd != STDERR_FILENO;
  const char *before = event->type == EVENT_WARNING ? _("warning: ") : "";
  char with_disk[64];

  if (event->disk != -1) {
    snprintf (with_disk, sizeof with_disk, _("%sdisk %d: "), before,
              event->disk);
    before = with_disk;
  }
  print_line (report, to_stderr, "%s%s", before, event->text);
}

static void
print_command (struct report *report, const struct event *event)
{
  CLEANUP_FREE char *text = NULL;

  if (report->log == NULL && !report->options->trace)
    return;
  text = shell_command (event->env, event->argv);
  if (text != NULL)
    print_line (report, report->options->trace, "+ %s", text);
}

/* A line such as "nbdkit: debug: ..." or "nbdkit: curl[1]: debug: ...", of
 * which nbdkit prints ten for each connection.
 */
static bool
is_nbdkit_debug (const char *line)
{
  const char *const debug = ": debug: ";
  const char *colon = strchr (line, ':');

  if (colon == NULL || strncmp (line, "nbdkit:", strlen ("nbdkit:")) != 0)
    return false;
  if (strncmp (colon, debug, strlen (debug)) == 0)
    return true;
  colon = strchr (colon + 1, ':');
  return colon != NULL && strncmp (colon, debug, strlen (debug)) == 0;
}

/* nbdkit's lines are shown with -v.  A user's command prints to our stdout
 * itself, unless its output is to be in the log too and therefore comes here.
 */
static void
print_log (struct report *report, const struct event *event)
{
  const bool command = strcmp (event->program, "convert") == 0;
  const bool wanted = is_nbdkit_debug (event->text)
    ? report->options->very_verbose : report->options->settings.verbose;
  const size_t len = strlen (event->program);
  /* Most lines of nbdkit and qemu begin with the program's name. */
  const bool begins_with_name =
    strncmp (event->text, event->program, len) == 0 &&
    strncmp (event->text + len, ": ", 2) == 0;

  if (command) {
    progress_bar_clear (report->bar);
    dprintf (report_stdout_fd (report), "%s\n", event->text);
  }
  print_line (report, !command && wanted, "%s%s%s",
              begins_with_name ? "" : event->program,
              begins_with_name ? "" : ": ", event->text);
}

/* What --check prints on stdout. */
static void
print_check (struct report *report, const struct event *event)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_FREE char *text = NULL;
  char disk[24] = "";

  if (event->disk != -1)
    snprintf (disk, sizeof disk, _("disk %d "), event->disk);
  text = format (&ignored, "%-8s %s%s: %s",
                 check_status_name (event->check.status), disk,
                 event->check.item, event->text);
  if (text == NULL)
    return;
  if (report->machine.fd != STDOUT_FILENO) {
    visible_print (stdout, text);
    putchar ('\n');
  }
  print_line (report, false, "%s", text);
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

  print_line (report, report->options->settings.verbose, "%s: done in %.1f s",
              report->phase, (double) (now_ms - report->phase_ms) / 1000);
  report->phase_ms = now_ms;
}

static void
begin_phase (struct report *report, const struct event *event)
{
  end_phase (report);
  report->phase = event->progress.phase;
  heartbeat_event (&report->heartbeat, event);
}

static void
handle_event (void *data, const struct event *event)
{
  struct report *report = data;

  tell_machine (report, event);
  if (report->page_data != NULL)
    page_data_event (report->page_data, event);
  switch (event->type) {
  case EVENT_MESSAGE:
  case EVENT_INFO:
  case EVENT_WARNING:
  case EVENT_DEBUG: print_message (report, event); break;
  case EVENT_COMMAND: print_command (report, event); break;
  case EVENT_LOG: print_log (report, event); break;
  case EVENT_CHECK: print_check (report, event); break;
  case EVENT_PHASE: begin_phase (report, event); break;
  case EVENT_PROGRESS:
    heartbeat_event (&report->heartbeat, event);
    if (report->bar != NULL)
      progress_bar_event (report->bar, event);
    break;
  case EVENT_DISK:
  case EVENT_MAP: break;
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
  if (write_file_try (path, err) == 0)
    return 0;
  error_wrap (err, "%s", option);
  return -1;
}

int
report_begin (const struct options *options, struct error *err)
{
  const char *path = options->result_file;

  if (path == NULL)
    return 0;
  if (try_file ("--result-file", path, err) == -1)
    return -1;
  if (write_file_clear (path, err) == 0)
    return 0;
  error_wrap (err, "--result-file");
  return -1;
}

static int
open_all (struct report *report, struct error *err)
{
  const struct options *options = report->options;

  if (options->machine_readable &&
      machine_open (&report->machine, options->machine_stream, err) == -1)
    return -1;
  if (options->log != NULL &&
      (report->log = log_open (options->log, err)) == NULL)
    return -1;
  if (open_bar (report, err) == -1)
    return -1;
  if (options->report != NULL &&
      (report->page_data = page_data_new (err)) == NULL)
    return -1;
  if (report_begin (options, err) == -1)
    return -1;
  return try_file ("--report", options->report, err);
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

const struct events *
report_events (struct report *report)
{
  return &report->events;
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
  if (report->machine.fd == -1)
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
  if (report->options->result_file != NULL && line != NULL &&
      write_file (report->options->result_file, line, strlen (line),
                  &err) == -1)
    report_print_error (&err, report->colours);
}

/* Takes OBJECT, after which nothing comes. */
static void
finish_json (struct report *report, json_object *object)
{
  heartbeat_stop (&report->heartbeat);
  print_json (report, json_object_get (object), false);
  write_result (report, object);
  json_object_put (object);
}

static void
finish_page (struct report *report, const struct error *run_err, int status,
             int retries)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  struct page page = { .status = status, .err = run_err };

  if (report->page_data == NULL)
    return;
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

static void
print_line_after (const char *before, const char *text)
{
  fputs (before, stderr);
  visible_print (stderr, text);
  fputc ('\n', stderr);
}

void
report_print_error (const struct error *err, bool colours)
{
  fprintf (stderr, "%sv2v-nbdkit-launch: %s", colours ? "\033[31m" : "",
           _("error: "));
  visible_print (stderr, err->message);
  fprintf (stderr, "%s\n", colours ? "\033[0m" : "");
  /* The message may quote some of these lines. */
  for (size_t i = 0; i < err->detail.len; i++)
    if (strstr (err->message, err->detail.ptr[i]) == NULL)
      print_line_after ("  ", err->detail.ptr[i]);
  if (err->hint != NULL)
    print_line_after (_("hint: "), err->hint);
}

void
report_error (struct report *report, const struct error *err, int status)
{
  progress_bar_clear (report->bar);
  if (report->machine.fd != STDERR_FILENO)
    report_print_error (err, report->colours);
  print_line (report, false, "error: %s", err->message);
  finish_json (report, json_error (err, status));
  finish_page (report, err, status, -1);
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
  finish_page (report, NULL, 0, count_retries (success->disks, success->n));
}
