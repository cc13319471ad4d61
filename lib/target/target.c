/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <config.h>

#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "target/target-internal.h"

/* Requests to zero stay this small: NBD servers refuse larger ones, and
 * devices would be deaf for too long.
 */
#define ZERO_MAX (UINT32_C (32) << 20)

/* A range that a target does not have is our own mistake or a source's lie;
 * either must not reach the storage.
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
target_set_patience (struct target *target, unsigned retries,
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
target_zero (struct target *target, uint64_t len, uint64_t offset,
             struct error *err)
{
  if (check_range (target, len, offset, err) == -1)
    return -1;
  while (len > 0) {
    const uint32_t part = len < ZERO_MAX ? (uint32_t) len : ZERO_MAX;

    if (target->ops->zero (target, part, offset, err) == -1)
      return -1;
    offset += part;
    len -= part;
  }
  return 0;
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

int
target_errno (struct error *err, const char *path)
{
  if (errno == ENOSPC || errno == EDQUOT)
    return error_errno (err, REASON_SPACE, "%s", path);
  return error_errno (err, REASON_WRITE, _("cannot write %s"), path);
}

int
target_fd_write (int fd, const char *path, const void *buf, uint32_t len,
                 uint64_t offset, struct error *err)
{
  const char *p = buf;

  while (len > 0) {
    const ssize_t n = pwrite (fd, p, len, (off_t) offset);

    if (n == -1) {
      if (errno == EINTR)
        continue;
      return target_errno (err, path);
    }
    p += n;
    offset += (uint64_t) n;
    len -= (uint32_t) n;
  }
  return 0;
}

const char target_zeroes[TARGET_ZEROES];

int
target_fd_write_zeroes (int fd, const char *path, uint32_t len,
                        uint64_t offset, struct error *err)
{
  while (len > 0) {
    const uint32_t part = len < TARGET_ZEROES ? len : TARGET_ZEROES;

    if (target_fd_write (fd, path, target_zeroes, part, offset, err) == -1)
      return -1;
    offset += part;
    len -= part;
  }
  return 0;
}

int
target_fd_flush (int fd, const char *path, struct error *err)
{
  return fsync (fd) == -1 ? target_errno (err, path) : 0;
}

/* Ranges on their way to storage: the kernel is asked to begin with one
 * when it is complete, and is waited for only DEPTH ranges later, so that a
 * fast disk is kept busy and a slow one slows us down before the page cache
 * is full of us.
 */
#define DEPTH 4

struct target_settled {
  pthread_mutex_t lock;
  struct range {
    uint64_t offset, len;
  } ring[DEPTH];
  unsigned next;
};

struct target_settled *
target_settled_new (struct error *err)
{
  struct target_settled *settled = calloc (1, sizeof *settled);

  if (settled == NULL) {
    error_nomem (err);
    return NULL;
  }
  pthread_mutex_init (&settled->lock, NULL);
  return settled;
}

void
target_settled_free (struct target_settled *settled)
{
  if (settled == NULL)
    return;
  pthread_mutex_destroy (&settled->lock);
  free (settled);
}

void
target_fd_settle (int fd, struct target_settled *settled, uint64_t len,
                  uint64_t offset)
{
  const struct range range = { offset, len };
  struct range old;

  pthread_mutex_lock (&settled->lock);
  old = settled->ring[settled->next];
  settled->ring[settled->next] = range;
  settled->next = (settled->next + 1) % DEPTH;
  pthread_mutex_unlock (&settled->lock);

  /* Failures are not lost: fsync reports them at the end. */
  sync_file_range (fd, (off_t) offset, (off_t) len, SYNC_FILE_RANGE_WRITE);
  if (old.len == 0)
    return;
  sync_file_range (fd, (off_t) old.offset, (off_t) old.len,
                   SYNC_FILE_RANGE_WAIT_BEFORE|SYNC_FILE_RANGE_WRITE|
                   SYNC_FILE_RANGE_WAIT_AFTER);
  posix_fadvise (fd, (off_t) old.offset, (off_t) old.len,
                 POSIX_FADV_DONTNEED);
}
