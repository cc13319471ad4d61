/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A volume group, as its text describes it. */

#ifndef V2V_LVM_GROUP_H
#define V2V_LVM_GROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "filesystem/lvm-label.h"
#include "filesystem/lvm-text.h"

struct error;
struct lvm_pv;
struct lvm_volumes;
struct reader;

/* A physical volume that was found. */
struct lvm_member {
  const struct lvm_pv *pv;
  struct lvm_label label;       /* all zeroes, if it has none */
  char *why_not;                /* a doubt about it, or NULL */
  size_t group;                 /* lvm.c's: that it is in; 0: none */
};

/* What members there are, in the order of their UUIDs. */
struct lvm_members {
  struct lvm_member *ptr;
  size_t n;
};

/* NULL: there is none with this UUID. */
extern struct lvm_member *lvm_members_find (const struct lvm_members *,
                                            const char uuid[LVM_UUID_LEN]);

struct lvm_group {
  const struct lvm_text *text;
  const struct lvm_node *node;  /* its section */
  char uuid[LVM_UUID_LEN];
  uint64_t seqno;
  uint64_t extent_size;         /* bytes */
  const struct lvm_node *const *pvs, *const *lvs; /* sections */
  size_t n_pvs, n_lvs;
};

/* TEXT is borrowed.  What is not as LVM2 writes it, and what keeps a group
 * from being used by one host alone, sets *WHY_NOT, which the caller frees.
 * node, uuid and seqno are set even then, if they are found (else node is
 * NULL), and so are the physical volumes.  -1: no memory.
 */
extern int lvm_group_open (const struct lvm_text *text, struct lvm_group *ret,
                           char **why_not, struct error *err);

/* Append the visible volumes of GROUP to RET, unless there is a doubt, which
 * is *WHY_NOT then.  -1: no memory.
 */
extern int lvm_group_volumes (const struct lvm_group *group,
                              const struct lvm_members *members,
                              struct reader *const *disks,
                              struct lvm_volumes *ret, char **why_not,
                              struct error *err);

#endif /* V2V_LVM_GROUP_H */
