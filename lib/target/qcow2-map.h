/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Where the clusters of a qcow2 image are that this program makes: its tables
 * of two levels (L1 and L2), and its clusters that are not taken yet.  All
 * functions may be called by many threads at once, except those that say
 * otherwise.
 *
 * The image has clusters of 64 KiB:
 *
 *   0     the header
 *   1     the table of refcounts, as long as it fits
 *   2     L1, in as many clusters as it needs
 *   then  data and tables of L2, in the order in which they come
 *   last  the refcounts, when all else is there
 */

#ifndef V2V_QCOW2_MAP_H
#define V2V_QCOW2_MAP_H

#include <stdbool.h>
#include <stdint.h>

struct error;
struct qcow2_map;
struct target_fd;

#define QCOW2_CLUSTER_BITS 16
#define QCOW2_CLUSTER (UINT32_C (1) << QCOW2_CLUSTER_BITS)
#define QCOW2_SECTOR 512
#define QCOW2_REFCOUNTS_AT QCOW2_CLUSTER
#define QCOW2_L1_AT (UINT64_C (2) << QCOW2_CLUSTER_BITS)

/* What is true of N clusters of the disk, one after the other. */
struct qcow2_run {
  enum qcow2_kind {
    QCOW2_NOTHING,              /* has no place in the image, and is zero */
    QCOW2_ZEROED,               /* is zero, and may have one */
    QCOW2_DATA,                 /* has one */
    QCOW2_PACKED,               /* is compressed (n is 1) */
  } kind;
  uint64_t n;
  uint64_t host;                /* the offset of their place in the image, in
                                   which they follow each other; 0: none */
};

/* The map of a disk of SIZE bytes in FILE, which it does not own: an empty
 * one.  PACKS: its clusters may be compressed.
 */
extern struct qcow2_map *qcow2_map_new (struct target_fd *file, uint64_t size,
                                        bool packs, struct error *err);
extern void qcow2_map_free (struct qcow2_map *); /* NULL is fine */

/* Of the header. */
extern uint32_t qcow2_map_l1_entries (const struct qcow2_map *);
/* The offset at which L1 ends, and what is written begins. */
extern uint64_t qcow2_map_begin (const struct qcow2_map *);

/* Look at the clusters of the disk from number FIRST on, N at most: RET is how
 * the first of them are.
 */
extern int qcow2_map_find (struct qcow2_map *, uint64_t first, uint64_t n,
                           struct qcow2_run *ret, struct error *err);
/* Take N clusters that follow each other: returns their offset. */
extern uint64_t qcow2_map_take (struct qcow2_map *, uint64_t n);
/* Take LEN bytes for compressed clusters, which may begin anywhere: returns
 * their offset.
 */
extern uint64_t qcow2_map_take_bytes (struct qcow2_map *, uint64_t len);
/* The offset behind all that was taken. */
extern uint64_t qcow2_map_end (struct qcow2_map *);

/* From now on the clusters from number FIRST on are as RUN says.  Data that it
 * gives a place were written there before.
 */
extern int qcow2_map_set (struct qcow2_map *, uint64_t first,
                          const struct qcow2_run *run, struct error *err);
/* Cluster number INDEX has LEN bytes, compressed, at HOST. */
extern int qcow2_map_set_packed (struct qcow2_map *, uint64_t index,
                                 uint64_t host, uint64_t len,
                                 struct error *err);

/* Write the tables, so that with the next fsync all that was set before is on
 * stable storage.
 */
extern int qcow2_map_store (struct qcow2_map *, struct error *err);
/* Write all tables, as they were loaded: where an earlier run's could not be
 * written back they are in the page cache alone.
 */
extern int qcow2_map_store_again (struct qcow2_map *, struct error *err);

/*--- All of the image, while no other thread uses it: qcow2-walk.c. ---*/

/* How often each cluster of the image is used, up to its end.  A cluster of
 * which QCOW2_WHOLE is set is used as a whole, once.
 */
struct qcow2_uses {
  uint16_t *counts;
  uint64_t n;
};
#define QCOW2_WHOLE 0x8000

extern int qcow2_map_count (struct qcow2_map *, struct qcow2_uses *ret,
                            struct error *err);
extern void qcow2_uses_reset (struct qcow2_uses *);

/* Read the tables of an image that an interrupted copy was writing, of which
 * nothing is believed.  Entries for data behind the end of the file, which has
 * FILE_SIZE bytes, are forgotten: a host that lost power may have stored these
 * and not the data, which no journal has then.
 */
extern int qcow2_map_load (struct qcow2_map *, uint64_t file_size,
                           struct error *err);

#endif /* V2V_QCOW2_MAP_H */
