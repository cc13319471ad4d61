/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the copy calls for any kind of target.  Arguments are checked here, and
 * the first error is kept; the work is left to the kinds (target-*.c).
 */

#include <config.h>

#include <inttypes.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/lock.h"
#include "target/target.h"
#include "target/target-internal.h"

void
target_init (struct target *target, const struct target_ops *ops,
             uint64_t size, uint32_t granule)
{
  pthread_rwlockattr_t attr;

  *target = (struct target) {
    .ops = ops, .size = size, .granule = granule, .failure = ERROR_INIT };
  pthread_mutex_init (&target->lock, NULL);
  pthread_mutex_init (&target->flushing, NULL);
  pthread_rwlockattr_init (&attr);
  /* One thread or another is always settling, and a flush must come in. */
  pthread_rwlockattr_setkind_np (&attr,
                                 PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
  pthread_rwlock_init (&target->settling, &attr);
  pthread_rwlockattr_destroy (&attr);
}

void
target_reset (struct target *target)
{
  pthread_rwlock_destroy (&target->settling);
  pthread_mutex_destroy (&target->flushing);
  pthread_mutex_destroy (&target->lock);
  error_reset (&target->failure);
}

/*--- The first error. ---*/

int
target_failure (struct target *target, struct error *err)
{
  LOCK_SCOPE (&target->lock);

  return error_is_set (&target->failure)
    ? error_copy (err, &target->failure) : 0;
}

/* R is what an operation returned: keep its error. */
static int
keep_failure (struct target *target, int r, const struct error *err)
{
  LOCK_SCOPE (&target->lock);

  if (r == -1)
    error_copy (&target->failure, err);
  return r;
}

/* A range beyond the end is a bug here or a wrong answer of the source; in
 * either case nothing may be written there.
 */
static int
check_range (const struct target *target, uint64_t len, uint64_t offset,
             struct error *err)
{
  if (offset <= target->size && len <= target->size - offset)
    return 0;
  return error_set (err, REASON_INTERNAL,
                    _("write beyond the end of the target at offset %" PRIu64),
                    offset);
}

void
target_set_retries (struct target *target, unsigned retries,
                    unsigned timeout_s)
{
  target->retries = retries;
  target->timeout_s = timeout_s;
}

unsigned
target_retried (const struct target *target, char *text, size_t size)
{
  snprintf (text, size, "%s", target->first_error);
  return target->retried;
}

bool
target_is_lost (const struct target *target)
{
  return atomic_load (&target->lost);
}

int
target_write (struct target *target, const void *buf, uint32_t len,
              uint64_t offset, struct error *err)
{
  if (check_range (target, len, offset, err) == -1 ||
      target_failure (target, err) == -1)
    return -1;
  return keep_failure (target, target->ops->write (target, buf, len, offset,
                                                   err), err);
}

bool
target_clone (struct target *target, int fd, uint64_t len, uint64_t offset)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;

  return target->ops->clone != NULL &&
    check_range (target, len, offset, &ignored) == 0 &&
    target_failure (target, &ignored) == 0 &&
    target->ops->clone (target, fd, len, offset);
}

int
target_zero (struct target *target, uint32_t len, uint64_t offset,
             struct error *err)
{
  if (check_range (target, len, offset, err) == -1 ||
      target_failure (target, err) == -1)
    return -1;
  return keep_failure (target, target->ops->zero (target, len, offset, err),
                       err);
}

uint32_t
target_granule (const struct target *target)
{
  return target->granule;
}

int
target_settle (struct target *target, uint64_t len, uint64_t offset,
               struct error *err)
{
  int r;

  if (target->ops->settle == NULL)
    return 0;
  if (target_failure (target, err) == -1)
    return -1;
  pthread_rwlock_rdlock (&target->settling);
  r = keep_failure (target, target->ops->settle (target, len, offset, err),
                    err);
  pthread_rwlock_unlock (&target->settling);
  return r;
}

/* A thread that settles may have taken the error that this flush would have
 * met, and not have told it yet.
 */
static void
await_settling (struct target *target)
{
  pthread_rwlock_wrlock (&target->settling);
  pthread_rwlock_unlock (&target->settling);
}

int
target_flush (struct target *target, struct error *err)
{
  LOCK_SCOPE (&target->flushing);

  if (target_failure (target, err) == -1 ||
      keep_failure (target, target->ops->flush (target, err), err) == -1)
    return -1;
  await_settling (target);
  return target_failure (target, err);
}

int
target_finish (struct target *target, struct error *err)
{
  if (target_failure (target, err) == -1)
    return -1;
  return target->ops->finish == NULL ? 0
    : keep_failure (target, target->ops->finish (target, err), err);
}

void
target_interrupt (struct target *target)
{
  if (target->ops->interrupt != NULL)
    target->ops->interrupt (target);
}

void
target_free (struct target *target)
{
  if (target != NULL)
    target->ops->free (target);
}
