/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The partitions of a disk, by its MBR or GPT. */

#ifndef V2V_PARTITIONS_H
#define V2V_PARTITIONS_H

#include <stdint.h>

#include "base/ranges.h"
#include "base/vector.h"

struct error;
struct reader;

enum partition_table { TABLE_NONE, TABLE_MBR, TABLE_GPT };

struct partition {
  unsigned number;              /* as Linux counts them: 2 is sda2, and
                                   logical ones begin with 5 */
  uint64_t offset, len;         /* bytes of the disk */
  const char *why_not;          /* nothing is to be looked for in it, and why
                                   (N_()); NULL: it may be read */
};
DEFINE_VECTOR (struct partition_list, partition_list, struct partition);

struct partitions {
  enum partition_table table;
  uint32_t sector;              /* bytes that the table counts in */
  struct partition_list list;   /* by number; no two overlap, and all are on
                                   the disk */
  struct ranges metadata;       /* bytes of the disk that the table consists
                                   of */
  char *why_not;                /* the table is not certain, and why: nothing
                                   of the disk may be skipped */
};

/* What the disk's table says.  An MBR without a partition is none: there may
 * be a file system behind it, and a boot sector before that.  -1: it cannot be
 * read, or there is no memory.
 */
extern int partitions_read (struct reader *disk, struct partitions *ret,
                            struct error *err);
extern void partitions_reset (struct partitions *);

#define CLEANUP_PARTITIONS __attribute__ ((cleanup (partitions_reset)))

#endif /* V2V_PARTITIONS_H */
