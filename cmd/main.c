/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The program's entry: the process is set up, the command line read, and
 * whatever only prints something about the program is done here.  Everything
 * that works on a guest is run.c's business.
 */

#include <config.h>

#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "io/first-process.h"
#include "complete.h"
#include "exit-status.h"
#include "options.h"
#include "report.h"
#include "run.h"
#include "summary.h"

/* A caller may have closed descriptors 0 to 2: no file that is opened later
 * may become standard error.
 */
static void
open_standard_descriptors (void)
{
  int fd;

  do
    fd = open ("/dev/null", O_RDWR);
  while (fd >= 0 && fd <= STDERR_FILENO);
  close_if_open (fd);
}

static void
set_locale (void)
{
  setlocale (LC_ALL, "");
  /* Programs that read our output expect a point in numbers. */
  setlocale (LC_NUMERIC, "C");
#ifdef ENABLE_NLS
  /* V2V_LOCALEDIR is for translations that have not been installed. */
  const char *dir = getenv ("V2V_LOCALEDIR");

  /* Programs read our JSON, and terminals are UTF-8. */
  bind_textdomain_codeset (PACKAGE, "UTF-8");
  bindtextdomain (PACKAGE, dir != NULL ? dir : PACKAGE_LOCALEDIR);
#endif
}

static int
do_action (struct options *options, struct error *err)
{
  switch (options->action) {
  case ACTION_HELP: options_print_help (); return 0;
  case ACTION_SHORT_OPTIONS: options_print_names (true); return 0;
  case ACTION_LONG_OPTIONS: options_print_names (false); return 0;
  case ACTION_VERSION: printf ("%s %s\n", PACKAGE_NAME, PACKAGE_VERSION);
    return 0;
  case ACTION_INPUT_OPTIONS: options_print_input_options (options);
    return 0;
  case ACTION_OUTPUT_OPTIONS: options_print_output_options (options);
    return 0;
  case ACTION_CAPABILITIES: options_print_capabilities (); return 0;
  case ACTION_SUMMARY: return summary_run (options, err);
  /* A script that gives no arguments is wrong. */
  case ACTION_FIRST_STEPS: options_print_first_steps ();
    return EXIT_STATUS_USAGE;
  default: return run (options, err);
  }
}

/* What has failed may be one of the files that the others would go to. */
static struct report *
report_anywhere (struct options *options, struct error *err)
{
  struct report *report;

  if (report_begin (options, err) == -1)
    options->result_file = NULL;
  error_reset (err);
  report = report_new (options, err);
  if (report != NULL)
    return report;
  options->log = options->report = options->status_file = NULL;
  error_reset (err);
  report = report_new (options, err);
  if (report != NULL || options->result_file == NULL)
    return report;
  options->machine_readable = false;
  error_reset (err);
  return report_new (options, err);
}

/* Programs that read JSON lines or the result file get the error there. */
static int
report_failure (const struct options *options, const struct error *err)
{
  CLEANUP_ERROR struct error second = ERROR_INIT;
  const int status = err->reason == REASON_USAGE
    ? EXIT_STATUS_USAGE : EXIT_STATUS_OTHER;
  struct options reported = *options;
  struct report *report = NULL;

  if (options->machine_readable || options->result_file != NULL)
    report = report_anywhere (&reported, &second);
  if (report != NULL)
    report_error (report, err, status);
  else
    report_print_error (err, false);
  report_free (report);
  return status;
}

/* A full disk must not look like success. */
static int
flush_stdout (int status)
{
  if (fflush (stdout) == 0 && !ferror (stdout))
    return status;
  perror ("v2v-nbdkit-launch: stdout");
  return status == 0 ? EXIT_STATUS_OTHER : status;
}

int
main (int argc, char *argv[])
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  struct options options;
  int status;

  open_standard_descriptors ();
  signal (SIGPIPE, SIG_IGN);
  signal (SIGCHLD, SIG_DFL);    /* or our children's ends were lost */
  first_process_leave ();
  set_locale ();
  if (argc > 2 && strcmp (argv[1], "--complete") == 0) {
    complete (argc - 2, argv + 2);
    return flush_stdout (0);
  }
  options_begin (argc > 0 ? argv + 1 : argv, &options);
  /* Before anything that can fail, take long or be killed. */
  status = action_is_about_program (options.action) ? 0
    : report_begin (&options, &err);
  if (status == 0)
    status = options_parse (&options, &err);
  if (status == 0)
    status = do_action (&options, &err);
  if (status == -1)
    status = report_failure (&options, &err);
  options_reset (&options);
  return flush_stdout (status);
}
