/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Runs what the command line asks for: chooses the kind of run, reports its
 * success or failure with the exit status, and frees what the steps made.
 * Each kind of run is a list of steps (run-internal.h) in a file run-*.c.
 */

#include <config.h>

#include <string.h>
#include <sys/utsname.h>

#include <libnbd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/events.h"
#include "base/human.h"
#include "base/i18n.h"
#include "confined-hint.h"
#include "exit-status.h"
#include "guest/guest.h"
#include "io/confine.h"
#include "io/guard.h"
#include "io/supervisor.h"
#include "io/tempdir.h"
#include "launch/launch.h"
#include "launch/overlay.h"
#include "launch/turn.h"
#include "nbdkit/caps.h"
#include "output/output.h"
#include "qemu/qemu-version.h"
#include "run-internal.h"
#include "run.h"
#include "success.h"
#include "transfer/ahead.h"
#include "transfer/copied.h"
#include "transfer/finished.h"
#include "transfer/resume.h"
#include "transfer/transfer.h"
#include "transfer/unused.h"
#include "transfer/write-back-disks.h"

static int
start_up (struct run *run, struct error *err)
{
  struct launch_context *context = &run->context;

  context->settings = &run->options->settings;
  context->events = report_events (run->report);
  context->guard = guard_new (err);
  if (context->guard == NULL)
    return -1;
  context->supervisor = supervisor_new (err);
  if (context->supervisor == NULL)
    return -1;
  return report_watch (run->report, context->supervisor, err);
}

static int
run_users_command (struct run *run, struct error *err)
{
  return run_command (run, run->options->run, &run->command_status, err);
}

static int
do_run (struct run *run, struct error *err)
{
  static const struct step step_run = {
    run_users_command, EXIT_STATUS_OTHER, "run", N_("Running the command")
  };
  static const struct step *const steps[] = {
    &step_discover, &step_read_guest, &step_refuse_unfinished, &step_plan,
    &step_start_servers, &step_run, NULL
  };

  return steps_take (run, steps, err);
}

/* Versions are for bug reports.  nbdkit's is told when nbdkit is asked what it
 * can do; a missing qemu-img is an error of the step that needs it.
 */
static void
tell_versions (const struct settings *settings,
               struct supervisor *supervisor, const struct events *events)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_FREE char *qemu = NULL;
  CLEANUP_FREE char *confined =
    confine_describe (settings->confinement == CONFINEMENT_OFF, &ignored);
  struct nbd_handle *nbd = nbd_create ();
  struct utsname host;

  if (uname (&host) == -1)
    memset (&host, 0, sizeof host);
  events_say (events, EVENT_DEBUG, -1, "%s %s, libnbd %s, %s %s %s",
              PACKAGE_NAME, PACKAGE_VERSION,
              nbd != NULL ? nbd_get_version (nbd) : "?", host.sysname,
              host.release, host.machine);
  nbd_close (nbd);
  if (confined != NULL)
    events_say (events, EVENT_DEBUG, -1, "%s", confined);
  if (qemu_version ("qemu-img", supervisor, &qemu, &ignored) == 0)
    events_say (events, EVENT_DEBUG, -1, "%s", qemu);
}

/* Asking for versions starts qemu-img, which a dry run must not. */
static bool
wants_versions (const struct options *options)
{
  return options->action != ACTION_DRY_RUN &&
    options->action != ACTION_PRINT_SOURCE &&
    (options->settings.verbose || options->log != NULL ||
     options->report != NULL);
}

static int
do_action (struct run *run, struct error *err)
{
  if (start_up (run, err) == -1)
    return -1;
  options_tell_idle (run->options, run->context.events);
  if (wants_versions (run->options))
    tell_versions (run->context.settings, run->context.supervisor,
                   run->context.events);
  switch (run->options->action) {
  case ACTION_DRY_RUN: return run_dry_run (run, err);
  case ACTION_PRINT_SOURCE: return run_print_source (run, err);
  case ACTION_CHECK: return run_check (run, err);
  case ACTION_RUN: return do_run (run, err);
  default: return run->options->in_place ? run_in_place (run, err)
                                         : run_copy (run, err);
  }
}

static void
tell_unused (const struct run *run)
{
  uint64_t bytes = 0;
  char size[HUMAN_SIZE];

  for (size_t i = 0; i < run->guest->disks.len; i++)
    bytes += run->disks[i].result.unused;
  human_size (bytes, size);
  if (bytes > 0)
    events_say (run->context.events, EVENT_MESSAGE, -1,
                _("%s free in the guest's file systems, not copied"), size);
  else if (run->options->skip_unused && !run->is_done)
    events_say (run->context.events, EVENT_MESSAGE, -1,
                _("Nothing was left out by --skip-unused"));
}

static void
tell_success (const struct run *run)
{
  struct success success = {
    .seconds = (double) (clock_ms () - run->started_ms) / 1000,
  };

  if (run->options->action == ACTION_CHECK) {
    success.check = true;
    if (run->options->skip_unused)
      success.filesystems = &run->filesystems;
    report_success (run->report, &success);
  }
  if (run->options->action == ACTION_COPY) {
    success.changed = run->changed;
    success.output = run->output;
    success.disks = run->disks;
    success.n = (unsigned) run->guest->disks.len;
    tell_unused (run);
    run_tell_overlays (run);
    success_tell (&success, run->context.events);
    report_success (run->report, &success);
  }
}

static void
clean_up (struct run *run)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;

  report_unwatch (run->report);
  ahead_free (run->ahead);
  if (run->context.supervisor != NULL)
    supervisor_hold_signals (run->context.supervisor);
  if (run->resume != NULL && resume_is_kept (run->resume)) {
    if (run->output != NULL)
      output_keep (run->output);
    if (run->overlays != NULL && run->options->action == ACTION_COPY &&
        resume_knows_overlays (run->resume, overlays_dir (run->overlays)))
      overlays_keep (run->overlays, &ignored);
  }
  output_free (run->output);
  overlays_free (run->overlays);
  launch_free (run->launch);
  turn_free (run->turn);
  write_back_free (run->write_back);
  run_free_extents (run);
  filesystems_reset (&run->filesystems);
  finished_free (run->finished);
  copied_free (run->copied);
  resume_free (run->resume);
  unused_free (run->unused);
  free (run->disks);
  guest_free (run->guest);
  tempdir_free (run->scratch);
  /* A run that waits for the targets finds nothing of this one. */
  output_claim_free (run->claim);
  nbdkit_caps_free (run->context.caps);
  supervisor_free (run->context.supervisor);
  guard_free (run->context.guard);
  report_free (run->report);
}

/* Mention --resume if what was kept can be resumed. */
static void
add_resume_hint (const struct run *run, struct error *err)
{
  if (run->resume == NULL || !resume_is_kept (run->resume) ||
      err->reason == REASON_SOURCE_CHANGED ||
      err->reason == REASON_TARGET_CHANGED ||
      err->reason == REASON_TARGET_BUSY || err->reason == REASON_USAGE)
    return;
  err->resumable = true;
  err->needs_resume = !run->options->resume;
  /* --check has copied nothing, and leaves that to the run. */
  if (run->options->action == ACTION_CHECK)
    return;
  if (err->hint == NULL)
    error_hint (err, _("what was copied is kept: run the same command "
                       "with --resume to continue"));
  else
    error_add_hint (err, _("then run the same command with --resume: what "
                           "was copied is kept"));
}

/* May what other programs print tell more? */
static bool
may_be_logged (enum reason reason, bool copied)
{
  switch (reason) {
  case REASON_NBDKIT_CRASH:
  case REASON_INTERNAL:
  case REASON_READ:
  case REASON_STALLED:
  case REASON_TIMEOUT:
  case REASON_UNREACHABLE:
    return true;
  case REASON_WRITE:
    return copied;
  default:
    return false;
  }
}

/* A general hint for errors that have none.  --check would only repeat what
 * ended the run before it copied.
 */
static void
add_general_hint (const struct run *run, struct error *err)
{
  const bool copied = run->options->action == ACTION_COPY &&
    run->failed_as == EXIT_STATUS_COPY;

  if (!may_be_logged (err->reason, copied) || run->options->log != NULL)
    return;
  if (copied)
    error_hint (err, _("the same command with --check tests everything "
                       "that it needs, and with --log FILE records "
                       "everything that nbdkit and qemu print"));
  else
    error_hint (err, _("--log FILE records everything that nbdkit and "
                       "qemu print"));
}

int
run (struct options *options, struct error *err)
{
  CLEANUP_ERROR struct error run_err = ERROR_INIT;
  struct run run = {
    .options = options, .report = report_new (options, err),
    .started_ms = clock_ms (), .failed_as = EXIT_STATUS_OTHER,
  };
  int status;

  if (run.report == NULL)
    return -1;
  if (do_action (&run, &run_err) == 0) {
    tell_success (&run);
    status = run.command_status;
  }
  else {
    status = exit_status_of (&run_err, run.failed_as,
                             run.context.supervisor == NULL ? 0
                             : supervisor_signal (run.context.supervisor));
    if (options->settings.confinement != CONFINEMENT_OFF)
      confined_hint (options->arguments, &run_err);
    add_resume_hint (&run, &run_err);
    add_general_hint (&run, &run_err);
    if (options->retry_status != 0 && error_retryable (&run_err))
      status = (int) options->retry_status;
    run_tell_overlays (&run);
    report_error (run.report, &run_err, status);
  }
  clean_up (&run);
  return status;
}
