/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Images that find a cluster of the disk through two levels of tables (qcow,
 * qcow2, QED): how much of the file do these tables use?
 */

#ifndef V2V_TABLES_H
#define V2V_TABLES_H

#include <stddef.h>
#include <stdint.h>

struct error;
struct image;
struct reader;
struct tables;

/* What qemu allows for the first level (QCOW_MAX_L1_SIZE). */
#define TABLES_L1_MAX (32 << 20)

/* Of the file, for one entry of the second level. */
struct extent {
  uint64_t end;                 /* of what was allocated; 0: nothing was */
  uint64_t needed;              /* the end of what the disk reads there */
};

struct tables {
  uint64_t disk_size, cluster;  /* in bytes */
  uint64_t l1_offset, l1_entries; /* those that a disk of this size has */
  size_t l2_entries, l2_entry_len;
  /* Where the first level's entry places a table; 0: nowhere. */
  uint64_t (*l2_offset) (const unsigned char *l1_entry);
  /* LENGTH bytes of the disk have this entry.  NULL: no data are in the
   * file.
   */
  struct extent (*extent) (const struct tables *, const unsigned char *entry,
                           uint64_t length);
  /* Find out whether the file has enough of what the entry names, where only
   * the data can tell; if not, raise what is needed.  NULL: they never can.
   */
  int (*measure) (struct reader *, const struct tables *,
                  const unsigned char *entry, struct extent *,
                  struct error *err);
  unsigned l2_max;              /* of these tables, how many may be read where
                                   each read costs a round trip */
};

/* The last cluster of the file that has a use, and how many uses it has.
 * Once that many have been seen, nothing behind it has to be looked for.
 * NULL: not known.
 */
struct last_cluster {
  uint64_t start, end;
  uint64_t uses;                /* 0: not known */
};

/* Find where the part of the file that is used ends (needed).  Where the file
 * ends before that it is enough to have found some use that shows it; where
 * none was found, and not everything was seen, the image is unchecked.
 */
extern int tables_find_end (struct reader *, const struct tables *,
                            const struct last_cluster *, struct image *ret,
                            struct error *err);

/* Find where that part of another file ends, to which all entries of the
 * second level refer.
 */
extern int tables_find_end_elsewhere (struct reader *, const struct tables *,
                                      struct image *ret, uint64_t *end,
                                      struct error *err);

/* The end of LENGTH bytes at OFFSET, which need not be sensible. */
extern uint64_t tables_end_of (uint64_t offset, uint64_t length);

#endif /* V2V_TABLES_H */
