/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The lines of a run, for people and for the log. */

#include <config.h>

#include <stdarg.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/human.h"
#include "base/i18n.h"
#include "base/visible.h"
#include "guest/guest.h"
#include "log.h"
#include "progress-bar.h"
#include "report-internal.h"

/* How often the progress is told in a line. */
#define PROGRESS_MS 30000

void
report_text_line (struct report *report, bool to_stderr, const char *fmt, ...)
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
  const bool has_disk = event->disk != -1;
  char name[DISK_NAME_MAX];

  report_text_line (report, to_stderr, "%s%s%s%s",
                    event->type == EVENT_WARNING ? _("warning: ") : "",
                    has_disk ? disk_name ((unsigned) event->disk, name) : "",
                    has_disk ? ": " : "", event->text);
}

static void
print_command (struct report *report, const struct event *event)
{
  CLEANUP_FREE char *text = NULL;

  if (report->log == NULL && !report->options->trace)
    return;
  text = shell_command_reading (event->env, event->argv, event->files);
  if (text != NULL)
    report_text_line (report, report->options->trace, "+ %s", text);
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
  report_text_line (report, !command && wanted, "%s%s%s",
                    begins_with_name ? "" : event->program,
                    begins_with_name ? "" : ": ", event->text);
}

/* What --check prints on stdout. */
static void
print_check (struct report *report, const struct event *event)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_FREE char *text = NULL;
  const bool has_disk = event->disk != -1;
  char name[DISK_NAME_MAX];

  text = format (&ignored, "%-8s %s%s%s: %s",
                 check_status_name (event->check.status),
                 has_disk ? disk_name ((unsigned) event->disk, name) : "",
                 has_disk ? " " : "", event->check.item, event->text);
  if (text == NULL)
    return;
  if (report->machine.fd != STDOUT_FILENO) {
    visible_print (stdout, text);
    putchar ('\n');
  }
  report_text_line (report, false, "%s", text);
}

/* A command's progress is not known. */
static void
print_busy (struct report *report, int64_t now_ms)
{
  char since[32];

  human_time ((now_ms - report->phase_ms) / 1000, since);
  report_text_line (report, report->tells_progress,
                    _("the conversion goes on, after %s"), since);
}

/* For those who look at the output of a service or a pipeline, where bars would
 * be noise.
 */
static void
print_progress (struct report *report, const struct event *event)
{
  const int64_t now_ms = clock_ms ();
  char total[HUMAN_SIZE], rate[HUMAN_SIZE], left[32];

  if (event->disk != -1 || event->progress.done == event->progress.total ||
      now_ms - report->told_ms < PROGRESS_MS)
    return;
  report->told_ms = now_ms;
  if (strcmp (event->progress.phase, "convert") == 0) {
    print_busy (report, now_ms);
    return;
  }
  human_size (event->progress.total, total);
  human_size (event->progress.rate, rate);
  human_time (event->progress.eta_s, left);
  report_text_line (report, report->tells_progress,
                    _("%d%% of %s, %s/s, %s left"), progress_percent (event),
                    total, rate, left);
}

void
report_text_event (struct report *report, const struct event *event)
{
  switch (event->type) {
  case EVENT_MESSAGE:
  case EVENT_INFO:
  case EVENT_WARNING:
  case EVENT_DEBUG: print_message (report, event); break;
  case EVENT_COMMAND: print_command (report, event); break;
  case EVENT_LOG: print_log (report, event); break;
  case EVENT_CHECK: print_check (report, event); break;
  case EVENT_PROGRESS: print_progress (report, event); break;
  case EVENT_DISK:
  case EVENT_MAP:
  case EVENT_PHASE:
  case EVENT_WAITING: break;
  }
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
