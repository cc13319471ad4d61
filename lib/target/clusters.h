/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Clusters of which only parts have arrived, for targets that want each
 * cluster whole, and once only: qemu compresses a cluster when it is written,
 * and refuses to write it again.
 */

#ifndef V2V_CLUSTERS_H
#define V2V_CLUSTERS_H

#include <stdint.h>

struct clusters;
struct error;

/* CLUSTER bytes each; the last one of a disk of SIZE bytes may be short. */
extern struct clusters *clusters_new (uint32_t cluster, uint64_t size,
                                      struct error *err);
extern void clusters_free (struct clusters *); /* NULL is fine */

extern uint32_t clusters_size (const struct clusters *);
/* How many of LEN bytes at OFFSET lie in a cluster of which they are only a
 * part.  0: a whole cluster begins here.
 */
extern uint32_t clusters_part (const struct clusters *, uint32_t len,
                               uint64_t offset);

/* Keep a part, which lies in one cluster; DATA NULL: zeroes.  Each byte comes
 * once.  With the last part of a cluster *RET becomes its content, CLUSTER
 * bytes that the caller frees, unless all of it is zero.  Otherwise *RET is
 * NULL.
 */
extern int clusters_add (struct clusters *, const char *data, uint32_t len,
                         uint64_t offset, char **ret, struct error *err);

#endif /* V2V_CLUSTERS_H */
