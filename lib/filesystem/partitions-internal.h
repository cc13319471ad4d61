/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the readers of both kinds of tables share. */

#ifndef V2V_PARTITIONS_INTERNAL_H
#define V2V_PARTITIONS_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "filesystem/partitions.h"

#define MBR_SIZE 512
#define MBR_SLOTS 4
/* Of GPT, in the MBR that protects it. */
#define MBR_TYPE_GPT 0xee

/* An entry of an MBR, or of the sectors that are like it in an extended
 * partition.
 */
struct mbr_entry {
  uint8_t flag, type;
  uint32_t start, len;          /* sectors */
};

/* Is MBR one, with at least one entry? */
extern bool mbr_parse (const unsigned char mbr[MBR_SIZE],
                       struct mbr_entry ret[MBR_SLOTS]);
extern int mbr_read (struct reader *disk, const struct mbr_entry *entries,
                     struct partitions *ret, struct error *err);

/* Is there a header in the sector 1 of a disk that has sectors of so many
 * bytes, and is its checksum right?  1: yes; 0: no.
 */
extern int gpt_is_at (struct reader *disk, uint32_t sector,
                      struct error *err);
extern int gpt_read (struct reader *disk, struct partitions *ret,
                     struct error *err);

/* Note why the table is in doubt.  Returns 0, or -1 when there is no memory.
 * The first doubt stays.
 */
extern int partitions_doubt (struct partitions *, struct error *err,
                             const char *fmt, ...)
  __attribute__ ((format (printf, 3, 4)));
/* Read LEN bytes of the table at OFFSET, and note where they are.  Where the
 * disk is shorter it is a doubt, and BUF is not read.
 */
extern int partitions_pread (struct reader *disk, void *buf, size_t len,
                             uint64_t offset, struct partitions *,
                             struct error *err);
/* Add a partition of LEN sectors.  One that is not on the disk is a doubt. */
extern int partitions_add (struct reader *disk, unsigned number,
                           uint64_t start, uint64_t len, struct partitions *,
                           struct error *err);

#endif /* V2V_PARTITIONS_INTERNAL_H */
