/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Compressed clusters of a qcow2 image: each is compressed by itself, by the
 * thread that writes it, and those of one write follow each other byte by
 * byte.
 */

#include <config.h>

#include <stdlib.h>
#include <sys/queue.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/lock.h"
#include "target/qcow2-compressor.h"
#include "target/target-qcow2.h"

/* So many are compressed before they are written. */
#define BATCH 8

/* What a thread needs for it. */
struct packer {
  SLIST_ENTRY (packer) next;
  struct qcow2_compressor *compressor;
  struct {
    uint64_t index;             /* of the cluster */
    uint32_t len;               /* bytes that it takes */
  } packed[BATCH];
  unsigned n;
  uint32_t len;                 /* of all of them */
  unsigned char data[BATCH * QCOW2_CLUSTER];
};

struct qcow2_packers {
  enum target_compression compression;
  pthread_mutex_t lock;
  SLIST_HEAD (, packer) idle;   /* guarded by the lock */
};

struct qcow2_packers *
qcow2_packers_new (enum target_compression compression, struct error *err)
{
  struct qcow2_packers *packers = alloc_zero (sizeof *packers, err);

  if (packers == NULL)
    return NULL;
  packers->compression = compression;
  pthread_mutex_init (&packers->lock, NULL);
  SLIST_INIT (&packers->idle);
  return packers;
}

static void
packer_free (struct packer *packer)
{
  if (packer == NULL)
    return;
  qcow2_compressor_free (packer->compressor);
  free (packer);
}

void
qcow2_packers_free (struct qcow2_packers *packers)
{
  struct packer *packer;

  if (packers == NULL)
    return;
  while ((packer = SLIST_FIRST (&packers->idle)) != NULL) {
    SLIST_REMOVE_HEAD (&packers->idle, next);
    packer_free (packer);
  }
  pthread_mutex_destroy (&packers->lock);
  free (packers);
}

static struct packer *
packer_new (const struct qcow2_packers *packers, struct error *err)
{
  struct packer *packer = alloc_zero (sizeof *packer, err);

  if (packer == NULL)
    return NULL;
  packer->compressor = qcow2_compressor_new (packers->compression, err);
  if (packer->compressor != NULL)
    return packer;
  packer_free (packer);
  return NULL;
}

static struct packer *
take_packer (struct qcow2_packers *packers, struct error *err)
{
  struct packer *packer;

  pthread_mutex_lock (&packers->lock);
  packer = SLIST_FIRST (&packers->idle);
  if (packer != NULL)
    SLIST_REMOVE_HEAD (&packers->idle, next);
  pthread_mutex_unlock (&packers->lock);
  return packer != NULL ? packer : packer_new (packers, err);
}

static void
give_back (struct qcow2_packers *packers, struct packer *packer)
{
  LOCK_SCOPE (&packers->lock);

  SLIST_INSERT_HEAD (&packers->idle, packer, next);
}

static int
write_batch (struct target_qcow2 *qcow2, struct packer *packer,
             struct error *err)
{
  uint64_t host;

  if (packer->n == 0)
    return 0;
  host = qcow2_map_take_bytes (qcow2->map, packer->len);
  if (target_fd_write (&qcow2->base.target, packer->data, packer->len, host,
                       err) == -1)
    return -1;
  for (unsigned i = 0; i < packer->n; i++) {
    const uint32_t len = packer->packed[i].len;

    if (qcow2_map_set_packed (qcow2->map, packer->packed[i].index, host, len,
                              err) == -1)
      return -1;
    host += len;
  }
  packer->n = 0;
  packer->len = 0;
  return 0;
}

/* One that does not become smaller is written as it is. */
static int
add (struct target_qcow2 *qcow2, struct packer *packer, const char *data,
     uint64_t index, struct error *err)
{
  const uint32_t len = qcow2_compress (packer->compressor, data,
                                       packer->data + packer->len);

  if (len == 0)
    return target_qcow2_write_plain (qcow2, data, index, 1, err);
  packer->packed[packer->n].index = index;
  packer->packed[packer->n++].len = len;
  packer->len += len;
  return packer->n == BATCH ? write_batch (qcow2, packer, err) : 0;
}

int
target_qcow2_write_packed (struct target_qcow2 *qcow2, const char *data,
                           uint64_t first, uint64_t n, struct error *err)
{
  struct packer *packer = take_packer (qcow2->packers, err);
  int r = packer != NULL ? 0 : -1;

  for (uint64_t i = 0; r == 0 && i < n; i++)
    r = add (qcow2, packer, data + i * QCOW2_CLUSTER, first + i, err);
  if (r == 0)
    r = write_batch (qcow2, packer, err);
  if (r == 0)
    give_back (qcow2->packers, packer);
  else
    packer_free (packer);
  return r;
}
