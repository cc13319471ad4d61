/* SPDX-License-Identifier: GPL-2.0-or-later */

/* How fast a server may be asked that counts requests.  Who opens or reads
 * something tries again when the pace has become slower.
 */

#include <config.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/events.h"
#include "base/i18n.h"
#include "context.h"
#include "io/supervisor.h"
#include "launch/pace.h"
#include "launch/plan.h"

/* Servers that limit how many requests come in a second (nginx's limit_req
 * without burst) refuse the one that follows too soon, and nbdkit's HEAD and
 * first GET follow each other within milliseconds.  With this time between all
 * requests, one after the other, 10 or 1 in a second, or 30 in a minute pass.
 * nbdkit asks again by itself (the retry filter does), but always twice.
 */
bool
pace_slow_down (struct plan *plan, const struct launch_context *context,
                struct error *err)
{
  static const unsigned paces_ms[] = { 250, 1250, 3000 };

  if (err->reason != REASON_SESSION_LIMIT || !plan->source->counts_requests)
    return false;
  for (size_t i = 0; i < ARRAY_LEN (paces_ms); i++) {
    if (paces_ms[i] <= plan->pace_ms)
      continue;
    plan->pace_ms = paces_ms[i];
    plan->limits.first_connections = plan->limits.max_connections = 1;
    plan->limits.max_in_flight = 1;
    plan->limits.first_request = plan->limits.max_request;
    events_say (context->events, EVENT_INFO, plan->disk,
                _("%s; trying again with %u ms between requests"),
                err->message, paces_ms[i]);
    error_reset (err);
    return supervisor_pause (context->supervisor, (int) paces_ms[i],
                             err) == 0;
  }
  return false;
}

int
pace_keep (const struct plan *plan, const struct launch_context *context,
           struct error *err)
{
  return plan->pace_ms == 0 ? 0
    : supervisor_pause (context->supervisor, (int) plan->pace_ms, err);
}
