/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The journal of a copy: which chunks of the disks are on the target's
 * stable storage, with the digests of what was copied, and the facts that must
 * not change until it is complete.
 */

#ifndef V2V_JOURNAL_H
#define V2V_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/argv.h"
#include "base/file-at.h"
#include "copy/blkhash.h"

struct range;
struct ranges;
struct error;

/* Of COPY_CHUNK bytes; the last one may be shorter. */
struct journal_chunk {
  bool stored;                  /* on stable storage */
  bool saved;                   /* so it is in the journal's file */
};

struct journal_disk {
  uint64_t size;                /* bytes */
  struct blkhash *hash;         /* of its copy; those of stored chunks are in
                                   the journal.  NULL: none are computed */
  size_t n;
  struct journal_chunk *chunks;
};

/* A release that resumes a copy must know what the facts mean. */
enum journal_version {
  JOURNAL_COMMON,               /* that is so since there are journals */
  JOURNAL_WITH_STATE,           /* a fact says whose content is stored */
};

/* All zeroes: an empty journal. */
struct journal {
  struct argv facts;            /* as in facts.h */
  struct journal_disk *disks;
  unsigned n;
  enum journal_version version;
  /* Of the file, as it was read or written last: */
  uint64_t len;                 /* bytes; 0: not known, or none */
  char *saved_facts;            /* or NULL */
};

/* Make room for N disks, of which nothing is stored. */
extern int journal_set_disks (struct journal *, unsigned n,
                              struct error *err);
/* Takes HASH, which may be NULL, also after a failure. */
extern int journal_set_size (struct journal_disk *, uint64_t size,
                             struct blkhash *, struct error *err);
extern void journal_reset (struct journal *);
/* If that is another one, the file is made anew when it is written next. */
extern void journal_set_version (struct journal *, enum journal_version);

/* The ranges that are not stored. */
extern int journal_missing (const struct journal_disk *,
                            struct ranges *ret, struct error *err);
/* Mark the chunks that lie completely in the range as stored. */
extern void journal_mark (struct journal_disk *, const struct range *);
/* Chunk I is not stored any more, and its digest is forgotten. */
extern void journal_forget (struct journal_disk *, size_t i);
/* The number of chunks that are stored, of all disks. */
extern size_t journal_count (const struct journal *);

/*--- journal-file.c ---*/

/* Read the journal.  Returns 1; 0 if there is none, or only that of a
 * copy that was finished; -1 on errors, for example if it is damaged, or with
 * REASON_TARGET_CHANGED if it is no file of ours.
 */
extern int journal_read (struct file_at, struct journal *ret,
                         struct error *err);
/* Bring the file up to date: add what has changed since it was read or
 * written, or make it.  It is on stable storage then, except that a new file
 * may be gone after a power failure if its directory cannot be synced, as on
 * some file systems.  After a failure the file is as it was before, as far as
 * that can be achieved.
 */
extern int journal_write (struct file_at, struct journal *,
                          struct error *err);
/* The copy is finished, or begun again: remove the file.  Afterwards no run
 * resumes it, even after a power failure.
 */
extern int journal_finish (struct file_at, struct journal *,
                           struct error *err);

#endif /* V2V_JOURNAL_H */
