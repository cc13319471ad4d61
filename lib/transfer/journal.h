/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The journal of a copy: which chunks of which disks are on the target's
 * stable storage, and what they were copied from and to.
 *
 * It is a small text file: a line with a magic word, the version and the
 * SHA-256 of what follows; then one JSON object.  file_store writes it and
 * file_remove removes it.
 */

#ifndef V2V_JOURNAL_H
#define V2V_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/argv.h"
#include "copy/blkhash.h"

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

/* All zeroes: an empty one. */
struct journal {
  struct argv facts;            /* KEY=VALUE: what must stay as it is */
  struct journal_disk *disks;
  unsigned n;
};

/* Make room for N disks, nothing of them being stored. */
extern int journal_set_disks (struct journal *, unsigned n,
                              struct error *err);
extern int journal_set_size (struct journal_disk *, uint64_t size,
                             struct error *err);
extern void journal_reset (struct journal *);

/* The value of the fact KEY, or NULL. */
extern const char *journal_fact (const struct journal *, const char *key);
extern int journal_set_fact (struct journal *, const char *key,
                             const char *value, struct error *err);

/* 1: read; 0: there is none; -1: error, or it is damaged. */
extern int journal_read (const char *path, struct journal *ret,
                         struct error *err);
extern int journal_write (const char *path, const struct journal *,
                          struct error *err);

#endif /* V2V_JOURNAL_H */
