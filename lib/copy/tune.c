/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The tuner: finds out by trying with which setting a source is read fastest.
 * One knob after the other is doubled: requests in flight, connections,
 * request size.  What brings more throughput is kept, what does not is taken
 * back; after that nothing is tried for a while, longer each time, until the
 * tuner begins again, because sources and networks change.
 *
 * It is a pure state machine, which gets the time and the counters as input.
 * Starting and ending workers is left to job.c.
 */

#include <config.h>

#include <string.h>
#include <sys/param.h>

#include "copy/tune.h"

#define FIRST_IN_FLIGHT 4
#define GAIN 1.08               /* a smaller gain may be noise */
#define PERIOD_MS 120           /* the shortest measurement */
#define SETTLE_MS 40            /* the shortest wait after a change */
#define CONNECT_MS 3000         /* the longest wait for connections */
#define REST_MIN_MS 2000
#define REST_MAX_MS 60000
#define SLOW_MS 2000            /* longer requests are made smaller */

enum knob { KNOB_IN_FLIGHT, KNOB_CONNECTIONS, KNOB_REQUEST, KNOBS };

/* While one buffer of a connection is written the next read is in flight.
 * Where extents are short reads are short, too, and many must be in flight;
 * if long extents follow, the workers have to wait for memory.
 */
static uint64_t
memory_of (const struct tune *tune, const struct tune_setting *setting)
{
  const uint32_t len = tune->typical_read == 0 ? setting->request
    : MIN (tune->typical_read, setting->request);

  return (uint64_t) setting->connections * (setting->in_flight + 1) * len;
}

/* Make the setting fit into memory. */
static void
fit (const struct tune *tune, struct tune_setting *setting)
{
  while (memory_of (tune, setting) > tune->memory) {
    if (setting->in_flight > 1 && setting->in_flight >= setting->connections)
      setting->in_flight /= 2;
    else if (setting->request > COPY_REQUEST_MIN)
      setting->request /= 2;
    else if (setting->in_flight > 1)
      setting->in_flight /= 2;
    else if (setting->connections > 1)
      setting->connections--;
    else
      return;
  }
}

static uint32_t
clamp (uint32_t value, uint32_t min, uint32_t max)
{
  return value < min ? min : value > max ? max : value;
}

void
tune_init (struct tune *tune, const struct copy_limits *limits,
           size_t memory, int64_t now_ms)
{
  struct copy_limits *l = &tune->limits;

  *tune = (struct tune) { .limits = *limits, .memory = memory };
  l->max_connections = clamp (l->max_connections, 1, COPY_CONNECTIONS_MAX);
  l->max_in_flight = clamp (l->max_in_flight, 1, COPY_IN_FLIGHT_MAX);
  l->max_request = clamp (l->max_request, COPY_REQUEST_MIN, COPY_REQUEST_MAX);
  tune->ceiling = l->max_connections;
  tune->now = (struct tune_setting) {
    .connections = clamp (l->first_connections, 1, l->max_connections),
    .in_flight = MIN (l->max_in_flight, (unsigned) FIRST_IN_FLIGHT),
    .request = clamp (l->first_request, COPY_REQUEST_MIN, l->max_request),
  };
  fit (tune, &tune->now);
  tune->best = tune->now;
  tune->changed_ms = tune->from_ms = now_ms;
  tune->rest_ms = REST_MIN_MS;
}

/* The best setting with one knob turned up.  False: that is not possible. */
static bool
turn_up (const struct tune *tune, unsigned knob, struct tune_setting *ret)
{
  const struct copy_limits *l = &tune->limits;
  unsigned *const values[KNOBS] = {
    &ret->in_flight, &ret->connections, &ret->request };
  const unsigned max[KNOBS] = {
    l->max_in_flight, tune->ceiling, l->max_request };

  *ret = tune->best;
  *values[knob] = MIN (*values[knob] * 2, max[knob]);
  if (memory_of (tune, ret) > tune->memory) {
    if (knob != KNOB_CONNECTIONS)
      return false;
    fit (tune, ret);
  }
  return ret->in_flight > tune->best.in_flight ||
    ret->connections > tune->best.connections ||
    ret->request > tune->best.request;
}

static void
apply (struct tune *tune, const struct tune_setting *setting, int64_t now_ms)
{
  tune->now = *setting;
  tune->changed_ms = now_ms;
  tune->from_ms = 0;            /* measuring begins when it has settled */
}

/* Use SETTING, and try nothing else for a while. */
static void
rest (struct tune *tune, const struct tune_setting *setting, int64_t now_ms)
{
  tune->best = *setting;
  tune->trial = false;
  tune->rest_until_ms = now_ms + tune->rest_ms;
  tune->rest_ms = MIN (tune->rest_ms * 2, REST_MAX_MS);
  apply (tune, setting, now_ms);
}

/* Begin the next trial, or rest. */
static void
next_trial (struct tune *tune, int64_t now_ms)
{
  const struct tune_setting best = tune->best;
  struct tune_setting setting;

  for (; tune->knob < KNOBS; tune->knob++)
    if (turn_up (tune, tune->knob, &setting)) {
      tune->trial = true;
      apply (tune, &setting, now_ms);
      return;
    }
  rest (tune, &best, now_ms);
}

static void
judge (struct tune *tune, double rate, int64_t now_ms)
{
  if (!tune->trial)             /* the rate that a trial has to beat */
    tune->best_rate = rate;
  else if (rate > tune->best_rate * GAIN) {
    tune->best = tune->now;
    tune->best_rate = rate;
  }
  else
    tune->knob++;
  next_trial (tune, now_ms);
}

/* Has the last change taken effect? */
static bool
settled (const struct tune *tune, const struct tune_input *in)
{
  const int64_t since_ms = in->now_ms - tune->changed_ms;

  if (in->connected < tune->now.connections && since_ms < CONNECT_MS)
    return false;
  return since_ms >= MAX (SETTLE_MS, (int64_t) in->latency_ms * 3 / 2);
}

static void
begin_measuring (struct tune *tune, const struct tune_input *in)
{
  tune->from_ms = in->now_ms;
  tune->from_bytes = in->read;
  tune->from_reads = in->reads;
}

/* Twice the mean length, because some reads are longer.  If most reads are as
 * long as the setting allows nothing is known about the next setting.
 */
static void
note_typical_read (struct tune *tune, const struct tune_input *in)
{
  const uint64_t reads = in->reads - tune->from_reads;
  const uint64_t mean = reads == 0 ? UINT32_MAX
    : (in->read - tune->from_bytes) / reads;

  tune->typical_read = mean * 2 >= tune->now.request ? 0
    : MAX ((uint32_t) mean * 2, COPY_REQUEST_MIN);
}

/* While a request takes seconds nobody can see whether the copy proceeds. */
static bool
shrink_slow_requests (struct tune *tune, const struct tune_input *in)
{
  struct tune_setting setting = tune->now;

  if (in->latency_ms < SLOW_MS || setting.request <= COPY_REQUEST_MIN)
    return false;
  setting.request /= 2;
  tune->limits.max_request = setting.request;
  tune->best = setting;
  tune->trial = false;
  apply (tune, &setting, in->now_ms);
  return true;
}

void
tune_refused (struct tune *tune, unsigned connected, int64_t now_ms)
{
  struct tune_setting setting = tune->now;

  /* The connections that exist are used as before; there will be no more. */
  setting.connections = clamp (connected, 1, setting.connections);
  tune->ceiling = MAX (setting.connections, 1U);
  if (tune->best.connections > tune->ceiling)
    tune->best.connections = tune->ceiling;
  if (tune->trial && tune->knob == KNOB_CONNECTIONS)
    tune->knob++;
  apply (tune, &setting, now_ms);
}

void
tune_limit (struct tune *tune, unsigned connections, int64_t now_ms)
{
  tune->limits.max_connections = MAX (connections, 1U);
  tune_refused (tune, connections, now_ms);
}

static void
slow_down (struct tune *tune, int64_t now_ms)
{
  struct tune_setting setting = tune->now;

  if (setting.connections > 1)
    setting.connections /= 2;
  else if (setting.in_flight > 1)
    setting.in_flight /= 2;
  else if (setting.request > COPY_REQUEST_MIN)
    setting.request /= 2;
  rest (tune, &setting, now_ms);
}

bool
tune_trouble (struct tune *tune, const struct tune_input *in)
{
  const bool refused = in->refused != tune->refused;
  const bool read_failed = in->failed_reads != tune->failed_reads;

  tune->refused = in->refused;
  tune->failed_reads = in->failed_reads;
  if (refused)
    tune_refused (tune, in->workers, in->now_ms);
  else if (read_failed)
    slow_down (tune, in->now_ms);
  return refused || read_failed;
}

bool
tune_step (struct tune *tune, const struct tune_input *in)
{
  const struct tune_setting before = tune->now;
  const int64_t period_ms = MAX (PERIOD_MS, (int64_t) in->latency_ms * 3);

  if (tune_trouble (tune, in))
    return true;
  if (!settled (tune, in))
    return false;
  if (shrink_slow_requests (tune, in))
    return true;
  if (tune->from_ms == 0 || in->starved) {
    begin_measuring (tune, in);
    return false;
  }
  if (in->now_ms < tune->rest_until_ms ||
      in->now_ms - tune->from_ms < period_ms || in->read == tune->from_bytes)
    return false;
  if (tune->rest_until_ms != 0) { /* the rest is over: measure, then try */
    tune->rest_until_ms = 0;
    tune->knob = 0;
    tune->ceiling = tune->limits.max_connections;
    begin_measuring (tune, in);
    return false;
  }
  note_typical_read (tune, in);
  judge (tune, (double) (in->read - tune->from_bytes) /
         (double) (in->now_ms - tune->from_ms), in->now_ms);
  return memcmp (&before, &tune->now, sizeof before) != 0;
}
