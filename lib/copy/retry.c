/* SPDX-License-Identifier: GPL-2.0-or-later */

/* How often, when and how failed connections and failed reads of the source
 * are tried again.  Pauses are left to the callers and, for reads, to the
 * queue; the retry of a failed write is left to target-nbd.c.
 */

#include <config.h>

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/param.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/lock.h"
#include "copy/queue.h"
#include "copy/retry.h"
#include "copy/run.h"

/* With five retries, the default, a server may take 20 s to restart. */
#define PAUSE_MS 1000

int
retry_pause_ms (unsigned attempts)
{
  return clock_backoff_ms (attempts, PAUSE_MS, RETRY_PAUSE_MAX_MS);
}

void
retry_note (struct copy_job *job, const char *fmt, ...)
{
  struct copy_run *run = job->run;
  char *first = job->result->first_error;
  LOCK_SCOPE (&run->lock);
  va_list args;

  va_start (args, fmt);
  vsnprintf (run->remark, sizeof run->remark, fmt, args);
  va_end (args);
  run->remark_disk = job->disk->index;
  if (first[0] == '\0') {
    memcpy (first, run->remark, COPY_FIRST_ERROR);
    first[COPY_FIRST_ERROR - 1] = '\0';
  }
  atomic_fetch_add (&job->counters.retries, 1);
}

static int
give_up (const struct request *request, int errnum, struct error *err)
{
  errno = errnum;
  error_errno (err, errnum == ETIMEDOUT ? REASON_STALLED : REASON_READ,
               _("cannot read %" PRIu32 " bytes at offset %" PRIu64),
               request->len, request->offset);
  if (errnum == ETIMEDOUT)
    error_hint (err, _("give the source more time with --stall-timeout "
                       "SECONDS, or more attempts with --retries N"));
  return -1;
}

/* The source refuses, and waiting will not change its mind.  EINVAL is not one
 * of these: nbdkit says it for all errors that NBD has no number for, such as
 * a connection that was lost.
 */
static bool
is_refusal (int errnum)
{
  return errnum == EPERM || errnum == EOVERFLOW || errnum == EOPNOTSUPP;
}

int
retry_read (struct copy_job *job, const struct request *failed, int errnum,
            struct error *err)
{
  struct request request = *failed;
  const bool refused = is_refusal (errnum);

  if (request.attempts >= job->run->settings->retries ||
      (refused && request.len <= COPY_REQUEST_MIN))
    return give_up (&request, errnum, err);
  retry_note (job, _("cannot read %" PRIu32 " bytes at offset %" PRIu64 ", "
                     "trying again: %s"),
              request.len, request.offset, strerror (errnum));
  /* Some servers refuse large requests, some with any error. */
  if (refused)
    request.max_len = COPY_REQUEST_MIN;
  else if (request.attempts > 0)
    request.max_len = MAX (request.len / 2, COPY_REQUEST_MIN);
  atomic_fetch_add (&job->counters.failed_reads, 1);
  copy_map_retried (&job->map, request.offset);
  request.not_before_ms = clock_ms () +
    (refused ? 0 : retry_pause_ms (request.attempts));
  request.attempts++;
  return queue_put_back (job->queue, &request, err);
}
