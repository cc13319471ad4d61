/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Looking for records; write-back-record.h says what they are. */

#ifndef V2V_WRITE_BACK_FIND_H
#define V2V_WRITE_BACK_FIND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/vector.h"
#include "transfer/write-back-json.h"

struct error;
struct write_back;
struct write_back_disk;

DEFINE_VECTOR (struct records, records, struct record);

struct search {
  const struct write_back *wb;  /* for these disks */
  bool finished;                /* of runs that have finished; or else of
                                   those that have not */
  struct records records;       /* that have one of them, valid or not */
  size_t found;                 /* index of a record that decides */
};

/* Read all records of the search's disks. */
extern int search_look (struct search *, struct error *err);
/* 1: one of them, from the index *FROM on, is valid: `found' is the record
 * that decides, and *FROM where to go on.  0: none is.
 */
extern int search_valid (struct search *, size_t *from, struct error *err);
extern void search_reset (struct search *);
#define CLEANUP_SEARCH __attribute__ ((cleanup (search_reset)))

/* Do both have the same name?  Are both the same disk, as far as is known
 * without reading it?
 */
extern bool same_name (const struct write_back_disk *,
                       const struct write_back_disk *);
extern bool same_disk (const struct write_back_disk *,
                       const struct write_back_disk *);

/* Have both the same disks, in the same order and formats? */
extern bool same_disks (const struct write_back *, const struct write_back *);

#endif /* V2V_WRITE_BACK_FIND_H */
