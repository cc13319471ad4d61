/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The way of the data, one function a step: guest, launch, overlays,
 * conversion, copy.  A step that fails tells what the exit status is.
 */

#include <config.h>

#include <inttypes.h>
#include <string.h>

#include <json-c/json.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/events.h"
#include "base/i18n.h"
#include "context.h"
#include "guest/guest-json.h"
#include "guest/guest-text.h"
#include "guest/guest.h"
#include "input/input.h"
#include "io/guard.h"
#include "io/supervisor.h"
#include "io/tempdir.h"
#include "launch/convert.h"
#include "launch/launch.h"
#include "launch/overlay.h"
#include "launch/remote-reader.h"
#include "launch/space.h"
#include "nbdkit/caps.h"
#include "output/output.h"
#include "qemu/qemu-img.h"
#include "report.h"
#include "run-internal.h"
#include "run.h"
#include "source/source.h"
#include "transfer/resume-facts.h"
#include "transfer/resume.h"
#include "transfer/transfer.h"
#include "transfer/write-back-data.h"
#include "versions.h"

/* The bytes to be copied; 0 as long as they are not known. */
static uint64_t
total_size (const struct run *run)
{
  uint64_t total = 0;

  if (run->launch == NULL || run->options->action != ACTION_COPY)
    return 0;
  for (unsigned i = 0; i < launch_disk_count (run->launch); i++)
    total += launch_disk (run->launch, i)->size;
  return total;
}

void
run_step (const struct run *run, const char *phase, const char *text)
{
  events_emit (run->context.events, &(struct event) {
      .type = EVENT_PHASE, .disk = -1,
      .progress = { .phase = phase, .total = total_size (run) } });
  events_say (run->context.events, EVENT_MESSAGE, -1, "%s", text);
}

static int
start_up (struct run *run, struct error *err)
{
  run->failed_as = EXIT_STATUS_OTHER;
  run->guard = guard_new (err);
  if (run->guard == NULL)
    return -1;
  run->supervisor = supervisor_new (err);
  if (run->supervisor == NULL)
    return -1;
  run->context = (struct launch_context) {
    .settings = &run->options->settings,
    .supervisor = run->supervisor,
    .events = report_events (run->report),
    .guard = run->guard,
  };
  return report_watch (run->report, run->supervisor, err);
}

int
run_discover (struct run *run, struct error *err)
{
  run->failed_as = EXIT_STATUS_HOST;
  run->caps = nbdkit_caps_new (run->options->settings.nbdkit,
                               run->supervisor, run->context.events, err);
  run->context.caps = run->caps;
  if (run->caps == NULL)
    return -1;
  /* Hours before they are needed. */
  return run->options->action == ACTION_COPY ? qemu_installed (err) : 0;
}

/* For inputs: their metadata may be on another host. */
static struct reader *
open_location (void *data, const struct location *location,
               struct error *err)
{
  struct run *run = data;

  /* --print-source needs nbdkit for this alone. */
  if (run->caps == NULL && run_discover (run, err) == -1)
    return NULL;
  run->failed_as = EXIT_STATUS_SOURCE;
  return remote_reader_new (location, &run->context, err);
}

/* For inputs: room for what cannot be read where it is. */
static const char *
scratch_dir (void *data, struct error *err)
{
  struct run *run = data;

  if (run->scratch == NULL)
    run->scratch = tempdir_new (run->options->settings.overlay_dir,
                                run->guard, err);
  return run->scratch != NULL ? tempdir_path (run->scratch) : NULL;
}

/* -on: from here on that is the guest's name. */
static int
rename_guest (struct run *run, struct error *err)
{
  const char *name = run->options->output.name;

  if (name != NULL) {
    free (run->guest->name);
    run->guest->name = strdup (name);
    if (run->guest->name == NULL)
      return error_nomem (err);
  }
  if (run->guest->name[0] != '\0')
    return 0;
  return error_set (err, REASON_USAGE, _("the guest's name is empty: give "
                                         "one with -on NAME"));
}

int
run_read_guest (struct run *run, struct error *err)
{
  const struct options *options = run->options;
  const bool do_not_look = options->action == ACTION_DRY_RUN;
  /* What is unpacked is for the disks, which nobody opens then. */
  const bool unpack = !do_not_look &&
    options->action != ACTION_PRINT_SOURCE;
  const struct input_request request = {
    .sources = &options->sources,
    .connect = options->connect,
    .transport = options->transport,
    .format = options->input_format,
    .options = &options->settings.input_options,
    .password = options->password,
    .scratch = unpack ? scratch_dir : NULL,
    .scratch_data = run,
    .do_not_look = do_not_look,
    .supervisor = run->supervisor,
    .events = run->context.events,
    .open_location = do_not_look ? NULL : open_location,
    .open_data = run,
  };

  run->failed_as = EXIT_STATUS_SOURCE;
  run->guest = input_find (options->input_mode)->read (&request, err);
  if (run->guest == NULL)
    return -1;
  if (run->guest->disks.len == 0 && options->action != ACTION_PRINT_SOURCE)
    return error_set (err, REASON_UNSUPPORTED, _("the guest has no disks"));
  if (rename_guest (run, err) == -1)
    return -1;
  return do_not_look ? 0 :
    source_resolve (run->guest, &options->settings, run->supervisor,
                    run->context.events, err);
}

int
run_plan (struct run *run, bool with_copy, struct error *err)
{
  run->failed_as = EXIT_STATUS_HOST;
  run->launch = launch_new (run->guest, with_copy, &run->context, err);
  return run->launch != NULL ? 0 : -1;
}

int
run_start_servers (struct run *run, struct error *err)
{
  run_step (run, "open", _("Opening the source"));
  run->failed_as = EXIT_STATUS_SOURCE;
  return launch_start (run->launch, err);
}

int
run_make_overlays (struct run *run, struct error *err)
{
  run_step (run, "overlay", _("Creating an overlay to protect the source"));
  run->failed_as = EXIT_STATUS_SOURCE;
  run->overlays = overlays_new (run->launch, !run->options->in_place,
                                &run->context, err);
  return run->overlays != NULL ? 0 : -1;
}

int
run_prepare_output (struct run *run, struct error *err)
{
  run->failed_as = EXIT_STATUS_OTHER;
  run->output = output_new (&run->options->output, run->guest,
                            &run->context, err);
  if (run->output == NULL)
    return -1;
  return output_check (run->output, err);
}

/* What is wrong with a target is said before hours are spent. */
int
run_try_targets (struct run *run, struct error *err)
{
  run->failed_as = EXIT_STATUS_OTHER;
  for (unsigned i = 0; i < launch_disk_count (run->launch); i++)
    if (output_try_disk (run->output, i, overlay_size (run->overlays, i),
                         launch_dir (run->launch), err) == -1)
      return -1;
  return 0;
}

static int
run_command (struct run *run, const char *command, int *status,
             struct error *err)
{
  const struct convert_request request = {
    .command = command,
    .guest = run->guest,
    .launch = run->launch,
    .overlays = run->overlays,
    .log_output = report_wants_output (run->report),
    .stdout_fd = report_stdout_fd (run->report),
  };

  return convert_run (&request, &run->context, status, err);
}

static void
report_command (int status, bool copied, struct error *err)
{
  if (status > 128)
    error_set (err, REASON_CONVERT,
               _("the --convert command was killed by signal %d (%s)"),
               status - 128, strsignal (status - 128));
  else
    error_set (err, REASON_CONVERT,
               _("the --convert command exited with status %d"), status);
  error_hint (err, copied
              ? _("the changed extents were copied, but nothing of what the "
                  "command wrote; its own messages say why it failed")
              : _("nothing was copied and the source is untouched; the "
                  "command's own messages say why it failed"));
}

int
run_convert (struct run *run, struct error *err)
{
  int status;

  run_step (run, "convert", _("Converting"));
  run->failed_as = EXIT_STATUS_CONVERT;
  if (overlays_serve (run->overlays, err) == -1 ||
      run_command (run, run->options->convert, &status, err) == -1)
    return -1;
  if (status != 0)
    report_command (status, run->extents != NULL, err);
  /* After the command's failure, which a dead server may have caused. */
  if (overlays_stop (run->overlays, err) == -1)
    return -1;
  return status == 0 ? 0 : -1;
}

static int
open_resume (struct run *run, struct error *err)
{
  run->failed_as = EXIT_STATUS_OTHER;
  /* Extents are few, and copying them twice does no harm. */
  run->resume = resume_new (run->output, run->extents != NULL ? RESUME_NEVER
                            : run->options->resume ? RESUME_GO_ON
                            : RESUME_NEW, &run->context, err);
  return run->resume != NULL ? 0 : -1;
}

/* Is it still the same copy? */
static int
compare_facts (struct run *run, struct error *err)
{
  const struct resume_facts facts = {
    .output = &run->options->output,
    .convert = run->options->convert,
    .launch = run->launch,
  };

  run->failed_as = EXIT_STATUS_SOURCE;
  return resume_facts (run->resume, &facts, &run->context, err);
}

/* Overlays that were converted before the interrupted copy are used again;
 * where they are gone another conversion would be of other bytes, so that
 * nothing that was copied is of use.  Returns 1 when it is all there.
 */
static int
reuse_overlays (struct run *run, struct error *err)
{
  const char *dir;
  int r;

  if (run->options->convert == NULL || !resume_continues (run->resume))
    return 0;
  run->failed_as = EXIT_STATUS_SOURCE;
  r = resume_facts_overlays (run->resume, launch_disk_count (run->launch),
                             &dir, err);
  if (r == -1)
    return -1;
  if (r == 0) {
    events_say (run->context.events, EVENT_INFO, -1,
                _("the converted overlays are gone: all of it is done "
                  "again"));
    resume_discard (run->resume);
    return 0;
  }
  run->overlays = overlays_reuse (run->launch, dir, &run->context, err);
  return run->overlays != NULL ? 1 : -1;
}

static int
keep_overlays (struct run *run, struct error *err)
{
  if (run->options->convert == NULL)
    return 0;
  run->failed_as = EXIT_STATUS_OTHER;
  return resume_facts_converted (run->resume, run->overlays,
                                 launch_disk_count (run->launch), err);
}

int
run_copy (struct run *run, struct error *err)
{
  if (run->resume == NULL && open_resume (run, err) == -1)
    return -1;

  const struct transfer transfer = {
    .launch = run->launch,
    .overlays = run->overlays,
    .output = run->output,
    .resume = run->resume,
    .changed = run->options->convert != NULL && !run->options->in_place,
    .extents = run->extents,
    .replace = run->options->resume,
    .verify = run->options->verify,
    .checksum = run->options->checksum,
  };

  run_step (run, "copy", resume_continues (run->resume)
            ? _("Going on with the interrupted copy") : _("Copying"));
  run->failed_as = EXIT_STATUS_COPY;
  run->disks = calloc (launch_disk_count (run->launch) + 1,
                       sizeof *run->disks);
  if (run->disks == NULL)
    return error_nomem (err);
  return transfer_run (&transfer, &run->context, run->disks, err);
}

static int
check_space (struct run *run, struct error *err)
{
  const struct space_target target = {
    .dir = output_space_dir (run->output),
    .preallocated = run->options->output.preallocated,
  };
  struct space_estimate estimate;

  run->failed_as = EXIT_STATUS_OTHER;
  /* What was written before is not free and not needed. */
  if (target.dir == NULL || resume_continues (run->resume))
    return 0;
  if (space_of_target (&target, run->launch, run->overlays, &run->context,
                       &estimate, err) == -1)
    return -1;
  if (space_is_enough (&estimate))
    return 0;
  if (estimate.certain)
    return space_missing (target.dir, &estimate, err);
  events_say (run->context.events, EVENT_WARNING, -1,
              _("%s may be too full: up to %" PRIu64 " bytes may be needed, %"
                PRIu64 " are free"), target.dir, estimate.needed,
              estimate.free);
  return 0;
}

static int
do_copy (struct run *run, struct error *err)
{
  int reused;

  if (run_discover (run, err) == -1 || run_read_guest (run, err) == -1 ||
      run_read_extents (run, err) == -1 ||
      run_prepare_output (run, err) == -1 ||
      run_refuse_unfinished (run, err) == -1 || open_resume (run, err) == -1 ||
      run_plan (run, true, err) == -1 ||
      run_start_servers (run, err) == -1 || compare_facts (run, err) == -1)
    return -1;
  reused = reuse_overlays (run, err);
  if (reused == -1 || (reused == 0 && run_make_overlays (run, err) == -1) ||
      run_check_extents (run, err) == -1 ||
      run_try_targets (run, err) == -1 || check_space (run, err) == -1)
    return -1;
  if (run->options->convert != NULL && reused == 0 &&
      (run_convert (run, err) == -1 || keep_overlays (run, err) == -1))
    return -1;
  return run_copy (run, err);
}

static int
do_run (struct run *run, struct error *err)
{
  if (run_discover (run, err) == -1 || run_read_guest (run, err) == -1 ||
      run_plan (run, false, err) == -1 || run_start_servers (run, err) == -1)
    return -1;
  run_step (run, "run", _("Running the command"));
  run->failed_as = EXIT_STATUS_OTHER;
  return run_command (run, run->options->run, &run->command_status, err);
}

/* Each disk's own line, then the copy's where it has one. */
static int
print_plan (struct run *run, const struct plan *disk_plan, int index,
            struct error *err)
{
  const struct nbdkit_cmd *commands[] = { disk_plan->in, disk_plan->copy };

  for (size_t i = 0; i < ARRAY_LEN (commands); i++) {
    CLEANUP_ARGV struct argv argv = { .ptr = NULL };

    if (commands[i] == NULL)
      continue;
    if (!run->options->machine_readable) {
      if (nbdkit_cmd_print (commands[i], stdout, err) == -1)
        return -1;
      continue;
    }
    if (nbdkit_cmd_render (commands[i], "$" GUARD_VARIABLE, &argv,
                           err) == -1)
      return -1;
    events_emit (run->context.events, &(struct event) {
        .type = EVENT_COMMAND, .disk = index, .program = "nbdkit",
        .argv = &argv, .env = nbdkit_cmd_environ (commands[i]) });
  }
  return 0;
}

static int
do_dry_run (struct run *run, struct error *err)
{
  const struct options *options = run->options;
  const bool with_copy = options->run == NULL &&
    (!options->in_place || options->changed_extents.len > 0);

  if (run_discover (run, err) == -1 || run_read_guest (run, err) == -1 ||
      run_plan (run, with_copy, err) == -1)
    return -1;
  for (unsigned i = 0; i < launch_disk_count (run->launch); i++)
    if (print_plan (run, &launch_disk (run->launch, i)->plan, (int) i,
                    err) == -1)
      return -1;
  return 0;
}

static int
do_print_source (struct run *run, struct error *err)
{
  json_object *json;
  const char *text;

  if (run_read_guest (run, err) == -1)
    return -1;
  if (!run->options->machine_readable)
    return guest_text (run->guest, stdout, err);
  json = guest_json (run->guest, err);
  if (json == NULL)
    return -1;
  text = json_object_to_json_string_ext (json, JSON_C_TO_STRING_PLAIN);
  if (text == NULL)
    error_nomem (err);
  else
    printf ("%s\n", text);
  json_object_put (json);
  return text != NULL ? 0 : -1;
}

/* To ask costs a moment, and a dry run starts nothing but nbdkit. */
static bool
wants_versions (const struct options *options)
{
  return options->action != ACTION_DRY_RUN &&
    options->action != ACTION_PRINT_SOURCE &&
    (options->verbose || options->log != NULL || options->report != NULL);
}

static int
do_action (struct run *run, struct error *err)
{
  if (start_up (run, err) == -1)
    return -1;
  if (wants_versions (run->options))
    versions_tell (run->supervisor, run->context.events);
  switch (run->options->action) {
  case ACTION_DRY_RUN: return do_dry_run (run, err);
  case ACTION_PRINT_SOURCE: return do_print_source (run, err);
  case ACTION_CHECK: return run_check (run, err);
  case ACTION_RUN: return do_run (run, err);
  default: return run->options->in_place ? run_in_place (run, err)
                                         : do_copy (run, err);
  }
}

/* Some reasons have a status of their own, whichever step meets them. */
static int
exit_status (const struct run *run, const struct error *err)
{
  switch (err->reason) {
  case REASON_USAGE:
    return EXIT_STATUS_USAGE;
  case REASON_NBDKIT_MISSING:
  case REASON_NBDKIT_VERSION:
  case REASON_NBDKIT_PLUGIN:
  case REASON_NBDKIT_SELINUX:
  case REASON_VDDK_LIBRARY:
    return EXIT_STATUS_HOST;
  case REASON_SPACE:
    return EXIT_STATUS_SPACE;
  case REASON_VERIFY:
    return EXIT_STATUS_VERIFY;
  case REASON_INTERRUPTED:
    return 128 + supervisor_signal (run->supervisor);
  case REASON_NBDKIT_CRASH:
    /* It has read from the source by then. */
    return run->failed_as == EXIT_STATUS_HOST ||
      run->failed_as == EXIT_STATUS_COPY ? run->failed_as
                                         : EXIT_STATUS_SOURCE;
  case REASON_INTERNAL:
    /* Not the source's fault. */
    return run->failed_as == EXIT_STATUS_SOURCE ? EXIT_STATUS_OTHER
                                                : run->failed_as;
  default:
    return run->failed_as;
  }
}

static void
say_goodbye (const struct run *run)
{
  const double seconds = (double) (clock_ms () - run->started_ms) / 1000;

  if (run->options->action == ACTION_CHECK)
    report_success (run->report, NULL, NULL, 0, seconds);
  if (run->options->action == ACTION_COPY) {
    events_say (run->context.events, EVENT_MESSAGE, -1,
                _("Finished in %.1f seconds"), seconds);
    report_success (run->report, run->output, run->disks,
                    (unsigned) run->guest->disks.len, seconds);
  }
}

static void
clean_up (struct run *run)
{
  report_unwatch (run->report);
  if (run->supervisor != NULL)
    supervisor_hold_signals (run->supervisor);
  if (run->resume != NULL && resume_is_kept (run->resume)) {
    if (run->output != NULL)
      output_keep (run->output);
    if (run->overlays != NULL && run->options->convert != NULL)
      overlays_keep (run->overlays);
  }
  output_free (run->output);
  overlays_free (run->overlays);
  launch_free (run->launch);
  write_back_free (run->write_back);
  run_free_extents (run);
  resume_free (run->resume);
  free (run->disks);
  guest_free (run->guest);
  tempdir_free (run->scratch);
  nbdkit_caps_free (run->caps);
  supervisor_free (run->supervisor);
  guard_free (run->guard);
}

/* What is kept is of use only if it can be gone on with. */
static void
tell_of_resume (const struct run *run, struct error *err)
{
  if (run->resume == NULL || !resume_is_kept (run->resume) ||
      err->reason == REASON_SOURCE_CHANGED ||
      err->reason == REASON_TARGET_BUSY || err->reason == REASON_USAGE)
    return;
  err->resumable = true;
  if (err->hint == NULL)
    error_hint (err, _("what was copied is kept: run the same command with "
                       "--resume to go on"));
  else
    error_add_hint (err, _("what was copied is kept: then go on with "
                           "--resume"));
}

/* Where nobody knows better. */
static void
hint_at_check (const struct run *run, struct error *err)
{
  switch (err->reason) {
  case REASON_NBDKIT_CRASH:
  case REASON_AUTH:
  case REASON_INTERNAL:
  case REASON_READ:
  case REASON_STALLED:
  case REASON_TIMEOUT:
  case REASON_UNREACHABLE:
  case REASON_UNSUPPORTED:
  case REASON_WRITE:
    break;
  default:
    return;
  }
  if (run->options->action == ACTION_CHECK)
    error_hint (err, _("--log FILE keeps all that nbdkit and qemu say"));
  else
    error_hint (err, _("the same command with --check looks at everything "
                       "that it needs, and with --log FILE keeps all that "
                       "nbdkit and qemu say"));
}

int
run (struct options *options, struct report *report)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  struct run run = {
    .options = options, .report = report, .started_ms = clock_ms (),
  };
  int status;

  if (do_action (&run, &err) == 0) {
    say_goodbye (&run);
    status = run.command_status;
  }
  else {
    status = exit_status (&run, &err);
    tell_of_resume (&run, &err);
    hint_at_check (&run, &err);
    report_error (report, &err, status);
  }
  clean_up (&run);
  return status;
}
