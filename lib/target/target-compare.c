/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A target that writes nothing, but compares what it gets with the content of
 * an NBD server.  Reporting the difference is left to verify.c.
 */

#include <config.h>

#include <stdlib.h>
#include <sys/param.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/lock.h"
#include "io/nbd-conn.h"
#include "io/wake.h"
#include "target/target.h"
#include "target/target-internal.h"

#define GRANULE 65536
#define PART (UINT32_C (1) << 20)

struct target_compare {
  struct target target;
  struct nbd_handle *h;         /* NULL: a read was interrupted */
  struct wake stop;             /* woken: give up */
  pthread_mutex_t lock;
  char *buf;
  uint64_t first;               /* offset that differs, or UINT64_MAX */
};

/* DATA NULL: zeroes. */
static void
compare_part (struct target_compare *compare, const char *data, uint32_t len,
              uint64_t offset)
{
  for (uint32_t i = 0; i < len; i++)
    if (compare->buf[i] != (data != NULL ? data[i] : 0)) {
      if (offset + i < compare->first)
        compare->first = offset + i;
      return;
    }
}

static int
compare_write (struct target *target, const void *buf, uint32_t len,
               uint64_t offset, struct error *err)
{
  struct target_compare *compare = (struct target_compare *) target;
  struct nbd_wait wait = {
    .wake_fd = compare->stop.fd, .deadline_ms = INT64_MAX };
  const char *data = buf;
  LOCK_SCOPE (&compare->lock);

  while (len > 0) {
    const uint32_t part = MIN (len, PART);

    if (compare->h == NULL ||
        nbd_conn_pread (compare->h, compare->buf, part, offset, &wait,
                        err) == -1) {
      error_set (err, REASON_VERIFY, "%s", nbd_conn_reason ());
      nbd_conn_drop (&compare->h);
      return -1;
    }
    compare_part (compare, data, part, offset);
    offset += part;
    len -= part;
    if (data != NULL)
      data += part;
  }
  return 0;
}

static int
compare_zero (struct target *target, uint32_t len, uint64_t offset,
              struct error *err)
{
  return compare_write (target, NULL, len, offset, err);
}

static int
compare_flush (struct target *target __attribute__ ((unused)),
               struct error *err __attribute__ ((unused)))
{
  return 0;
}

static void
compare_interrupt (struct target *target)
{
  wake_up (&((struct target_compare *) target)->stop);
}

static void
compare_free (struct target *target)
{
  struct target_compare *compare = (struct target_compare *) target;

  nbd_close (compare->h);
  wake_reset (&compare->stop);
  pthread_mutex_destroy (&compare->lock);
  target_reset (target);
  free (compare->buf);
  free (compare);
}

static const struct target_ops compare_ops = {
  .write = compare_write,
  .zero = compare_zero,
  .interrupt = compare_interrupt,
  .flush = compare_flush,
  .free = compare_free,
};

struct target *
target_compare_new (const char *uri, uint64_t size, struct error *err)
{
  struct target_compare *compare = alloc_zero (sizeof *compare, err);
  struct nbd_wait wait = { .wake_fd = -1 };

  if (compare == NULL)
    return NULL;
  wait.deadline_ms = clock_ms () + nbd_conn_timeout_ms (0);
  target_init (&compare->target, &compare_ops, size, GRANULE);
  pthread_mutex_init (&compare->lock, NULL);
  compare->first = UINT64_MAX;
  compare->buf = alloc_zero (PART, err);
  if (wake_init (&compare->stop, err) == 0 && compare->buf != NULL) {
    wait.wake_fd = compare->stop.fd;
    compare->h = nbd_conn_open (uri, NULL, &wait, err);
  }
  if (compare->h != NULL)
    return &compare->target;
  compare_free (&compare->target);
  return NULL;
}

uint64_t
target_compare_first (const struct target *target)
{
  return ((const struct target_compare *) target)->first;
}
