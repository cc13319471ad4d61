/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Shared by qcow2.c, which reads the header, qcow2-end.c, which reads the
 * tables, and the readers of qcow2's relatives.
 */

#ifndef V2V_QCOW2_INTERNAL_H
#define V2V_QCOW2_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

struct error;
struct image;
struct image_ends;
struct image_head;
struct reader;

extern bool qcow_has_magic (const struct image_ends *);
/* Want the header, and a name with LEN bytes at OFFSET (0: none). */
extern int qcow_want_head (const struct image_ends *, uint64_t offset,
                           uint32_t len, struct image_head *ret,
                           struct error *err);
/* Add the backing file, whose name has LEN bytes at OFFSET; 0: none.  What
 * they say is not believed.
 */
extern int qcow_add_backing (struct reader *, uint64_t offset, uint32_t len,
                             struct image *ret, struct error *err);

/* What the header says; nothing of it was checked. */
struct qcow2_layout {
  uint64_t size;                /* of the disk, in bytes */
  unsigned cluster_bits;
  uint64_t l1_offset;
  uint32_t l1_entries;
  uint64_t refcount_offset;
  uint32_t refcount_clusters;
  unsigned refcount_order;
  bool extended;                /* entries of L2 tables have subclusters */
  bool deflated;                /* compressed clusters, by zlib */
  bool data_elsewhere;          /* in another file */
  bool refcounts_lag;           /* they may count too little */
};

/* How much of the file is used (needed), and whether all of it could be
 * checked.
 */
extern int qcow2_find_end (struct reader *, const struct qcow2_layout *,
                           struct image *ret, struct error *err);
/* So much of the file with the data, *END, is used.  All tables are read. */
extern int qcow2_find_end_of_data (struct reader *,
                                   const struct qcow2_layout *,
                                   struct image *ret, uint64_t *end,
                                   struct error *err);

#endif /* V2V_QCOW2_INTERNAL_H */
