/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Memory for requests, whose sum is limited.  Sizes are powers of two; a
 * buffer that comes back is the first to be used again, while it is still in
 * the processor's cache.  Who gets how much of it is left to the tuner.
 */

#include <config.h>

#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/alloc.h"
#include "base/lock.h"
#include "copy/buffers.h"
#include "copy/limits.h"

#define CLASSES 32

struct idle {
  struct idle *next;
};

struct buffers {
  pthread_mutex_t lock;
  size_t max, total;
  struct idle *idle[CLASSES];   /* by the logarithm of their size */
};

static unsigned
size_class (size_t size)
{
  return (unsigned) __builtin_ctzll (size);
}

struct buffers *
buffers_new (size_t max, struct error *err)
{
  struct buffers *buffers = alloc_zero (sizeof *buffers, err);

  if (buffers == NULL)
    return NULL;
  pthread_mutex_init (&buffers->lock, NULL);
  buffers->max = max;
  return buffers;
}

/* Unmap idle buffers until SIZE more bytes are allowed. */
static bool
make_room (struct buffers *buffers, size_t size)
{
  for (unsigned i = CLASSES; i-- > 0 && buffers->total + size > buffers->max;)
    while (buffers->idle[i] != NULL && buffers->total + size > buffers->max) {
      struct idle *idle = buffers->idle[i];

      buffers->idle[i] = idle->next;
      munmap (idle, (size_t) 1 << i);
      buffers->total -= (size_t) 1 << i;
    }
  return buffers->total + size <= buffers->max;
}

void
buffers_free (struct buffers *buffers)
{
  if (buffers == NULL)
    return;
  make_room (buffers, buffers->max);
  pthread_mutex_destroy (&buffers->lock);
  free (buffers);
}

size_t
buffers_size (size_t len)
{
  size_t size = COPY_REQUEST_MIN;

  while (size < len)
    size *= 2;
  return size;
}

void *
buffers_get (struct buffers *buffers, size_t size)
{
  const unsigned class = size_class (size);
  struct idle *idle;
  void *buf;
  LOCK_SCOPE (&buffers->lock);

  idle = buffers->idle[class];
  if (idle != NULL) {
    buffers->idle[class] = idle->next;
    return idle;
  }
  if (!make_room (buffers, size))
    return NULL;
  buf = mmap (NULL, size, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1,
              0);
  if (buf == MAP_FAILED)
    return NULL;
  buffers->total += size;
  return buf;
}

void
buffers_put (struct buffers *buffers, void *buf, size_t size)
{
  struct idle **first = &buffers->idle[size_class (size)];
  struct idle *idle = buf;
  LOCK_SCOPE (&buffers->lock);

  if (idle == NULL)
    return;
  idle->next = *first;
  *first = idle;
}
