/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Copies the sources beside a conversion, which waits in the supervisor's loop
 * like everybody else: this copy is called from there by a timer and by its own
 * threads.  A failure stays here: it is told, and the copy after the conversion
 * does what is missing, and fails if that cannot be done.  What holds of it then
 * is left to copied.c.
 */

#include <config.h>

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/events.h"
#include "base/i18n.h"
#include "context.h"
#include "copy/blkhash.h"
#include "copy/copy.h"
#include "io/supervisor.h"
#include "launch/launch.h"
#include "launch/overlay.h"
#include "output/output.h"
#include "settings.h"
#include "target/target.h"
#include "transfer/ahead.h"
#include "transfer/copied.h"
#include "transfer/copying.h"
#include "transfer/resume.h"

/* A conversion that has read something a moment ago will read more. */
#define READS_MS 400
/* So little of the source is copied to its end when the conversion has ended:
 * beginning anew takes as long.
 */
#define LITTLE (UINT64_C (256) << 20)

struct ahead {
  struct transfer transfer;     /* of the sources as they are */
  struct copied *copied;
  const struct launch_context *context;
  struct copying copying;
  struct copy_run *run;         /* NULL: it does not run */
  int timer_fd;
  uint64_t conversion_read;     /* overlays_count_read, */
  int64_t conversion_read_ms;   /* when it has grown last */
  bool after_conversion;
  bool lost_target;             /* a connection to one */
  struct error failure;         /* after that; or none */
};

/*--- Whether it can be done. ---*/

static const char *
obstacle_of_disk (const struct transfer *transfer, unsigned index)
{
  return !launch_disk (transfer->launch, index)->image.plain
    ? _("a disk is an image that is read through qemu")
    : !launch_takes_more (transfer->launch, index)
    ? _("the source takes one reader at a time")
    : NULL;
}

const char *
ahead_obstacle (const struct transfer *transfer)
{
  const char *obstacle = output_write_once (transfer->output);

  if (obstacle == NULL && transfer->skip_unused)
    obstacle = _("what --skip-unused leaves out is known only when the "
                 "conversion has ended");
  for (unsigned i = 0; obstacle == NULL &&
         i < launch_disk_count (transfer->launch); i++)
    obstacle = obstacle_of_disk (transfer, i);
  return obstacle;
}

bool
ahead_is_worth_it (const struct transfer *transfer)
{
  if (!output_makes_files (transfer->output))
    return false;
  for (unsigned i = 0; i < launch_disk_count (transfer->launch); i++)
    if (!launch_disk (transfer->launch, i)->plan.source->remote)
      return false;
  return true;
}

/*--- While it runs. ---*/

static void
stop (struct ahead *ahead)
{
  if (ahead->run == NULL)
    return;
  copy_free (ahead->run);
  ahead->run = NULL;
  supervisor_unwatch (ahead->context->supervisor, ahead->timer_fd);
}

/* After an error of its storage a target may have lost what it had stored. */
static bool
has_lost_target (struct ahead *ahead)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  bool failed = false;

  for (unsigned i = 0; i < ahead->copying.n; i++) {
    struct target *target = ahead->copying.disks[i].target;

    ahead->lost_target |= target != NULL && target_is_lost (target);
    if (target != NULL && target_failure (target, &ignored) == -1)
      failed = true;
  }
  return failed;
}

/* The conversion may need the room: what it frees of the guest's disks is
 * perhaps what did not fit.
 */
static void
give_back_room (struct ahead *ahead)
{
  if (!output_makes_files (ahead->transfer.output))
    return;
  for (unsigned i = 0; i < ahead->copying.n; i++) {
    output_give_back (ahead->transfer.output, i);
    ahead->copying.disks[i].target = NULL;
  }
}

/* As long as the conversion runs it goes on without the copy.  When it has
 * ended this failure is one of the copy's, as any other.
 */
static void
has_failed (struct ahead *ahead, struct error *err)
{
  if (err->reason == REASON_SOURCE_CHANGED || has_lost_target (ahead))
    copied_drop (ahead->copied);
  if (ahead->after_conversion) {
    error_move (&ahead->failure, err);
    return;
  }
  launch_explain (ahead->transfer.launch, err);
  events_say (ahead->context->events, EVENT_INFO, err->disk,
              _("%s; the copy continues after the conversion"),
              err->message);
  if (err->reason == REASON_SPACE)
    give_back_room (ahead);
}

static void
has_ended (struct ahead *ahead, int r, struct error *err)
{
  stop (ahead);
  copying_ended (&ahead->copying, r);
  if (r == -1)
    has_failed (ahead, err);
}

static void
watch_conversion (struct ahead *ahead)
{
  const int64_t now_ms = clock_ms ();
  const uint64_t read = overlays_count_read (ahead->transfer.overlays);

  if (read != ahead->conversion_read)
    ahead->conversion_read_ms = now_ms;
  ahead->conversion_read = read;
  copy_yield (ahead->run, now_ms - ahead->conversion_read_ms < READS_MS
              ? COPY_YIELDS_NOW : COPY_YIELDS_AT_TIMES);
}

/* On a signal the run ends, and may have little time for that. */
static void
go_on (struct ahead *ahead)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  int r;

  if (supervisor_signal (ahead->context->supervisor) != 0) {
    stop (ahead);
    return;
  }
  if (!ahead->after_conversion)
    watch_conversion (ahead);
  r = copy_step (ahead->run, &err);
  if (r != 1)
    has_ended (ahead, r, &err);
}

static void
woken (void *data, short revents __attribute__ ((unused)))
{
  go_on (data);
}

static void
timer_expired (void *data, short revents __attribute__ ((unused)))
{
  struct ahead *ahead = data;
  uint64_t times;

  if (read (ahead->timer_fd, &times, sizeof times) == sizeof times)
    go_on (ahead);
}

/*--- Starting. ---*/

struct ahead *
ahead_new (const struct transfer *transfer,
           const struct launch_context *context,
           struct transfer_disk *disks, struct error *err)
{
  struct ahead *ahead = alloc_zero (sizeof *ahead, err);

  if (ahead == NULL)
    return NULL;
  ahead->timer_fd = -1;
  ahead->failure = (struct error) ERROR_INIT;
  ahead->context = context;
  ahead->copied = transfer->copied;
  ahead->transfer = *transfer;
  ahead->transfer.changed = false;
  ahead->transfer.copied = NULL;
  ahead->transfer.is_source = true;
  if (copying_init (&ahead->copying, &ahead->transfer, context, disks,
                    err) == 0)
    return ahead;
  ahead_free (ahead);
  return NULL;
}

void
ahead_free (struct ahead *ahead)
{
  if (ahead == NULL)
    return;
  stop (ahead);
  copying_reset (&ahead->copying);
  close_if_open (ahead->timer_fd);
  error_reset (&ahead->failure);
  free (ahead);
}

static int
start_timer (struct ahead *ahead, struct error *err)
{
  const struct timespec tick = { .tv_nsec = COPY_TICK_MS * 1000000L };
  const struct itimerspec when = { .it_interval = tick, .it_value = tick };

  ahead->timer_fd = timerfd_create (CLOCK_MONOTONIC,
                                    TFD_NONBLOCK|TFD_CLOEXEC);
  if (ahead->timer_fd == -1 ||
      timerfd_settime (ahead->timer_fd, 0, &when, NULL) == -1)
    return error_errno (err, REASON_INTERNAL, "timerfd");
  return supervisor_watch (ahead->context->supervisor, ahead->timer_fd,
                           POLLIN, timer_expired, ahead, err);
}

/* Without such a file all of a chunk is copied where the conversion has
 * written to it.
 */
static void
keep_blocks (const struct ahead *ahead)
{
  const char *dir = ahead->context->settings->overlay_dir;

  for (unsigned i = 0; i < ahead->copying.n; i++)
    if (ahead->copying.disks[i].hash != NULL)
      blkhash_keep_blocks (ahead->copying.disks[i].hash,
                           open (dir, O_TMPFILE|O_RDWR|O_CLOEXEC, 0600));
}

static bool
same_host (const struct copy_disk *a, const struct copy_disk *b)
{
  return a == b || (a->host != NULL && b->host != NULL &&
                    strcmp (a->host, b->host) == 0);
}

/* The conversion reads all disks at once, each through a connection of its
 * own; those on the same host share its limit.
 */
static unsigned
count_conversions (const struct copying *copying, unsigned index)
{
  unsigned n = 0;

  for (unsigned i = 0; i < copying->n; i++)
    n += same_host (&copying->disks[i], &copying->disks[index]);
  return n;
}

/* Leave a connection for each disk to who reads it through the overlay, or
 * from nbdkit.
 */
static void
leave_connections (const struct copying *copying)
{
  for (unsigned i = 0; i < copying->n; i++) {
    struct copy_limits *limits = &copying->disks[i].limits;
    const unsigned taken = count_conversions (copying, i);

    limits->max_connections = limits->max_connections > taken
      ? limits->max_connections - taken : 1;
  }
}

static int
start (struct ahead *ahead, struct error *err)
{
  struct copying *copying = &ahead->copying;
  const char *obstacle;

  /* Before the copy takes all connections that the source allows. */
  if (overlays_connect (ahead->transfer.overlays, err) == -1)
    return -1;
  copied_begin (ahead->copied);
  if (copying_open (copying, err) == -1)
    return -1;
  /* The server may have asked us to be slow meanwhile. */
  obstacle = ahead_obstacle (&ahead->transfer);
  if (obstacle != NULL)
    return error_set (err, REASON_SESSION_LIMIT, "%s", obstacle);
  copied_hold (ahead->copied);
  keep_blocks (ahead);
  leave_connections (copying);
  ahead->run = copy_begin (copying->disks, copying->n, COPY_PHASE_AHEAD,
                           &copying->hooks, ahead->context,
                           copying->results, err);
  if (ahead->run == NULL)
    return -1;
  ahead->conversion_read = overlays_count_read (ahead->transfer.overlays);
  copy_yield (ahead->run, COPY_YIELDS_AT_TIMES);
  if (start_timer (ahead, err) == 0 &&
      supervisor_watch (ahead->context->supervisor,
                        copy_wake_fd (ahead->run), POLLIN, woken, ahead,
                        err) == 0)
    return 0;
  stop (ahead);
  return -1;
}

int
ahead_start (struct ahead *ahead, struct error *err)
{
  CLEANUP_ERROR struct error failure = ERROR_INIT;

  if (start (ahead, &failure) == 0) {
    events_say (ahead->context->events, EVENT_MESSAGE, -1,
                _("Copying the source meanwhile"));
    return 0;
  }
  if (failure.reason != REASON_INTERRUPTED) {
    has_failed (ahead, &failure);
    return 0;
  }
  error_move (err, &failure);
  return -1;
}

unsigned
ahead_announced (const struct ahead *ahead)
{
  return ahead->copying.announced;
}

static bool
is_over (void *data)
{
  const struct ahead *ahead = data;

  return ahead->run == NULL;
}

bool
ahead_lost_target (const struct ahead *ahead)
{
  return ahead->lost_target;
}

/* The copy that follows knows what the conversion has made zeroes of, and what
 * it has written: that need not be read from the source.
 */
int
ahead_finish (struct ahead *ahead, struct error *err)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;

  ahead->after_conversion = true;
  if (ahead->run != NULL && copy_left (ahead->run) > LITTLE)
    has_ended (ahead, 0, &ignored);
  if (ahead->run != NULL)
    copy_yield (ahead->run, COPY_YIELDS_NOT);
  if (supervisor_wait (ahead->context->supervisor, is_over, ahead,
                       SUPERVISOR_FOREVER, err) != -1) {
    if (!error_is_set (&ahead->failure))
      return 0;
    error_move (err, &ahead->failure);
    return -1;
  }
  /* What is complete is stored by now, so that it can be told. */
  stop (ahead);
  return -1;
}
