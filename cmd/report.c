/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <config.h>

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <time.h>

#include <json-c/json.h>

#include "cleanup.h"
#include "clock.h"
#include "i18n.h"
#include "output.h"
#include "parse.h"
#include "progress-bar.h"
#include "report-json.h"
#include "report.h"
#include "write-file.h"

/* What a --result-file may be long: a caller reads it in one piece. */
#define RESULT_FILE_MAX 4096

struct report {
  const struct options *options;
  struct events events;
  FILE *log;                    /* --log, or NULL */
  int json_fd;                  /* --machine-readable, or -1 */
  bool json_fd_is_ours;         /* to be closed */
  struct progress_bar *bar;     /* or NULL */
  bool colours;
  int64_t started_ms;
};

static int
open_stream (const char *stream, struct report *report, struct error *err)
{
  uint64_t number;

  if (stream == NULL || strcmp (stream, "stream:stdout") == 0)
    report->json_fd = STDOUT_FILENO;
  else if (strcmp (stream, "stream:stderr") == 0)
    report->json_fd = STDERR_FILENO;
  else if (strncmp (stream, "fd:", 3) == 0) {
    if (parse_uint ("--machine-readable=fd:", stream + 3, 0, INT_MAX,
                    &number, err) == -1)
      return -1;
    report->json_fd = (int) number;
    /* It must not leak into nbdkit: a reader waits for its end. */
    if (fcntl (report->json_fd, F_SETFD, FD_CLOEXEC) == -1)
      return error_errno (err, REASON_USAGE, "--machine-readable=%s", stream);
  }
  else if (strncmp (stream, "file:", 5) == 0) {
    report->json_fd = open (stream + 5, O_WRONLY|O_CREAT|O_TRUNC|O_CLOEXEC,
                            0666);
    report->json_fd_is_ours = true;
    if (report->json_fd == -1)
      return error_errno (err, REASON_WRITE, "%s", stream + 5);
  }
  else
    return error_set (err, REASON_USAGE,
                      _("--machine-readable: '%s' is none of fd:N, file:PATH, "
                        "stream:stdout, stream:stderr"), stream);
  return 0;
}

static int
open_log (struct report *report, struct error *err)
{
  const char *path = report->options->log;

  if (path == NULL)
    return 0;
  report->log = fopen (path, "we");
  if (report->log == NULL)
    return error_errno (err, REASON_WRITE, "--log %s", path);
  setvbuf (report->log, NULL, _IOLBF, 0);
  return 0;
}

static int
open_bar (struct report *report, struct error *err)
{
  const struct options *options = report->options;
  uint64_t fd = 0;

  if (options->progress_fd != NULL) {
    if (parse_uint ("--progress", options->progress_fd, 0, INT_MAX, &fd,
                    err) == -1)
      return -1;
    report->bar = progress_bar_new ((int) fd, false, err);
    return report->bar != NULL ? 0 : -1;
  }
  if (options->quiet || options->no_progress ||
      report->json_fd == STDERR_FILENO ||
      !(options->progress || isatty (STDERR_FILENO)))
    return 0;
  report->bar = progress_bar_new (-1, report->colours, err);
  return report->bar != NULL ? 0 : -1;
}

static void
print_json (struct report *report, json_object *object)
{
  const char *text;
  CLEANUP_FREE char *line = NULL;
  int len;

  if (object == NULL)
    return;
  text = json_object_to_json_string_ext (object, JSON_C_TO_STRING_PLAIN|
                                         JSON_C_TO_STRING_NOSLASHESCAPE);
  len = asprintf (&line, "%s\n", text);
  if (len == -1)
    line = NULL;
  /* A reader that has gone away does not stop a migration. */
  else if (full_write (report->json_fd, line, (size_t) len) == -1)
    report->json_fd = -1;
}

static void
print_prefix (const struct report *report, FILE *fp)
{
  const double seconds = (double) (clock_ms () - report->started_ms) / 1000;

  fprintf (fp, "[%7.1f] ", seconds);
}

/* A line of text for people, and for the log. */
static void
print_line (struct report *report, const char *before, const char *text,
            bool to_stderr)
{
  if (report->log != NULL) {
    print_prefix (report, report->log);
    fprintf (report->log, "%s%s\n", before, text);
  }
  if (!to_stderr)
    return;
  if (report->bar != NULL)
    progress_bar_clear (report->bar);
  if (!report->options->quiet)
    print_prefix (report, stderr);
  fprintf (stderr, "%s%s\n", before, text);
}

static void
print_command (struct report *report, const struct event *event)
{
  CLEANUP_FREE char *text = NULL;
  size_t len;
  FILE *fp;

  if (report->log == NULL && !report->options->trace)
    return;
  fp = open_memstream (&text, &len);
  if (fp == NULL)
    return;
  for (size_t i = 0; event->env != NULL && i < event->env->len; i++) {
    shell_quote (fp, event->env->ptr[i]);
    putc (' ', fp);
  }
  for (size_t i = 0; i < event->argv->len; i++) {
    if (i > 0)
      putc (' ', fp);
    shell_quote (fp, event->argv->ptr[i]);
  }
  if (fclose (fp) == 0)
    print_line (report, "+ ", text, report->options->trace);
}

/* nbdkit has ten lines of debug messages for each connection. */
static bool
wants_line (const struct report *report, const char *line)
{
  if (strstr (line, "debug: ") != NULL)
    return report->options->very_verbose;
  return report->options->verbose;
}

/* nbdkit's words are for -v; a command's own output is what its user wants
 * to see (it comes here only when there is a log to write too).
 */
static void
print_log (struct report *report, const struct event *event)
{
  const bool command = strcmp (event->program, "convert") == 0;
  CLEANUP_FREE char *before = NULL;

  if (command) {
    if (report->bar != NULL)
      progress_bar_clear (report->bar);
    dprintf (report_stdout_fd (report), "%s\n", event->text);
  }
  if (asprintf (&before, "%s: ", event->program) == -1) {
    before = NULL;
    return;
  }
  /* Most of its lines begin with its name already. */
  print_line (report, strncmp (event->text, before, strlen (before)) == 0
              ? "" : before, event->text,
              !command && wants_line (report, event->text));
}

/* What --check found out is what it prints. */
static void
print_check (struct report *report, const struct event *event)
{
  const char *status = check_status_name (event->check.status);
  CLEANUP_FREE char *text = NULL;
  char disk[24] = "";

  if (event->disk != -1)
    snprintf (disk, sizeof disk, _("disk %d "), event->disk);
  if (asprintf (&text, "%-8s %s%s: %s", status, disk, event->check.item,
                event->text) == -1) {
    text = NULL;
    return;
  }
  if (report->json_fd != STDOUT_FILENO)
    printf ("%s\n", text);
  print_line (report, "", text, false);
}

static void
handle_event (void *data, const struct event *event)
{
  struct report *report = data;
  const struct options *options = report->options;

  if (report->json_fd != -1) {
    json_object *object = json_event (event);

    print_json (report, object);
    json_object_put (object);
  }
  switch (event->type) {
  case EVENT_MESSAGE:
  case EVENT_INFO:
    print_line (report, "", event->text,
                !options->quiet && report->json_fd != STDERR_FILENO);
    break;
  case EVENT_WARNING:
    print_line (report, _("warning: "), event->text,
                !options->quiet && report->json_fd != STDERR_FILENO);
    break;
  case EVENT_DEBUG:
    print_line (report, "", event->text, options->verbose);
    break;
  case EVENT_COMMAND: print_command (report, event); break;
  case EVENT_LOG: print_log (report, event); break;
  case EVENT_CHECK: print_check (report, event); break;
  case EVENT_PROGRESS:
    if (report->bar != NULL)
      progress_bar_event (report->bar, event);
    break;
  case EVENT_DISK: break;
  }
}

struct report *
report_new (const struct options *options, struct error *err)
{
  struct report *report = calloc (1, sizeof *report);

  if (report == NULL) {
    error_nomem (err);
    return NULL;
  }
  report->options = options;
  report->json_fd = -1;
  report->started_ms = clock_ms ();
  report->colours = options->colours || isatty (STDERR_FILENO);
  report->events = (struct events) { .handle = handle_event, .data = report };
  if ((options->machine_readable &&
       open_stream (options->machine_stream, report, err) == -1) ||
      open_log (report, err) == -1 || open_bar (report, err) == -1) {
    report_free (report);
    return NULL;
  }
  if (report->json_fd != -1) {
    json_object *object = json_start ();

    print_json (report, object);
    json_object_put (object);
  }
  return report;
}

void
report_free (struct report *report)
{
  if (report == NULL)
    return;
  if (report->json_fd_is_ours)
    close_if_open (report->json_fd);
  if (report->log != NULL)
    fclose (report->log);
  progress_bar_free (report->bar);
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
  return report->json_fd == STDOUT_FILENO ? STDERR_FILENO : STDOUT_FILENO;
}

/* Leave out the detail where it would make the file too long. */
static void
write_result (const struct report *report, json_object *object)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  CLEANUP_FREE char *line = NULL;
  const char *text;
  int len;

  if (report->options->result_file == NULL)
    return;
  text = json_object_to_json_string_ext (object, JSON_C_TO_STRING_PLAIN);
  if (strlen (text) + 1 > RESULT_FILE_MAX) {
    json_object_object_del (object, "detail");
    json_object_object_del (object, "disks");
    text = json_object_to_json_string_ext (object, JSON_C_TO_STRING_PLAIN);
  }
  len = asprintf (&line, "%s\n", text);
  if (len == -1)
    line = NULL;
  else if (write_file (report->options->result_file, line, (size_t) len,
                       &err) == -1)
    report_print_error (&err, report->colours);
}

static void
finish_json (struct report *report, json_object *object)
{
  if (report->json_fd != -1)
    print_json (report, object);
  write_result (report, object);
  json_object_put (object);
}

void
report_print_error (const struct error *err, bool colours)
{
  fprintf (stderr, "%sv2v-nbdkit-launch: %s%s%s\n", colours ? "\033[31m" : "",
           _("error: "), err->message, colours ? "\033[0m" : "");
  for (size_t i = 0; i < err->detail.len; i++)
    if (strstr (err->message, err->detail.ptr[i]) == NULL)
      fprintf (stderr, "  %s\n", err->detail.ptr[i]);
  if (err->hint != NULL)
    fprintf (stderr, "%s%s\n", _("hint: "), err->hint);
}

void
report_error (struct report *report, const struct error *err, int status)
{
  if (report->bar != NULL)
    progress_bar_clear (report->bar);
  if (report->json_fd != STDERR_FILENO)
    report_print_error (err, report->colours);
  if (report->log != NULL) {
    print_prefix (report, report->log);
    fprintf (report->log, "error: %s\n", err->message);
  }
  finish_json (report, json_error (err, status));
}

void
report_success (struct report *report, const struct output *output,
                const struct transfer_disk *disks, unsigned n, double seconds)
{
  finish_json (report, json_result (output, disks, n, seconds));
}
