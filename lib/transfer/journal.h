/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The journal of a copy: which chunks of the disks are on the target's
 * stable storage, and the facts that must not change until it is complete.
 */

#ifndef V2V_JOURNAL_H
#define V2V_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/argv.h"
#include "copy/blkhash.h"

struct copy_range;
struct copy_ranges;
struct error;

/* A chunk of COPY_CHUNK bytes; the last one may be shorter. */
struct journal_chunk {
  bool stored;                  /* on stable storage */
  bool hashed;                  /* and this is its digest: */
  uint8_t digest[BLKHASH_BYTES];
};

struct journal_disk {
  uint64_t size;                /* bytes */
  struct blkhash *hash;         /* the digests of its copy; or NULL */
  size_t n;
  struct journal_chunk *chunks;
};

/* All zeroes: an empty journal. */
struct journal {
  struct argv facts;            /* as in facts.h */
  struct journal_disk *disks;
  unsigned n;
};

/* Make room for N disks, of which nothing is stored. */
extern int journal_set_disks (struct journal *, unsigned n,
                              struct error *err);
extern int journal_set_size (struct journal_disk *, uint64_t size,
                             struct error *err);
extern void journal_reset (struct journal *);

/* The ranges that are not stored. */
extern int journal_missing (const struct journal_disk *,
                            struct copy_ranges *ret, struct error *err);
/* Mark the chunks that lie completely in the range as stored, with the
 * digests that the disk's hash has of them.
 */
extern void journal_mark (struct journal_disk *, const struct copy_range *);
/* Give the disk's hash the digests of the chunks that are stored; chunks
 * without a digest are not marked as stored any more.
 */
extern void journal_load_digests (struct journal_disk *);
/* The number of chunks that are stored, of all disks. */
extern size_t journal_count (const struct journal *);

/* Read the journal at PATH.  Returns 1; 0 if it does not exist; -1 on errors,
 * for example if it is damaged.
 */
extern int journal_read (const char *path, struct journal *ret,
                         struct error *err);
/* Replace the journal at PATH, as file_replace does.  It is no error if the
 * directory cannot be synced, as on some file systems: the older journal that
 * a power failure could bring back says less, but nothing wrong.  file_remove
 * removes a journal.
 */
extern int journal_write (const char *path, const struct journal *,
                          struct error *err);

#endif /* V2V_JOURNAL_H */
