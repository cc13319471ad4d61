/* SPDX-License-Identifier: GPL-2.0-or-later */

/* NBD servers that are to get each cluster whole, and once only: qemu-nbd on
 * a file that is compressed.  clusters.c keeps the parts until then.
 */

#include <config.h>

#include <stdbool.h>
#include <sys/param.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "target/clusters.h"
#include "target/target-nbd.h"

/* A part of a cluster; DATA NULL: zeroes.  Who brings the last part writes. */
static int
add_part (struct target_nbd *nbd, const char *data, uint32_t len,
          uint64_t offset, struct error *err)
{
  const uint32_t size = clusters_size (nbd->clusters);
  CLEANUP_FREE char *whole = NULL;

  if (clusters_add (nbd->clusters, data, len, offset, &whole, err) == -1)
    return -1;
  return whole == NULL ? 0
    : target_nbd_send (nbd, whole, size, offset / size * size, err);
}

/* They are sent as they are, or not at all if they are zero. */
static int
send_whole (struct target_nbd *nbd, const char *data, uint32_t len,
            uint64_t offset, struct error *err)
{
  return data == NULL ? 0 : target_nbd_send (nbd, data, len, offset, err);
}

static uint32_t
first_piece (const struct target_nbd *nbd, uint32_t len, uint64_t offset,
             bool *part)
{
  const uint32_t n = clusters_part (nbd->clusters, len, offset);

  *part = n > 0;
  return *part ? n : len - len % clusters_size (nbd->clusters);
}

int
target_nbd_in_clusters (struct target_nbd *nbd, const char *data,
                        uint32_t len, uint64_t offset, struct error *err)
{
  static const struct target_nbd_pieces clusters = {
    .first = first_piece, .part = add_part, .whole = send_whole };

  return target_nbd_in_pieces (nbd, data, len, offset, &clusters, err);
}

int
target_nbd_whole_clusters (struct target *target, uint32_t cluster,
                           uint64_t size, struct error *err)
{
  struct target_nbd *nbd = (struct target_nbd *) target;

  nbd->max_write = MAX (nbd->max_write / cluster, 1U) * cluster;
  nbd->clusters = clusters_new (cluster, size, err);
  return nbd->clusters != NULL ? 0 : -1;
}
