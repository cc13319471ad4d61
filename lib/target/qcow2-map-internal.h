/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Shared by qcow2-map.c, which answers while the image is written, and
 * qcow2-walk.c, which looks at all of it before and afterwards.
 */

#ifndef V2V_QCOW2_MAP_INTERNAL_H
#define V2V_QCOW2_MAP_INTERNAL_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "target/qcow2-map.h"

#define L2_ENTRIES (QCOW2_CLUSTER / sizeof (uint64_t))

/* Bits of entries. */
#define COPIED (UINT64_C (1) << 63) /* used once: it may be written in place */
#define COMPRESSED (UINT64_C (1) << 62)
#define OFFSET_MASK UINT64_C (0x00fffffffffffe00)
#define ZERO UINT64_C (1)
/* Of compressed data: the offset, and how many sectors there are behind the
 * one in which they begin.
 */
#define PACKED_BITS (62 - (QCOW2_CLUSTER_BITS - 8))
#define PACKED_MASK ((UINT64_C (1) << PACKED_BITS) - 1)

struct table {                  /* of L2 */
  uint64_t at;                  /* its offset in the image; 0: none yet */
  uint64_t *entries;            /* of the host's byte order; NULL: they are in
                                   the image alone, or there are none */
  bool dirty;                   /* the image has older ones */
  bool used;                    /* since the last time they were stored */
  bool stored;                  /* once at least: L1 may name it.  It belongs
                                   to who holds `storing' */
};

struct qcow2_map {
  struct target_fd *file;
  uint64_t clusters;            /* of the disk */
  bool packs;                   /* clusters may be compressed */
  pthread_mutex_t storing;      /* held while tables are stored */
  pthread_mutex_t lock;         /* guards all that follows */
  uint64_t next;                /* the first cluster that is not taken */
  uint64_t bytes;               /* where the next compressed cluster goes; it
                                   may be where no cluster is taken */
  uint32_t n;
  struct table *tables;
};

/* Let the entries of table I be in memory, which are all zero if it has none.
 */
extern int qcow2_map_read_table (struct qcow2_map *, uint32_t i,
                                 struct error *err);

/* Read LEN bytes at OFFSET of the image; behind its end there are zeroes. */
extern int qcow2_map_read (const struct qcow2_map *, void *buf, uint32_t len,
                           uint64_t offset, struct error *err);

#endif /* V2V_QCOW2_MAP_INTERNAL_H */
