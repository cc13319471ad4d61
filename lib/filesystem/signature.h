/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What libblkid says that a volume is. */

#ifndef V2V_SIGNATURE_H
#define V2V_SIGNATURE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/ranges.h"

struct error;
struct reader;

struct signature {
  char *type;                   /* as libblkid calls it: "ext4"; NULL: nothing
                                   that it knows */
  char *table;                  /* the partition table that it sees: "dos";
                                   NULL: none, or one without partitions */
  struct ranges partitions;     /* of this table */
  bool ambivalent;              /* it may be several things */
};

/* Look at VOLUME, whose partition table has sectors of SECTOR bytes and stands
 * in the bytes METADATA (may be NULL).  -1: it cannot be read, or there is no
 * memory.
 */
extern int signature_read (struct reader *volume, uint32_t sector,
                           const struct ranges *metadata,
                           struct signature *ret, struct error *err);
extern void signature_reset (struct signature *);

#define CLEANUP_SIGNATURE __attribute__ ((cleanup (signature_reset)))

#endif /* V2V_SIGNATURE_H */
