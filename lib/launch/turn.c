/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Waits for slots at the hosts of the disks.  Where one host has no room, those
 * at the others are given back, until it has: others read there meanwhile, and
 * no two runs wait for each other.  What a slot is, slots.c knows.
 */

#include <config.h>

#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/events.h"
#include "base/i18n.h"
#include "context.h"
#include "guest/guest.h"
#include "io/slots.h"
#include "io/state-dir.h"
#include "io/supervisor.h"
#include "launch/turn.h"
#include "settings.h"

#define LOOK_EVERY_MS 250
#define TELL_EVERY_MS 1000
/* After the host itself has refused: what others do there will take a while. */
#define FIRST_PAUSE_MS 2000
#define LAST_PAUSE_MS 60000

struct host {
  char *key;
  unsigned disks;
  struct slots *slots;          /* NULL: none */
};

struct turn {
  const struct launch_context *context;
  const struct guest *guest;
  char *dir;
  struct host *hosts;           /* by their keys */
  size_t n;
  int64_t since_ms;             /* when waiting began; 0: it has not */
  int64_t told_ms;
  unsigned refusals;            /* of hosts whose turn it was */
  int pause_ms;
};

/* Below the state directory, whose own files have other names. */
static char *
default_dir (const struct settings *settings, struct error *err)
{
  CLEANUP_FREE char *state = state_dir_open (settings, err);
  CLEANUP_FREE char *dir = state != NULL ? format (err, "%s/limits", state)
                                         : NULL;

  if (dir == NULL) {
    error_hint (err, _("name another directory with --limit-dir DIR"));
    return NULL;
  }
  if (mkdir (dir, 0700) == 0 || errno == EEXIST)
    return STEAL (dir);
  error_errno (err, REASON_WRITE, "%s", dir);
  return NULL;
}

/* Count a disk of this host, which is put where it belongs. */
static int
add_disk (struct turn *turn, const char *key, struct error *err)
{
  size_t i = 0;

  while (i < turn->n && strcmp (turn->hosts[i].key, key) < 0)
    i++;
  if (i == turn->n || strcmp (turn->hosts[i].key, key) != 0) {
    char *copy = alloc_copy (key, err);

    if (copy == NULL)
      return -1;
    memmove (&turn->hosts[i + 1], &turn->hosts[i],
             (turn->n - i) * sizeof *turn->hosts);
    turn->hosts[i] = (struct host) { .key = copy };
    turn->n++;
  }
  turn->hosts[i].disks++;
  return 0;
}

/* Whose slots disk INDEX needs; the caller frees it. */
static char *
key_of (const struct turn *turn, size_t index, struct error *err)
{
  const char *key = turn->context->settings->limit_key;

  return key != NULL && *key != '\0' ? alloc_copy (key, err)
    : location_limited_by (&turn->guest->disks.ptr[index].location, err);
}

static int
add_disks (struct turn *turn, struct error *err)
{
  for (size_t i = 0; i < turn->guest->disks.len; i++) {
    CLEANUP_FREE char *key = key_of (turn, i, err);

    if (key == NULL || add_disk (turn, key, err) == -1)
      return -1;
  }
  return 0;
}

struct turn *
turn_new (const struct guest *guest, const struct launch_context *context,
          struct error *err)
{
  const struct settings *settings = context->settings;
  struct turn *turn = alloc_zero (sizeof *turn, err);

  if (turn == NULL)
    return NULL;
  turn->context = context;
  turn->guest = guest;
  turn->pause_ms = FIRST_PAUSE_MS;
  if (settings->source_limit == 0)
    return turn;
  turn->hosts = alloc_zero ((guest->disks.len + 1) * sizeof *turn->hosts,
                            err);
  turn->dir = settings->limit_dir != NULL
    ? alloc_copy (settings->limit_dir, err) : default_dir (settings, err);
  if (turn->hosts != NULL && turn->dir != NULL &&
      add_disks (turn, err) == 0)
    return turn;
  turn_free (turn);
  return NULL;
}

/* All but those at host KEPT, which may be NULL. */
static void
give_back (struct turn *turn, const struct host *kept)
{
  for (size_t i = 0; i < turn->n; i++)
    if (&turn->hosts[i] != kept) {
      slots_free (turn->hosts[i].slots);
      turn->hosts[i].slots = NULL;
    }
}

void
turn_free (struct turn *turn)
{
  if (turn == NULL)
    return;
  give_back (turn, NULL);
  for (size_t i = 0; i < turn->n; i++)
    free (turn->hosts[i].key);
  free (turn->hosts);
  free (turn->dir);
  free (turn);
}

/* Once a second: programs take a silent run for a dead one.  Others have TAKEN
 * of the slots of KEY.
 */
static void
tell (struct turn *turn, const char *key, unsigned taken)
{
  const unsigned limit = turn->context->settings->source_limit;
  const int64_t now_ms = clock_ms ();

  if (turn->since_ms == 0)
    turn->since_ms = now_ms;
  if (turn->told_ms == 0)
    events_say (turn->context->events, EVENT_MESSAGE, -1,
                _("Waiting for other runs that read from %s (--source-limit "
                  "%u)"), key, limit);
  else if (now_ms - turn->told_ms < TELL_EVERY_MS)
    return;
  turn->told_ms = now_ms;
  events_emit (turn->context->events, &(struct event) {
      .type = EVENT_WAITING, .disk = -1,
      .waiting = { .key = key, .limit = limit, .taken = taken,
                   .seconds = (double) (now_ms - turn->since_ms) / 1000 } });
}

static bool
is_too_late (const struct turn *turn)
{
  const unsigned timeout_s = turn->context->settings->wait_timeout_s;

  return timeout_s > 0 &&
    clock_ms () >= turn->since_ms + (int64_t) timeout_s * 1000;
}

static int
give_up (const struct turn *turn, const char *key, struct error *err)
{
  const struct settings *settings = turn->context->settings;

  error_set (err, REASON_SESSION_LIMIT,
             _("other runs still read from %s after %u seconds, and "
               "--source-limit %u leaves no room for the disks of this "
               "guest"), key, settings->wait_timeout_s,
             settings->source_limit);
  error_hint (err, _("run the same command later, or with a longer "
                     "--wait-timeout"));
  return -1;
}

/* Nothing has changed yet: tell it, and look again a little later. */
static int
wait_more (struct turn *turn, const char *key, unsigned taken,
           struct error *err)
{
  tell (turn, key, taken);
  if (is_too_late (turn))
    return give_up (turn, key, err);
  return supervisor_pause (turn->context->supervisor, LOOK_EVERY_MS, err);
}

/* 1: there is a slot for each of its disks; 0: not yet. */
static int
try_host (struct turn *turn, struct host *host, struct error *err)
{
  int r = -1;

  if (host->slots == NULL)
    host->slots = slots_new (turn->dir, host->key,
                             turn->context->settings->source_limit,
                             host->disks, err);
  if (host->slots != NULL)
    r = slots_try (host->slots, err);
  if (r == -1)
    error_hint (err, _("name another directory with --limit-dir DIR"));
  return r;
}

static int
wait_for (struct turn *turn, struct host *host, struct error *err)
{
  int r;

  do {
    if (wait_more (turn, host->key, slots_taken (host->slots), err) == -1)
      return -1;
    r = try_host (turn, host, err);
  } while (r == 0);
  return r;
}

/* All are tried again after each wait: those that we have say so at once. */
int
turn_wait (struct turn *turn, struct error *err)
{
  size_t i = 0;
  int r;

  while (i < turn->n) {
    struct host *host = &turn->hosts[i++];

    r = try_host (turn, host, err);
    if (r == 0) {
      give_back (turn, host);
      r = wait_for (turn, host, err);
      i = 0;
    }
    if (r == -1) {
      give_back (turn, NULL);
      return -1;
    }
  }
  return 0;
}

/* A host may refuse for ever: without a limit of time, that of --retries is
 * for it, too.
 */
static bool
is_refused_too_often (const struct turn *turn)
{
  const struct settings *settings = turn->context->settings;

  return settings->wait_timeout_s > 0 ? is_too_late (turn)
    : turn->refusals > settings->retries;
}

/* -1 with *err not set: it has taken too long. */
static int
pause_for (struct turn *turn, const char *key, struct error *err)
{
  const int64_t until_ms = clock_ms () + turn->pause_ms;

  while (clock_ms () < until_ms) {
    tell (turn, key, 0);
    if (is_too_late (turn) ||
        supervisor_pause (turn->context->supervisor, LOOK_EVERY_MS, err) == -1)
      return -1;
  }
  if (turn->pause_ms < LAST_PAUSE_MS)
    turn->pause_ms *= 2;
  return 0;
}

int
turn_yield (struct turn *turn, struct error *err)
{
  const size_t disk = err->disk == -1 ? 0 : (size_t) err->disk;
  CLEANUP_ERROR struct error refusal = ERROR_INIT;
  CLEANUP_FREE char *key = NULL;

  give_back (turn, NULL);
  turn->refusals++;
  if (turn->since_ms == 0)
    turn->since_ms = clock_ms ();
  if (is_refused_too_often (turn))
    return -1;
  events_say (turn->context->events, EVENT_INFO, err->disk,
              _("%s: waiting for another turn"), err->message);
  error_move (&refusal, err);
  key = key_of (turn, disk, err);
  if (key != NULL && pause_for (turn, key, err) == 0)
    return 0;
  if (!error_is_set (err))
    error_move (err, &refusal);
  return -1;
}
