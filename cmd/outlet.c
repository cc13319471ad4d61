/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Writes to a descriptor that may not take everything at once.  What happens
 * when too much waits is the caller's decision.
 */

#include <config.h>

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "outlet.h"

/* What waits for a slow reader. */
#define WAITING_MAX (1 << 20)
/* How often signals are looked for while waiting. */
#define SIGNAL_CHECK_MS 200

/* O_NONBLOCK would apply to all processes that share the open file.  Without
 * it, a pipe that poll calls writable takes PIPE_BUF bytes.
 */
static bool
is_ready (int fd, int timeout_ms)
{
  struct pollfd pollfd = { .fd = fd, .events = POLLOUT };

  return poll (&pollfd, 1, timeout_ms) == 1;
}

/* How much of TEXT the reader takes now; -1: it has gone. */
static ssize_t
offer (int fd, const char *text, size_t len)
{
  size_t taken = 0;

  while (taken < len && is_ready (fd, 0)) {
    const size_t left = len - taken;
    const ssize_t n = write (fd, text + taken,
                             left < PIPE_BUF ? left : PIPE_BUF);

    if (n == -1 && errno == EAGAIN)
      break;
    if (n == -1 && errno != EINTR)
      return -1;
    if (n > 0)
      taken += (size_t) n;
  }
  return (ssize_t) taken;
}

static void
drop_waiting (struct outlet *outlet)
{
  free (outlet->waiting);
  outlet->waiting = NULL;
  outlet->len = 0;
}

static int
offer_waiting (struct outlet *outlet)
{
  ssize_t taken;

  if (outlet->len == 0)
    return 0;
  taken = offer (outlet->fd, outlet->waiting, outlet->len);
  if (taken == -1) {
    drop_waiting (outlet);
    return -1;
  }
  outlet->len -= (size_t) taken;
  memmove (outlet->waiting, outlet->waiting + taken, outlet->len);
  if (outlet->len == 0)
    drop_waiting (outlet);
  return 0;
}

static bool
keep_waiting (struct outlet *outlet, const char *text, size_t len)
{
  char *larger;

  if (len == 0)
    return true;
  larger = realloc (outlet->waiting, outlet->len + len);
  if (larger == NULL)
    return false;
  memcpy (larger + outlet->len, text, len);
  outlet->waiting = larger;
  outlet->len += len;
  return true;
}

enum outlet_result
outlet_put (struct outlet *outlet, const char *text, size_t len)
{
  ssize_t taken = 0;

  if (offer_waiting (outlet) == -1)
    return OUTLET_GONE;
  /* A single line may have any length. */
  if (outlet->len > 0 && len > WAITING_MAX - outlet->len)
    return OUTLET_FULL;
  if (outlet->len == 0)
    taken = offer (outlet->fd, text, len);
  if (taken == -1)
    return OUTLET_GONE;
  return keep_waiting (outlet, text + taken, len - (size_t) taken)
    ? OUTLET_OK : OUTLET_FULL;
}

bool
outlet_has_room (struct outlet *outlet)
{
  offer_waiting (outlet);
  /* A pipe that is read takes more than this at a time. */
  return outlet->len < WAITING_MAX - WAITING_MAX / 32;
}

bool
outlet_is_empty (struct outlet *outlet)
{
  offer_waiting (outlet);
  return outlet->len == 0;
}

static bool
is_asked_to_end (void)
{
  static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
  sigset_t pending;

  if (sigpending (&pending) == -1)
    return false;
  for (size_t i = 0; i < ARRAY_LEN (signals); i++)
    if (sigismember (&pending, signals[i]) == 1)
      return true;
  return false;
}

enum outlet_result
outlet_finish (struct outlet *outlet, unsigned ms)
{
  const int64_t until_ms = clock_ms () + ms;

  while (outlet->len > 0) {
    if (offer_waiting (outlet) == -1)
      return OUTLET_GONE;
    if (outlet->len == 0)
      break;
    if (clock_ms () >= until_ms || is_asked_to_end ()) {
      drop_waiting (outlet);
      return OUTLET_FULL;
    }
    is_ready (outlet->fd, SIGNAL_CHECK_MS);
  }
  return OUTLET_OK;
}

enum outlet_result
outlet_close (struct outlet *outlet, unsigned ms)
{
  const enum outlet_result result = outlet_finish (outlet, ms);

  if (outlet->is_ours)
    close_if_open (outlet->fd);
  *outlet = (struct outlet) OUTLET_INIT (-1);
  return result;
}
