/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Gathers the parts of clusters.  The engine cuts its requests where data and
 * holes, overlay and base meet, which may be anywhere in a cluster; as it
 * works along the disk, few clusters are incomplete at any time.  Writing what
 * is whole is left to target-qcow2.c.
 */

#include <config.h>

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>
#include <sys/queue.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/lock.h"
#include "target/clusters.h"
#include "target/qcow2-map.h"

struct cluster {
  LIST_ENTRY (cluster) next;
  uint64_t offset;
  uint32_t left;                /* bytes that have not arrived */
  char *data;                   /* NULL: zeroes so far */
};

struct clusters {
  uint64_t disk_size;
  pthread_mutex_t lock;
  LIST_HEAD (, cluster) list;   /* guarded by the lock */
};

struct clusters *
clusters_new (uint64_t size, struct error *err)
{
  struct clusters *clusters = alloc_zero (sizeof *clusters, err);

  if (clusters == NULL)
    return NULL;
  clusters->disk_size = size;
  pthread_mutex_init (&clusters->lock, NULL);
  LIST_INIT (&clusters->list);
  return clusters;
}

static void
cluster_free (struct cluster *cluster)
{
  free (cluster->data);
  free (cluster);
}

void
clusters_free (struct clusters *clusters)
{
  struct cluster *cluster;

  if (clusters == NULL)
    return;
  while ((cluster = LIST_FIRST (&clusters->list)) != NULL) {
    LIST_REMOVE (cluster, next);
    cluster_free (cluster);
  }
  pthread_mutex_destroy (&clusters->lock);
  free (clusters);
}

/* The cluster at OFFSET, which is made when its first part arrives. */
static struct cluster *
find_or_make (struct clusters *clusters, uint64_t offset, struct error *err)
{
  const uint64_t to_end = clusters->disk_size - offset;
  struct cluster *cluster;

  LIST_FOREACH (cluster, &clusters->list, next)
    if (cluster->offset == offset)
      return cluster;
  cluster = alloc_zero (sizeof *cluster, err);
  if (cluster == NULL)
    return NULL;
  cluster->offset = offset;
  cluster->left = (uint32_t) MIN (to_end, (uint64_t) QCOW2_CLUSTER);
  LIST_INSERT_HEAD (&clusters->list, cluster, next);
  return cluster;
}

int
clusters_add (struct clusters *clusters, const char *data, uint32_t len,
              uint64_t offset, char **ret, bool *complete, struct error *err)
{
  const uint32_t into = (uint32_t) (offset % QCOW2_CLUSTER);
  struct cluster *cluster;
  LOCK_SCOPE (&clusters->lock);

  *ret = NULL;
  *complete = false;
  cluster = find_or_make (clusters, offset - into, err);
  if (cluster == NULL)
    return -1;
  if (data != NULL && cluster->data == NULL) {
    cluster->data = alloc_zero (QCOW2_CLUSTER, err);
    if (cluster->data == NULL)
      return -1;
  }
  if (data != NULL)
    memcpy (cluster->data + into, data, len);
  cluster->left -= MIN (len, cluster->left);
  if (cluster->left > 0)
    return 0;
  *complete = true;
  *ret = STEAL (cluster->data);
  LIST_REMOVE (cluster, next);
  cluster_free (cluster);
  return 0;
}

bool
clusters_pending (struct clusters *clusters)
{
  LOCK_SCOPE (&clusters->lock);

  return !LIST_EMPTY (&clusters->list);
}
