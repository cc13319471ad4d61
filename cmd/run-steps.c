/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The steps that several kinds of runs share, from the command line to
 * converted overlays.  Which steps are taken, and in which order, is decided
 * in run.c, run-copy.c, run-in-place.c, run-check.c and run-print.c.
 */

#include <config.h>

#include <string.h>
#include <unistd.h>

#include "ask-password.h"
#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/events.h"
#include "base/i18n.h"
#include "base/infile.h"
#include "base/parse.h"
#include "guest/guest.h"
#include "input/input.h"
#include "io/image-lock.h"
#include "io/tempdir.h"
#include "launch/convert.h"
#include "launch/converted.h"
#include "launch/launch.h"
#include "launch/overlay.h"
#include "launch/space.h"
#include "launch/remote-reader.h"
#include "launch/turn.h"
#include "nbdkit/caps.h"
#include "output/output.h"
#include "qemu/qemu-version.h"
#include "run-internal.h"
#include "source/source.h"
#include "transfer/ahead.h"
#include "transfer/extents-target.h"
#include "transfer/finished.h"
#include "transfer/transfer-request.h"

/* How many bytes will be copied; 0 while that is not known. */
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

static void
begin_phase (const struct run *run, const struct step *step)
{
  events_emit (run->context.events, &(struct event) {
      .type = EVENT_PHASE, .disk = -1,
      .progress = { .phase = step->phase, .total = total_size (run) } });
  events_say (run->context.events, EVENT_MESSAGE, -1, "%s", _(step->text));
}

int
step_take (struct run *run, const struct step *step, struct error *err)
{
  const enum exit_status outer = run->failed_as;

  run->failed_as = step->failed_as;
  if (step->phase != NULL)
    begin_phase (run, step);
  if (step->take (run, err) == -1)
    return -1;
  run->failed_as = outer;
  return 0;
}

int
steps_take (struct run *run, const struct step *const *steps,
            struct error *err)
{
  for (; *steps != NULL && !run->is_done; steps++)
    if (step_take (run, *steps, err) == -1)
      return -1;
  return 0;
}

static int
discover (struct run *run, struct error *err)
{
  struct launch_context *context = &run->context;

  context->caps = nbdkit_caps_new (context->settings->nbdkit,
                                   context->supervisor, context->events, err);
  if (context->caps == NULL)
    return -1;
  /* qemu-nbd is needed only after the conversion, hours later. */
  return run->options->action != ACTION_COPY ? 0
    : qemu_versions_check (context->supervisor, err);
}

/* Inputs read metadata with this, which may be on another host. */
static struct reader *
open_location (void *data, const struct location *location,
               struct error *err)
{
  struct run *run = data;

  /* --print-source needs nbdkit only for remote metadata. */
  if (run->context.caps == NULL && step_take (run, &step_discover, err) == -1)
    return NULL;
  return remote_reader_new (location, &run->context, err);
}

/* Inputs unpack here what cannot be read in place. */
static const char *
scratch_dir (void *data, struct error *err)
{
  struct run *run = data;

  if (run->scratch == NULL)
    run->scratch = tempdir_new (run->options->settings.overlay_dir,
                                run->context.guard, err);
  return run->scratch != NULL ? tempdir_path (run->scratch) : NULL;
}

/* -on replaces the guest's name everywhere. */
static int
rename_guest (struct run *run, struct error *err)
{
  const char *name = run->options->output.name;

  if (name != NULL && alloc_set (&run->guest->name, name, err) == -1)
    return -1;
  if (run->guest->name[0] != '\0')
    return 0;
  return error_set (err, REASON_USAGE, _("the guest's name is empty: give "
                                         "one with -on NAME"));
}

/* On a terminal people are asked for a password that the source will want, as
 * virt-v2v does; no program is.
 */
static int
find_password (struct run *run, const struct input_request *request,
               struct error *err)
{
  struct options *options = run->options;
  const struct input_ops *input = input_find (options->input_mode);
  CLEANUP_FREE char *who = input->login != NULL
    ? input->login (request, err) : NULL;

  if (error_is_set (err))
    return -1;
  if (options->password != NULL ||
      (!options->ask_password && (who == NULL || options->machine_readable ||
                                  !ask_password_can ())))
    return 0;
  if (ask_password_can ())
    return ask_password (who, run->context.supervisor, &options->password,
                         err);
  error_set (err, REASON_USAGE,
             _("-ip -: there is no terminal to ask for the password on"));
  error_hint (err, _("-ip fd:0 reads it from the standard input"));
  return -1;
}

/* Is it told to anybody which networks the copy is to be on? */
static bool
tells_networks (const struct options *options)
{
  const char *mode = options->output.mode;

  if (options->in_place || options->output.existing)
    return false;
  return mode == NULL || output_describes_guest (mode);
}

/* --print-source prints the source's. */
static int
connect_guest (struct run *run, struct error *err)
{
  struct options *options = run->options;

  if (options->networks.len == 0 || options->action == ACTION_PRINT_SOURCE)
    return 0;
  if (tells_networks (options))
    return network_map_apply (&options->networks, run->guest,
                              run->context.events, err);
  events_say (run->context.events, EVENT_WARNING, -1,
              _("%s has no effect: this run writes nothing about the guest's "
                "networks"), options->networks.ptr[0].option);
  return 0;
}

/* What the user wants of the guest that the copy is. */
static int
adapt_guest (struct run *run, struct error *err)
{
  const struct options *options = run->options;

  run->guest->copy.converted = options->convert != NULL;
  run->guest->copy.bus = options->output.bus;
  return rename_guest (run, err) == -1 ? -1 : connect_guest (run, err);
}

static int
read_guest (struct run *run, struct error *err)
{
  const struct options *options = run->options;
  const bool dry_run = options->action == ACTION_DRY_RUN;
  const bool only_shown = options->action == ACTION_PRINT_SOURCE;
  /* Only disks are unpacked, and these runs open none. */
  const bool unpack = !dry_run && !only_shown;
  struct input_request request = {
    .sources = &options->sources,
    .connect = options->connect,
    .transport = options->transport,
    .format = options->input_format,
    .options = &options->settings.input_options,
    .scratch = unpack ? scratch_dir : NULL,
    .scratch_data = run,
    .scratch_parent = options->settings.overlay_dir,
    .dry_run = dry_run,
    .only_shown = only_shown,
    .supervisor = run->context.supervisor,
    .events = run->context.events,
    .open_location = dry_run ? NULL : open_location,
    .open_data = run,
  };

  if (find_password (run, &request, err) == -1)
    return -1;
  request.password = options->password;
  run->guest = input_read (input_find (options->input_mode), &request, err);
  if (run->guest == NULL)
    return -1;
  if (run->guest->disks.len == 0 && !only_shown)
    return error_set (err, REASON_UNSUPPORTED, _("the guest has no disks"));
  options_tell_unread (options, run->guest, run->context.events);
  if (adapt_guest (run, err) == -1)
    return -1;
  report_guest (run->report, run->guest);
  /* Here, because after a conversion nothing should fail for memory. */
  run->disks = alloc_zero ((run->guest->disks.len + 1) * sizeof *run->disks,
                           err);
  if (run->disks == NULL)
    return -1;
  return dry_run ? 0 :
    source_resolve (run->guest, &options->settings, run->context.supervisor,
                    run->context.events, err);
}

static int
plan (struct run *run, enum plan_use use, struct error *err)
{
  run->plan_use = use;
  run->launch = launch_new (run->guest, use, &run->context, err);
  return run->launch != NULL ? 0 : -1;
}

static int
plan_with_copy (struct run *run, struct error *err)
{
  return plan (run, run->options->convert != NULL ? PLAN_CONVERT_AND_COPY
               : PLAN_COPY, err);
}

static int
plan_without_copy (struct run *run, struct error *err)
{
  return plan (run, PLAN_SERVE, err);
}

/* qemu-img refuses such a source.  It may be what the user wants, for example
 * after a snapshot in the storage.
 */
static void
warn_of_writer (const struct run *run, int index, const char *path,
                const char *writer)
{
  const char *text =
    _("%s is open for writing in another program (%s): what it writes during "
      "the run may or may not be copied");

  if (run->options->action == ACTION_CHECK)
    events_check (run->context.events, index, "source", CHECK_WARNING, text,
                  path, writer);
  else
    events_say (run->context.events, EVENT_WARNING, index, text, path,
                writer);
}

static void
warn_of_writers (const struct run *run)
{
  const struct disks *disks = &run->guest->disks;

  for (size_t i = 0; i < disks->len; i++) {
    const char *path = location_local_path (&disks->ptr[i].location);
    CLEANUP_FREE char *writer = NULL;

    if (path != NULL && image_is_written (path, &writer))
      warn_of_writer (run, (int) i, path, writer != NULL ? writer : "?");
  }
}

/* nbdkit's rate filter opens it again and again, and may do without it. */
static int
check_bandwidth_file (const struct run *run, struct error *err)
{
  const char *path = run->options->settings.bandwidth_file;

  if (path == NULL || infile_check (path, err) == 0)
    return 0;
  error_wrap (err, "--bandwidth-file");
  return -1;
}

/* Does nbdkit find a limit in it? */
static bool
has_limit (const char *path)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_FD int fd = infile_open (path, &ignored);
  char line[64];
  const ssize_t n = fd == -1 ? -1 : read (fd, line, sizeof line - 1);
  uint64_t rate;

  if (n <= 0)
    return false;
  line[n] = '\0';
  line[strcspn (line, "\n")] = '\0';
  return parse_size ("", line, &rate, &ignored) == 0;
}

/* It may be made, or put right, while the run lasts. */
static void
warn_of_bandwidth_file (const struct run *run)
{
  const char *path = run->options->settings.bandwidth_file;
  const char *text =
    _("--bandwidth-file: %s has no limit in it: until it has, nothing is "
      "limited");

  if (path == NULL || has_limit (path))
    return;
  if (run->options->action == ACTION_CHECK)
    events_check (run->context.events, -1, "source", CHECK_WARNING, text,
                  path);
  else
    events_say (run->context.events, EVENT_WARNING, -1, text, path);
}

static int
open_source (struct run *run, struct error *err)
{
  return launch_start (run->launch, err);
}

/* The source has no room for this run: let others have theirs. */
static int
yield_turn (struct run *run, struct error *err)
{
  launch_free (run->launch);
  run->launch = NULL;
  return turn_yield (run->turn, err) == -1 ? -1
    : plan (run, run->plan_use, err);
}

static int
start_servers (struct run *run, struct error *err)
{
  static const struct step step_open_source = {
    open_source, EXIT_STATUS_SOURCE, "open", N_("Opening the source")
  };

  if (check_bandwidth_file (run, err) == -1)
    return -1;
  warn_of_bandwidth_file (run);
  /* Disks that are changed in place are locked by this run. */
  if (!run->options->in_place)
    warn_of_writers (run);
  /* The slots of disks that another launch had open are given back. */
  turn_free (run->turn);
  run->turn = turn_new (run->guest, &run->context, err);
  if (run->turn == NULL)
    return -1;
  while (turn_wait (run->turn, err) == 0) {
    if (step_take (run, &step_open_source, err) == 0)
      return 0;
    if (err->reason != REASON_SESSION_LIMIT ||
        run->options->settings.source_limit == 0 ||
        yield_turn (run, err) == -1)
      return -1;
  }
  return -1;
}

/* qemu-img only sees that its server has gone. */
static void
blame_dead_server (const struct run *run, struct error *err)
{
  CLEANUP_ERROR struct error seen = ERROR_INIT;
  CLEANUP_ERROR struct error death = ERROR_INIT;

  if (err->reason == REASON_INTERRUPTED ||
      (launch_check (run->launch, &death) == 0 &&
       launch_check_names (run->launch, &death) == 0))
    return;
  error_move (&seen, err);
  error_move (err, &death);
  error_detail (err, seen.message);
}

static int
make_overlays (struct run *run, struct error *err)
{
  run->overlays = overlays_new (run->launch, NULL,
                                run->options->convert != NULL &&
                                !run->options->in_place, &run->context, err);
  if (run->overlays != NULL)
    return 0;
  blame_dead_server (run, err);
  return -1;
}

void
run_tell_overlays (const struct run *run)
{
  if (run->overlays != NULL && overlays_dir (run->overlays) != NULL)
    overlays_tell_kept (overlays_dir (run->overlays), &run->context);
}

/* Files that this run reads or writes for another purpose: the guest is not
 * written over its own description, nor a log over the guest.
 */
static int
refuse_paths (const struct run *run, struct error *err)
{
  const struct options *options = run->options;
  const char *const paths[] = {
    options->log, options->report, options->result_file,
    options->status_file
  };
  int r = 0;

  for (size_t i = 0; i < options->sources.len; i++)
    if (output_refuse_path (run->output, options->sources.ptr[i], err) == -1)
      return -1;
  for (size_t i = 0; i < ARRAY_LEN (paths); i++) {
    CLEANUP_ERROR struct error ignored = ERROR_INIT;

    if (paths[i] == NULL ||
        output_refuse_path (run->output, paths[i],
                            r == 0 ? err : &ignored) == 0)
      continue;
    report_leave (run->report, paths[i]);
    r = -1;
  }
  return r;
}

static int
prepare_output (struct run *run, struct error *err)
{
  run->output = output_new (&run->options->output, run->guest,
                            &run->context, err);
  if (run->output == NULL)
    return -1;
  if (output_check (run->output, err) == -1 ||
      refuse_paths (run, err) == -1)
    return -1;
  run->claim = output_claim_new (run->output, err);
  return run->claim != NULL ? 0 : -1;
}

/* --check also looks at the targets of disks that could not be opened: then
 * any size will do.
 */
static int
try_target (const struct run *run, unsigned index, struct error *err)
{
  const bool opened = run->overlays != NULL;

  if (run->options->changed_extents.len > 0 &&
      (!opened || extents_target_check (run->output, run->launch, index,
                                        &run->context, err) == -1))
    return opened ? -1 : 0;
  return output_try_disk (run->output, index, opened
                          ? overlay_size (run->overlays, index) : 0,
                          opened ? launch_dir (run->launch) : NULL,
                          run->options->resume ? OUTPUT_CONTINUE : OUTPUT_NEW,
                          err);
}

/* What the disk certainly holds does not fit where it may not. */
static int
check_room (const struct run *run, unsigned index,
            const struct space_target *target, struct error *err)
{
  const uint64_t room = output_room (run->output, index);
  struct space_estimate estimate;

  if (room == UINT64_MAX)
    return 0;
  if (space_of_disk (target, run->launch, run->overlays, index, room,
                     &run->context, &estimate, err) == -1)
    return -1;
  return space_is_enough (&estimate) || !estimate.certain ? 0
    : output_refuse_room (run->output, index, estimate.needed, err);
}

int
run_check_room (const struct run *run, const struct space_target *target,
                struct error *err)
{
  for (unsigned i = 0; i < run->guest->disks.len; i++)
    if (check_room (run, i, target, err) == -1) {
      err->disk = (int) i;
      return -1;
    }
  return 0;
}

bool
run_may_lack_room (const struct run *run)
{
  for (unsigned i = 0; i < run->guest->disks.len; i++)
    if (output_room (run->output, i) != UINT64_MAX)
      return true;
  return false;
}

/* Problems with targets are found before the conversion, not hours later. */
static int
try_targets (struct run *run, struct error *err)
{
  for (unsigned i = 0; i < run->guest->disks.len; i++) {
    if (try_target (run, i, err) == -1)
      return -1;
    /* --check has a line for it. */
    if (output_caveat (run->output, i) != NULL &&
        run->options->action != ACTION_CHECK)
      events_say (run->context.events, EVENT_WARNING, (int) i, _("%s: %s"),
                  output_target (run->output, i),
                  output_caveat (run->output, i));
  }
  return 0;
}

int
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
report_command (const struct run *run, int status, struct error *err)
{
  if (status > 128)
    error_set (err, REASON_CONVERT,
               _("the --convert command was killed by signal %d (%s)"),
               status - 128, strsignal (status - 128));
  else
    error_set (err, REASON_CONVERT,
               _("the --convert command exited with status %d"), status);
  error_hint (err, run_has_written_target (run)
              ? _("the source is untouched, but what was copied of it is on "
                  "the target; the command's own messages say why it failed")
              : run->extents != NULL
              ? _("the changed extents were copied, but nothing of what the "
                  "command wrote; its own messages say why it failed")
              : _("nothing was copied and the source is untouched; the "
                  "command's own messages say why it failed"));
}

/* A command may not care whether its writes have failed. */
static int
check_full (const struct run *run, struct error *err)
{
  const char *dir = run->options->settings.overlay_dir;
  const bool failed = error_is_set (err);

  if (!overlays_are_full (run->overlays))
    return failed ? -1 : 0;
  error_set (err, REASON_SPACE,
             _("%s has no space left: writes of the --convert command have "
               "probably failed, although it did not report an error"), dir);
  error_add_hint (err, _("the overlay directory is full: name another one "
                         "with --overlay-dir DIR"));
  return -1;
}

/* A record of an earlier run to the same targets is of no use from then on. */
static int
start_ahead (struct run *run, struct error *err)
{
  return run->ahead == NULL ? 0
    : finished_forget (run->finished, err) == -1 ? -1
    : ahead_start (run->ahead, err);
}

static int
convert (struct run *run, struct error *err)
{
  int status, stopped;

  if (overlays_serve (run->overlays, err) == -1 ||
      start_ahead (run, err) == -1 ||
      run_command (run, run->options->convert, &status, err) == -1)
    return -1;
  if (status != 0)
    report_command (run, status, err);
  else
    overlays_await_clients (run->overlays, err);
  /* The command's failure is told first: a dead server may have caused it. */
  stopped = overlays_stop (run->overlays, err);
  if (check_full (run, err) == -1 || stopped == -1)
    return -1;
  /* A program that is left may still read what it is going to write. */
  if (overlays_examine (run->overlays, err) == -1 ||
      overlays_stop_reading (run->overlays, err) == -1)
    return -1;
  return converted_read (overlays_dir (run->overlays), run->guest,
                         run->context.events, err);
}

const struct step
  step_discover = { discover, EXIT_STATUS_HOST, NULL, NULL },
  step_read_guest = { read_guest, EXIT_STATUS_SOURCE, NULL, NULL },
  step_plan = { plan_without_copy, EXIT_STATUS_HOST, NULL, NULL },
  step_plan_with_copy = { plan_with_copy, EXIT_STATUS_HOST, NULL, NULL },
  step_start_servers = { start_servers, EXIT_STATUS_SOURCE, NULL, NULL },
  step_make_overlays = {
    make_overlays, EXIT_STATUS_SOURCE, "overlay",
    N_("Creating an overlay to protect the source")
  },
  step_prepare_output = { prepare_output, EXIT_STATUS_OTHER, NULL, NULL },
  step_try_targets = { try_targets, EXIT_STATUS_OTHER, NULL, NULL },
  step_convert = {
    convert, EXIT_STATUS_CONVERT, "convert", N_("Converting")
  };
