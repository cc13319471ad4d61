/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Both kinds of digests: the same for the same content, in whatever pieces and
 * order it came, and another one where a byte differs; a sample is a block that
 * is not zero, and is found again when only this block is read.
 */

#include <config.h>

#undef NDEBUG
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/ranges.h"
#include "copy/blkhash.h"
#include "copy/disk.h"

/* Two chunks, the second one with one block and a part. */
#define SIZE (COPY_CHUNK + BLKHASH_BLOCK + 1000)
/* Data in the first chunk: two blocks and parts of two others. */
#define DATA (5 * BLKHASH_BLOCK - 100)
#define DATA_LEN (2 * BLKHASH_BLOCK + 200)

static char data[DATA_LEN];

static struct blkhash *
new_hash (enum blkhash_kind kind)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  struct blkhash *hash = blkhash_new (SIZE, kind, false, &err);

  assert (hash != NULL && blkhash_kind (hash) == kind);
  return hash;
}

static void
add (struct blkhash *hash, const char *buf, uint64_t len, uint64_t offset)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;

  assert (blkhash_add (hash, buf, len, offset, &err) == 0);
}

/* In pieces of STEP bytes, the last one first. */
static void
add_data (struct blkhash *hash, const char *buf, size_t step)
{
  for (size_t end = DATA_LEN; end > 0; ) {
    const size_t n = end < step ? end : step;

    end -= n;
    add (hash, buf + end, n, DATA + end);
  }
}

static struct blkhash *
hash_all (enum blkhash_kind kind, const char *buf, size_t step)
{
  struct blkhash *hash = new_hash (kind);

  add (hash, NULL, SIZE - DATA - DATA_LEN, DATA + DATA_LEN);
  add_data (hash, buf, step);
  assert (blkhash_chunk (hash, 0) == NULL);
  add (hash, NULL, DATA, 0);
  assert (blkhash_chunk (hash, 0) != NULL);
  assert (blkhash_chunk (hash, 1) != NULL);
  return hash;
}

static void
test_same (enum blkhash_kind kind)
{
  struct blkhash *whole = hash_all (kind, data, DATA_LEN);
  struct blkhash *parts = hash_all (kind, data, 777);
  struct blkhash *other;

  assert (blkhash_same (blkhash_chunk (whole, 0), blkhash_chunk (parts, 0)));
  assert (!blkhash_same (blkhash_chunk (whole, 0),
                         blkhash_zero_chunk (whole)));
  data[DATA_LEN - 1] ^= 1;
  other = hash_all (kind, data, DATA_LEN);
  data[DATA_LEN - 1] ^= 1;
  assert (!blkhash_same (blkhash_chunk (whole, 0), blkhash_chunk (other, 0)));
  assert (blkhash_same (blkhash_chunk (whole, 1), blkhash_chunk (other, 1)));
  blkhash_free (whole);
  blkhash_free (parts);
  blkhash_free (other);
}

static void
test_zeroes (enum blkhash_kind kind)
{
  struct blkhash *listed = new_hash (kind), *read = new_hash (kind);
  char *zeroes = calloc (1, 1 << 20);

  assert (zeroes != NULL);
  add (listed, NULL, COPY_CHUNK, 0);
  for (uint64_t offset = 0; offset < COPY_CHUNK; offset += 1 << 20)
    add (read, zeroes, 1 << 20, offset);
  assert (blkhash_same (blkhash_chunk (listed, 0), blkhash_chunk (read, 0)));
  assert (blkhash_same (blkhash_chunk (listed, 0),
                        blkhash_zero_chunk (read)));
  free (zeroes);
  blkhash_free (listed);
  blkhash_free (read);
}

static void
test_sample (enum blkhash_kind kind)
{
  struct blkhash *hash = hash_all (kind, data, DATA_LEN);
  const struct blkhash_chunk *chunk = blkhash_chunk (hash, 0);
  struct blkhash *again = new_hash (kind);
  const uint64_t offset = (uint64_t) chunk->block * BLKHASH_BLOCK;
  char block[BLKHASH_BLOCK] = "";

  assert (offset + BLKHASH_BLOCK > DATA && offset < DATA + DATA_LEN);
  for (size_t i = 0; i < sizeof block; i++)
    if (offset + i >= DATA && offset + i < DATA + DATA_LEN)
      block[i] = data[offset + i - DATA];
  assert (!blkhash_has_sample (again, 0, chunk));
  add (again, block, sizeof block, offset + BLKHASH_BLOCK);
  assert (!blkhash_has_sample (again, 0, chunk));
  add (again, block, sizeof block, offset);
  assert (blkhash_has_sample (again, 0, chunk));
  blkhash_free (again);

  again = new_hash (kind);
  block[sizeof block / 2] ^= 1;
  add (again, block, sizeof block, offset);
  assert (!blkhash_has_sample (again, 0, chunk));
  blkhash_free (again);
  blkhash_free (hash);
}

/* The digest of the chunk with the byte at OFFSET, in a disk of zeroes. */
static struct blkhash_chunk
with_byte (enum blkhash_kind kind, uint64_t offset)
{
  struct blkhash *hash = new_hash (kind);
  struct blkhash_chunk chunk;

  add (hash, NULL, offset, 0);
  add (hash, "x", 1, offset);
  add (hash, NULL, SIZE - offset - 1, offset + 1);
  assert (blkhash_chunk (hash, offset / COPY_CHUNK) != NULL);
  chunk = *blkhash_chunk (hash, offset / COPY_CHUNK);
  blkhash_free (hash);
  return chunk;
}

/* Each byte of a chunk counts, and each of its digest. */
static void
test_bytes (enum blkhash_kind kind)
{
  static const uint64_t offsets[] = {
    0, COPY_CHUNK - BLKHASH_BLOCK - 1, COPY_CHUNK - 1,
  };
  const size_t bytes = blkhash_bytes (kind);
  struct blkhash *zeroes = new_hash (kind);
  struct blkhash_chunk chunk;

  for (size_t i = 0; i < sizeof offsets / sizeof offsets[0]; i++) {
    chunk = with_byte (kind, offsets[i]);
    assert (!blkhash_same (&chunk, blkhash_zero_chunk (zeroes)));
  }
  add (zeroes, NULL, SIZE, 0);
  chunk = with_byte (kind, SIZE - 1);
  assert (!blkhash_same (&chunk, blkhash_chunk (zeroes, 1)));
  for (size_t i = 0; i < bytes; i++) {
    struct blkhash_chunk other = chunk;

    other.digest[i] ^= 1;
    assert (!blkhash_same (&chunk, &other));
  }
  blkhash_free (zeroes);
}

int
main (void)
{
  for (size_t i = 0; i < sizeof data; i++)
    data[i] = (char) (i * i >> 7 ^ i);
  for (int kind = BLKHASH_XXH3; kind <= BLKHASH_SHA256; kind++) {
    test_same ((enum blkhash_kind) kind);
    test_zeroes ((enum blkhash_kind) kind);
    test_sample ((enum blkhash_kind) kind);
    test_bytes ((enum blkhash_kind) kind);
  }
  return 0;
}
