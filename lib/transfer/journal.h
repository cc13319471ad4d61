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
  size_t n;
  struct journal_chunk *chunks;
};

/* All zeroes: an empty journal. */
struct journal {
  struct argv facts;            /* KEY=VALUE */
  struct journal_disk *disks;
  unsigned n;
};

/* Make room for N disks, of which nothing is stored. */
extern int journal_set_disks (struct journal *, unsigned n,
                              struct error *err);
extern int journal_set_size (struct journal_disk *, uint64_t size,
                             struct error *err);
extern void journal_reset (struct journal *);

/* The value of the fact KEY, or NULL. */
extern const char *journal_fact (const struct journal *, const char *key);
extern int journal_set_fact (struct journal *, const char *key,
                             const char *value, struct error *err);

/* The ranges that are not stored. */
extern int journal_missing (const struct journal_disk *,
                            struct copy_ranges *ret, struct error *err);
/* Mark the chunks that lie completely in the range as stored, with the
 * digests that HASH (may be NULL) has of them.
 */
extern void journal_mark (struct journal_disk *, const struct copy_range *,
                          const struct blkhash *hash);
/* Give HASH the digests of the chunks that are stored; chunks without a
 * digest are not marked as stored any more.
 */
extern void journal_load_digests (struct journal_disk *, struct blkhash *hash);
/* The number of chunks that are stored, of all disks. */
extern size_t journal_count (const struct journal *);

#endif /* V2V_JOURNAL_H */
