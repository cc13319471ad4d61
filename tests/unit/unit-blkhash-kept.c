/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Digests of blocks that are kept in a file: a chunk of which some blocks are
 * added again has the digest of its new content, and so has the whole disk.
 */

#include <config.h>

#undef NDEBUG
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/ranges.h"
#include "copy/blkhash.h"
#include "copy/disk.h"

#define BLOCK ((uint64_t) BLKHASH_BLOCK)
/* Three chunks: data, zeroes, and two blocks, the second one of which is not
 * whole.
 */
#define SIZE (2 * COPY_CHUNK + BLOCK + 1000)
#define CHUNKS 3

static char data[BLKHASH_BLOCK], other[BLKHASH_BLOCK];

static void
add (struct blkhash *hash, const char *buf, uint64_t len, uint64_t offset)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;

  assert (blkhash_add (hash, buf, len, offset, &err) == 0);
}

/* All of it; where OFFSET is not UINT64_MAX, with other data in this block. */
static void
add_all (struct blkhash *hash, uint64_t offset)
{
  const uint64_t zeroes = COPY_CHUNK;

  for (uint64_t at = 0; at < SIZE; at += BLOCK) {
    const uint64_t len = at + BLOCK <= SIZE ? BLOCK : SIZE - at;

    if (at == zeroes && (offset < zeroes || offset >= 2 * COPY_CHUNK)) {
      add (hash, NULL, COPY_CHUNK, at);
      at += COPY_CHUNK - BLOCK;
    }
    else if (at == offset)
      add (hash, other, len, at);
    else
      add (hash, at >= zeroes && at < 2 * COPY_CHUNK ? NULL : data, len, at);
  }
}

static struct blkhash *
new_hash (enum blkhash_kind kind, bool whole, bool keeps)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  struct blkhash *hash = blkhash_new (SIZE, kind, whole, &err);
  FILE *fp = keeps ? tmpfile () : NULL;

  assert (hash != NULL && (fp != NULL || !keeps));
  if (keeps)
    blkhash_keep_blocks (hash, dup (fileno (fp)));
  if (fp != NULL)
    fclose (fp);
  return hash;
}

static void
reopen (struct blkhash *hash, size_t chunk, uint64_t again)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;

  blkhash_forget (hash, chunk);
  assert (blkhash_chunk (hash, chunk) == NULL);
  assert (blkhash_has_blocks (hash, chunk));
  assert (blkhash_reopen (hash, chunk, again, &err) == 0);
  assert (blkhash_chunk (hash, chunk) == NULL);
}

static void
expect_same (const struct blkhash *a, const struct blkhash *b)
{
  for (size_t i = 0; i < CHUNKS; i++) {
    assert (blkhash_chunk (a, i) != NULL && blkhash_chunk (b, i) != NULL);
    assert (memcmp (blkhash_chunk (a, i), blkhash_chunk (b, i),
                    sizeof (struct blkhash_chunk)) == 0);
  }
}

static void
expect_same_whole (struct blkhash *a, struct blkhash *b)
{
  char x[BLKHASH_HEX], y[BLKHASH_HEX];

  assert (blkhash_whole (a, x) && blkhash_whole (b, y));
  assert (strcmp (x, y) == 0);
}

/* One block, in data, zeroes, or at the end, becomes another one. */
static void
test_again (enum blkhash_kind kind, uint64_t offset)
{
  const bool whole = kind == BLKHASH_SHA256;
  const uint64_t len = offset + BLOCK <= SIZE ? BLOCK : SIZE - offset;
  struct blkhash *kept = new_hash (kind, whole, true);
  struct blkhash *new = new_hash (kind, whole, false);

  add_all (kept, UINT64_MAX);
  add_all (new, offset);
  reopen (kept, (size_t) (offset / COPY_CHUNK), len);
  add (kept, other, len, offset);
  expect_same (kept, new);
  if (whole)
    expect_same_whole (kept, new);
  /* And back again: the new digests are kept, too. */
  blkhash_free (new);
  new = new_hash (kind, whole, false);
  add_all (new, UINT64_MAX);
  reopen (kept, (size_t) (offset / COPY_CHUNK), len);
  add (kept, offset / COPY_CHUNK == 1 ? NULL : data, len, offset);
  expect_same (kept, new);
  if (whole)
    expect_same_whole (kept, new);
  blkhash_free (kept);
  blkhash_free (new);
}

/* All of a chunk comes again, in pieces. */
static void
test_all_again (enum blkhash_kind kind)
{
  struct blkhash *kept = new_hash (kind, false, true);
  struct blkhash *new = new_hash (kind, false, false);

  add_all (kept, UINT64_MAX);
  add_all (new, UINT64_MAX);
  reopen (kept, 2, SIZE - 2 * COPY_CHUNK);
  add (kept, data, 500, SIZE - 1000);
  add (kept, data, BLOCK, 2 * COPY_CHUNK);
  assert (blkhash_chunk (kept, 2) == NULL);
  add (kept, data + 500, 500, SIZE - 500);
  expect_same (kept, new);
  blkhash_free (kept);
  blkhash_free (new);
}

/* Without a file, or for what an earlier run has stored, there is nothing. */
static void
test_not_kept (enum blkhash_kind kind)
{
  struct blkhash *hash = new_hash (kind, false, false);
  struct blkhash *kept = new_hash (kind, false, true);

  blkhash_keep_blocks (hash, -1);
  add_all (hash, UINT64_MAX);
  add_all (kept, UINT64_MAX);
  for (size_t i = 0; i < CHUNKS; i++) {
    assert (!blkhash_has_blocks (hash, i) && blkhash_has_blocks (kept, i));
    blkhash_set_chunk (kept, i, blkhash_chunk (hash, i));
    assert (!blkhash_has_blocks (kept, i));
  }
  blkhash_free (hash);
  blkhash_free (kept);
}

/* The digest of the whole needs all chunks. */
static void
test_whole (void)
{
  struct blkhash *kept = new_hash (BLKHASH_SHA256, true, true);
  struct blkhash *new = new_hash (BLKHASH_SHA256, true, false);
  char hex[BLKHASH_HEX];

  add_all (kept, UINT64_MAX);
  reopen (kept, 0, BLOCK);
  assert (!blkhash_whole (kept, hex));
  add (kept, data, BLOCK, 0);
  add_all (new, UINT64_MAX);
  expect_same_whole (kept, new);
  blkhash_set_chunk (kept, 0, blkhash_chunk (kept, 0));
  assert (!blkhash_whole (kept, hex));
  blkhash_free (kept);
  blkhash_free (new);
}

int
main (void)
{
  static const uint64_t offsets[] = {
    0, COPY_CHUNK - BLOCK, COPY_CHUNK, COPY_CHUNK + 7 * BLOCK,
    2 * COPY_CHUNK, 2 * COPY_CHUNK + BLOCK,
  };

  for (size_t i = 0; i < sizeof data; i++) {
    data[i] = (char) (i * i >> 7 ^ i);
    other[i] = (char) (data[i] + 1);
  }
  for (unsigned kind = BLKHASH_XXH3; kind <= BLKHASH_SHA256; kind++) {
    for (size_t i = 0; i < sizeof offsets / sizeof offsets[0]; i++)
      test_again ((enum blkhash_kind) kind, offsets[i]);
    test_all_again ((enum blkhash_kind) kind);
    test_not_kept ((enum blkhash_kind) kind);
  }
  test_whole ();
  return 0;
}
