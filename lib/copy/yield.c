/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A copy beside a conversion, whose reads go first: what the copy has asked for
 * stands in their way on the link and in the server.  A link is full with as
 * much in flight as it carries in a round trip; whatever is asked for beyond
 * that waits in a queue, and so does all that others ask for.  The copy sees
 * the queue, because its own requests take longer: it asks for more as long as
 * they take as long as they do when little is asked for, and for less when
 * they take longer (as TCP Vegas and LEDBAT do).  Small requests let others
 * pass between them.
 *
 * It is a pure state machine in place of the tuner's (tune.c); what becomes of
 * its setting is left to job.c.
 */

#include <config.h>

#include <sys/param.h>

#include "copy/yield.h"

#define REQUEST (UINT32_C (256) << 10)
#define WINDOW_FIRST 4
/* With so little in flight nothing waits for the copy's own requests. */
#define WINDOW_FEW 2
#define PERIOD_MS 100           /* the shortest measurement */
/* How much longer than without a queue requests take: while it is less than
 * this the copy asks for more, and with more than that for less.  Times are
 * measured in whole milliseconds.
 */
#define SHORT_QUEUE 1.15
#define LONG_QUEUE 1.3
#define NOISE_MS 1.0
/* Of the window, in percent, while somebody reads: the rest of what the link
 * carries is theirs.
 */
#define HELD_SHARE 60

static struct tune_setting
setting_of (const struct yield *yield, const struct tune *tune, bool held)
{
  const unsigned share = yield->window * (held ? HELD_SHARE : 100) / 100;
  const unsigned window = MAX (share, 1U);
  const unsigned connections = MIN (window, tune->ceiling);

  return (struct tune_setting) {
    .connections = connections,
    .in_flight = MIN ((window + connections - 1) / connections,
                      tune->limits.max_in_flight),
    .request = MAX (MIN (REQUEST, tune->limits.max_request),
                    COPY_REQUEST_MIN),
  };
}

static bool
apply (const struct yield *yield, struct tune *tune, bool held)
{
  const struct tune_setting before = tune->now;

  tune->now = setting_of (yield, tune, held);
  return before.connections != tune->now.connections ||
    before.in_flight != tune->now.in_flight ||
    before.request != tune->now.request;
}

void
yield_begin (struct yield *yield, struct tune *tune)
{
  *yield = (struct yield) { .window = WINDOW_FIRST };
  apply (yield, tune, false);
}

/* More than the connections have room for is never in flight. */
static unsigned
largest_window (const struct tune *tune)
{
  const uint64_t most = tune->memory / REQUEST;
  const unsigned room = tune->ceiling * tune->limits.max_in_flight;

  return MAX (MIN (room, (unsigned) MIN (most, (uint64_t) UINT16_MAX)), 1U);
}

static void
judge (struct yield *yield, const struct tune *tune, double took_ms)
{
  const unsigned some = MAX (yield->window / 4, 1U);

  if (yield->base_ms == 0 || took_ms < yield->base_ms ||
      yield->window <= WINDOW_FEW)
    yield->base_ms = took_ms;
  if (took_ms <= yield->base_ms * SHORT_QUEUE + NOISE_MS)
    yield->window = MIN (yield->window + some, largest_window (tune));
  else if (took_ms > yield->base_ms * LONG_QUEUE + NOISE_MS)
    yield->window = MAX (yield->window - some, 1U);
}

static void
begin_measuring (struct yield *yield, const struct tune_input *in)
{
  yield->from_ms = in->now_ms;
  yield->from_reads = in->reads;
  yield->from_read_ms = in->read_ms;
}

/* Requests that were sent with another setting are not measured: the next
 * measurement begins when they have been answered.
 */
static void
measure (struct yield *yield, const struct tune *tune,
         const struct tune_input *in)
{
  const uint64_t reads = in->reads - yield->from_reads;

  if (yield->from_ms == 0 || in->starved) {
    begin_measuring (yield, in);
    return;
  }
  if (in->now_ms - yield->from_ms < PERIOD_MS ||
      reads < 2 * (uint64_t) yield->window)
    return;
  judge (yield, tune, (double) (in->read_ms - yield->from_read_ms) /
         (double) reads);
  begin_measuring (yield, in);
}

bool
yield_step (struct yield *yield, struct tune *tune,
            const struct tune_input *in, bool held)
{
  if (tune_trouble (tune, in)) {
    yield->window = MIN (yield->window, largest_window (tune));
    apply (yield, tune, held);
    return true;
  }
  measure (yield, tune, in);
  return apply (yield, tune, held);
}

void
yield_end (struct tune *tune, int64_t now_ms)
{
  const struct tune_setting now = tune->now;
  const struct copy_limits limits = tune->limits;
  const unsigned ceiling = tune->ceiling;

  tune_init (tune, &limits, tune->memory, now_ms);
  tune->ceiling = ceiling;
  tune->now.connections = MIN (MAX (tune->now.connections, now.connections),
                               ceiling);
  tune->best = tune->now;
}
