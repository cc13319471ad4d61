/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Asks a source's host, while somebody waits for an answer through nbdkit or
 * libnbd, whether it can be reached.
 */

#include <config.h>

#include "base/clock.h"
#include "guest/location.h"
#include "io/http.h"
#include "launch/reach.h"
#include "source/ops.h"
#include "source/source.h"

/* An unreachable host must be reported within 5 seconds, but some servers
 * are slow.  After this time a connection of our own finds out whether the
 * host answers at all (which takes up to 4 seconds when packets vanish).
 */
#define REACH_AFTER_MS 800

unsigned
reach_port (const struct location *location)
{
  return location->port != 0 ? location->port
                             : source_find (location->kind)->default_port;
}

int
reach_ask (struct reach *reach)
{
  const struct location *location = reach->location;
  int r;

  if (reach->asked || source_find (location->kind)->default_port == 0 ||
      location->host == NULL ||
      clock_ms () < reach->started_ms + REACH_AFTER_MS)
    return 0;
  reach->asked = true;
  r = http_check_endpoint (location->host, reach_port (location),
                           reach->supervisor, &reach->unreachable);
  reach->silent = r == 1;
  return r;
}
