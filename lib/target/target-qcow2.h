/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Shared by target-qcow2.c and qcow2-pack.c, which writes what is compressed.
 */

#ifndef V2V_TARGET_QCOW2_H
#define V2V_TARGET_QCOW2_H

#include <pthread.h>
#include <stdint.h>

#include "target/qcow2-map.h"
#include "target/target-internal.h"

struct clusters;
struct qcow2_packers;

struct target_qcow2 {
  struct target_fd base;
  int dir_fd;                   /* of the directory that it is in, or -1 */
  struct qcow2_map *map;
  pthread_mutex_t part_lock;    /* held while a part of a cluster is changed */
  enum target_compression compression;
  struct qcow2_packers *packers; /* NULL: it is not compressed */
  struct clusters *clusters;    /* of which parts have come; compressed only */
  pthread_mutex_t settled_lock;
  uint64_t settled_to;          /* guarded by it */
};

/* Write N whole clusters, as they are. */
extern int target_qcow2_write_plain (struct target_qcow2 *, const char *data,
                                     uint64_t first, uint64_t n,
                                     struct error *err);

/*--- Compressed clusters: qcow2-pack.c. ---*/

extern struct qcow2_packers *qcow2_packers_new (enum target_compression,
                                                struct error *err);
extern void qcow2_packers_free (struct qcow2_packers *); /* NULL is fine */

/* Write N whole clusters, compressed where that makes them smaller. */
extern int target_qcow2_write_packed (struct target_qcow2 *, const char *data,
                                      uint64_t first, uint64_t n,
                                      struct error *err);

#endif /* V2V_TARGET_QCOW2_H */
