/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Keeps account of facts and of chunks that are stored.  Writing a journal
 * to its file and reading it is left to journal-file.c.
 */

#include <config.h>

#include <stdlib.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/ranges.h"
#include "copy/disk.h"
#include "transfer/journal.h"

int
journal_set_disks (struct journal *journal, unsigned n, struct error *err)
{
  journal->disks = alloc_zero ((n + 1) * sizeof journal->disks[0], err);
  if (journal->disks == NULL)
    return -1;
  journal->n = n;
  return 0;
}

int
journal_set_size (struct journal_disk *disk, uint64_t size,
                  struct blkhash *hash, struct error *err)
{
  const uint64_t n = size / COPY_CHUNK + (size % COPY_CHUNK != 0);

  blkhash_free (disk->hash);
  disk->hash = hash;
  free (disk->chunks);
  disk->n = 0;
  disk->chunks = calloc ((size_t) n + 1, sizeof disk->chunks[0]);
  if (disk->chunks == NULL)
    return error_nomem (err);
  disk->size = size;
  disk->n = (size_t) n;
  return 0;
}

void
journal_reset (struct journal *journal)
{
  argv_reset (&journal->facts);
  for (unsigned i = 0; i < journal->n; i++) {
    blkhash_free (journal->disks[i].hash);
    free (journal->disks[i].chunks);
  }
  free (journal->disks);
  free (journal->saved_facts);
  *journal = (struct journal) { .n = 0 };
}

void
journal_set_version (struct journal *journal, enum journal_version version)
{
  if (journal->version != version)
    journal->len = 0;
  journal->version = version;
}

/*--- Chunks. ---*/

int
journal_missing (const struct journal_disk *disk, struct ranges *ret,
                 struct error *err)
{
  size_t end;

  ret->len = 0;
  for (size_t i = 0; i < disk->n; i = end + 1) {
    const uint64_t offset = i * COPY_CHUNK;
    uint64_t stop;

    for (end = i; end < disk->n && !disk->chunks[end].stored; end++)
      ;
    if (end == i)
      continue;
    stop = end == disk->n ? disk->size : end * COPY_CHUNK;
    if (ranges_append (ret, (struct range) {
          offset, stop - offset }) == -1)
      return error_nomem (err);
  }
  return 0;
}

void
journal_mark (struct journal_disk *disk, const struct range *range)
{
  const uint64_t end = range->offset + range->len;
  const size_t first = (size_t) ((range->offset + COPY_CHUNK - 1) /
                                 COPY_CHUNK);
  const size_t stop = end == disk->size ? disk->n
                                        : (size_t) (end / COPY_CHUNK);

  for (size_t i = first; i < stop; i++)
    disk->chunks[i] = (struct journal_chunk) { .stored = true };
}

void
journal_forget (struct journal_disk *disk, size_t i)
{
  disk->chunks[i] = (struct journal_chunk) { .stored = false };
  if (disk->hash != NULL)
    blkhash_forget (disk->hash, i);
}

size_t
journal_count (const struct journal *journal)
{
  size_t n = 0;

  for (unsigned i = 0; i < journal->n; i++)
    for (size_t k = 0; k < journal->disks[i].n; k++)
      n += journal->disks[i].chunks[k].stored;
  return n;
}
