/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the copy calls for any kind of target.  Arguments are checked here; the
 * work is left to the kinds (target-*.c).
 */

#include <config.h>

#include <inttypes.h>
#include <stdio.h>

#include "base/error.h"
#include "base/i18n.h"
#include "target/target.h"
#include "target/target-internal.h"

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
  if (check_range (target, len, offset, err) == -1)
    return -1;
  return target->ops->write (target, buf, len, offset, err);
}

int
target_zero (struct target *target, uint32_t len, uint64_t offset,
             struct error *err)
{
  if (check_range (target, len, offset, err) == -1)
    return -1;
  return target->ops->zero (target, len, offset, err);
}

uint32_t
target_granule (const struct target *target)
{
  return target->granule;
}

void
target_settle (struct target *target, uint64_t len, uint64_t offset)
{
  if (target->ops->settle != NULL)
    target->ops->settle (target, len, offset);
}

int
target_flush (struct target *target, struct error *err)
{
  return target->ops->flush (target, err);
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
