/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Clusters of which only parts have arrived, for targets that compress each
 * cluster as a whole.
 */

#ifndef V2V_CLUSTERS_H
#define V2V_CLUSTERS_H

#include <stdbool.h>
#include <stdint.h>

struct clusters;
struct error;

/* QCOW2_CLUSTER bytes each; the last one of a disk of SIZE bytes may be short.
 */
extern struct clusters *clusters_new (uint64_t size, struct error *err);
extern void clusters_free (struct clusters *); /* NULL is fine */

/* Keep a part, which lies in one cluster; DATA NULL: zeroes.  Each byte comes
 * once.  With the last part of a cluster it is *COMPLETE, and *RET becomes its
 * content, QCOW2_CLUSTER bytes that the caller frees, unless all of it is zero.
 * Otherwise *RET is NULL.
 */
extern int clusters_add (struct clusters *, const char *data, uint32_t len,
                         uint64_t offset, char **ret, bool *complete,
                         struct error *err);

/* Are there parts of clusters that are not complete? */
extern bool clusters_pending (struct clusters *);

#endif /* V2V_CLUSTERS_H */
