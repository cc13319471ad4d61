/* SPDX-License-Identifier: GPL-2.0-or-later */

/* How digests of a disk are computed while it is copied: whole blocks by all
 * threads at once, parts of blocks after they have been gathered, and the
 * digest of the whole from the chunks in the order of their offsets.  Storing
 * and comparing digests is left to journal.c, resume.c and verify.c.
 */

#include <config.h>

#include <endian.h>
#include <pthread.h>
#include <string.h>
#include <sys/param.h>
#include <unistd.h>

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <xxhash.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/hex.h"
#include "base/i18n.h"
#include "base/lock.h"
#include "base/ranges.h"
#include "copy/blkhash.h"
#include "copy/disk.h"
#include "copy/zero.h"

#define BLOCK BLKHASH_BLOCK
#define CHUNK COPY_CHUNK
#define CHUNK_BLOCKS (CHUNK / BLOCK)

/* A block of which only a part has come. */
struct partial {
  uint32_t filled;
  char data[BLOCK];
};

/* The digests of a chunk's blocks, kept until the chunk is complete and has
 * been added to the digest of the whole.
 */
struct blocks {
  uint64_t filled;
  struct partial *partials[CHUNK_BLOCKS]; /* or NULL */
  uint8_t digests[CHUNK_BLOCKS * BLKHASH_BYTES]; /* without gaps */
};

struct chunk {
  struct blocks *blocks;        /* NULL: none has come yet or, if the chunk
                                   is complete, all are zeroes */
  bool complete;
  enum { NOT_KEPT, KEPT, KEPT_ZEROES } blocks_kept; /* in the file */
  struct blkhash_chunk kept;    /* of a complete chunk */
};

struct blkhash {
  pthread_mutex_t lock;
  enum blkhash_kind kind;
  size_t bytes;                 /* of a digest */
  uint64_t size;
  size_t n;
  struct chunk *chunks;
  uint8_t zero_block[BLKHASH_BYTES];
  struct blkhash_chunk zero_chunk;
  gnutls_hash_hd_t whole;       /* NULL: not wanted, or not to be had */
  size_t next;                  /* the first chunk that is not part of it */
  bool whole_wanted;            /* from the file, if not from `whole' */
  int blocks_fd;                /* a file with the digests of the blocks of
                                   complete chunks, or -1 */
};

static int
check_gnutls (int r, struct error *err)
{
  return r >= 0 ? 0
    : error_set (err, REASON_INTERNAL, _("cannot compute a checksum"));
}

size_t
blkhash_bytes (enum blkhash_kind kind)
{
  return kind == BLKHASH_SHA256 ? 32 : 16;
}

const char *
blkhash_name (enum blkhash_kind kind)
{
  return kind == BLKHASH_SHA256 ? "sha256" : "xxh3-128";
}

static int
digest (const struct blkhash *hash, const void *data, size_t len,
        uint8_t *ret, struct error *err)
{
  XXH128_canonical_t canonical;

  if (hash->kind == BLKHASH_SHA256)
    return check_gnutls (gnutls_hash_fast (GNUTLS_DIG_SHA256, data, len, ret),
                         err);
  XXH128_canonicalFromHash (&canonical, XXH3_128bits (data, len));
  memcpy (ret, canonical.digest, sizeof canonical.digest);
  return 0;
}

static uint64_t
chunk_len (const struct blkhash *hash, size_t i)
{
  return MIN (CHUNK, hash->size - i * CHUNK);
}

static uint32_t
block_len (const struct blkhash *hash, uint64_t offset)
{
  return (uint32_t) MIN ((uint64_t) BLOCK, hash->size - offset);
}

size_t
blkhash_blocks (const struct blkhash *hash, size_t i)
{
  return (size_t) ((chunk_len (hash, i) + BLOCK - 1) / BLOCK);
}

/* Which block is the sample of a chunk: the one with the lowest digest of
 * those that are not zero, which is any of them.
 */
static size_t
choose_sample (const struct blkhash *hash, const uint8_t *digests, size_t n)
{
  const uint8_t *best = NULL;

  for (size_t i = 0; i < n; i++) {
    const uint8_t *block = digests + i * hash->bytes;

    if (memcmp (block, hash->zero_block, hash->bytes) != 0 &&
        (best == NULL || memcmp (block, best, hash->bytes) < 0))
      best = block;
  }
  return best != NULL ? (size_t) (best - digests) / hash->bytes : 0;
}

static int
complete (const struct blkhash *hash, const uint8_t *digests, size_t n,
          struct blkhash_chunk *ret, struct error *err)
{
  const size_t block = choose_sample (hash, digests, n);

  *ret = (struct blkhash_chunk) { .block = (uint16_t) block };
  memcpy (ret->sample, digests + block * hash->bytes, sizeof ret->sample);
  return digest (hash, digests, n * hash->bytes, ret->digest, err);
}

/* Compute the digests of zeroes once, rather than for each empty block. */
static int
prepare_zeroes (struct blkhash *hash, struct error *err)
{
  CLEANUP_FREE char *block = calloc (1, BLOCK);
  CLEANUP_FREE char *memory = malloc (CHUNK_BLOCKS * BLKHASH_BYTES);
  uint8_t *digests = (uint8_t *) memory;

  if (block == NULL || digests == NULL)
    return error_nomem (err);
  if (digest (hash, block, BLOCK, hash->zero_block, err) == -1)
    return -1;
  for (size_t i = 0; i < CHUNK_BLOCKS; i++)
    memcpy (digests + i * hash->bytes, hash->zero_block, hash->bytes);
  return complete (hash, digests, CHUNK_BLOCKS, &hash->zero_chunk, err);
}

static int
begin_whole (struct blkhash *hash, struct error *err)
{
  const int code = gnutls_hash_init (&hash->whole, GNUTLS_DIG_SHA256);

  /* GnuTLS 3.7 leaves a handle that it has freed. */
  if (code < 0)
    hash->whole = NULL;
  return check_gnutls (code, err);
}

struct blkhash *
blkhash_new (uint64_t size, enum blkhash_kind kind, bool whole,
             struct error *err)
{
  struct blkhash *hash = alloc_zero (sizeof *hash, err);

  if (hash == NULL)
    return NULL;
  pthread_mutex_init (&hash->lock, NULL);
  hash->blocks_fd = -1;
  hash->kind = kind;
  hash->bytes = blkhash_bytes (kind);
  hash->size = size;
  hash->n = (size_t) ((size + CHUNK - 1) / CHUNK);
  hash->chunks = alloc_zero ((hash->n + 1) * sizeof hash->chunks[0], err);
  if (hash->chunks != NULL && prepare_zeroes (hash, err) == 0 &&
      (!whole || begin_whole (hash, err) == 0))
    return hash;
  blkhash_free (hash);
  return NULL;
}

static void
free_blocks (struct chunk *chunk)
{
  for (size_t i = 0; chunk->blocks != NULL && i < CHUNK_BLOCKS; i++)
    free (chunk->blocks->partials[i]);
  free (chunk->blocks);
  chunk->blocks = NULL;
}

/* Give up the digest of the whole. */
static void
lose_whole (struct blkhash *hash)
{
  if (hash->whole != NULL)
    gnutls_hash_deinit (hash->whole, NULL);
  hash->whole = NULL;
}

void
blkhash_free (struct blkhash *hash)
{
  if (hash == NULL)
    return;
  for (size_t i = 0; hash->chunks != NULL && i < hash->n; i++)
    free_blocks (&hash->chunks[i]);
  lose_whole (hash);
  close_if_open (hash->blocks_fd);
  pthread_mutex_destroy (&hash->lock);
  free (hash->chunks);
  free (hash);
}

/* Add the chunks that are complete and follow those added before. */
static int
advance_whole (struct blkhash *hash, struct error *err)
{
  while (hash->whole != NULL && hash->next < hash->n) {
    struct chunk *chunk = &hash->chunks[hash->next];
    const size_t n = blkhash_blocks (hash, hash->next);
    int r = 0;

    if (!chunk->complete)
      return 0;
    if (chunk->blocks != NULL)
      r = gnutls_hash (hash->whole, chunk->blocks->digests,
                       n * BLKHASH_BYTES);
    for (size_t i = 0; chunk->blocks == NULL && r == 0 && i < n; i++)
      r = gnutls_hash (hash->whole, hash->zero_block, BLKHASH_BYTES);
    if (check_gnutls (r, err) == -1)
      return -1;
    free_blocks (chunk);
    hash->next++;
  }
  return 0;
}

/*--- Blocks that are kept. ---*/

void
blkhash_keep_blocks (struct blkhash *hash, int fd)
{
  close_if_open (hash->blocks_fd);
  hash->blocks_fd = fd;
  if (fd == -1)
    return;
  /* What is added to it cannot be taken out again. */
  hash->whole_wanted = hash->whole != NULL;
  lose_whole (hash);
}

static off_t
place_of_blocks (size_t i)
{
  return (off_t) (i * CHUNK_BLOCKS * BLKHASH_BYTES);
}

/* If they cannot be kept the whole chunk has to be read again. */
static void
keep_blocks (struct blkhash *hash, size_t i)
{
  struct chunk *chunk = &hash->chunks[i];
  const size_t len = blkhash_blocks (hash, i) * hash->bytes;

  chunk->blocks_kept = NOT_KEPT;
  if (hash->blocks_fd != -1 && chunk->blocks != NULL &&
      pwrite (hash->blocks_fd, chunk->blocks->digests, len,
              place_of_blocks (i)) == (ssize_t) len)
    chunk->blocks_kept = KEPT;
}

bool
blkhash_has_blocks (const struct blkhash *hash, size_t i)
{
  return hash->chunks[i].blocks_kept != NOT_KEPT;
}

static int
read_blocks (const struct blkhash *hash, size_t i, uint8_t *digests,
             struct error *err)
{
  const size_t n = blkhash_blocks (hash, i), len = n * hash->bytes;

  if (hash->chunks[i].blocks_kept == KEPT_ZEROES) {
    for (size_t k = 0; k < n; k++)
      memcpy (digests + k * hash->bytes, hash->zero_block, hash->bytes);
    return 0;
  }
  return pread (hash->blocks_fd, digests, len,
                place_of_blocks (i)) == (ssize_t) len ? 0
    : error_errno (err, REASON_INTERNAL, _("cannot compute a checksum"));
}

int
blkhash_reopen (struct blkhash *hash, size_t i, uint64_t again,
                struct error *err)
{
  struct chunk *chunk = &hash->chunks[i];

  free_blocks (chunk);
  chunk->complete = false;
  if (again == chunk_len (hash, i))
    return 0;
  chunk->blocks = alloc_zero (sizeof *chunk->blocks, err);
  if (chunk->blocks == NULL ||
      read_blocks (hash, i, chunk->blocks->digests, err) == -1)
    return -1;
  chunk->blocks->filled = chunk_len (hash, i) - again;
  return 0;
}

/* The digest of the whole, from what was kept of all chunks. */
static bool
add_kept (struct blkhash *hash, struct error *err)
{
  CLEANUP_FREE char *memory = malloc (CHUNK_BLOCKS * BLKHASH_BYTES);
  uint8_t *digests = (uint8_t *) memory;

  if (digests == NULL || begin_whole (hash, err) == -1)
    return false;
  for (; hash->next < hash->n; hash->next++)
    if (!hash->chunks[hash->next].complete ||
        !blkhash_has_blocks (hash, hash->next) ||
        read_blocks (hash, hash->next, digests, err) == -1 ||
        gnutls_hash (hash->whole, digests,
                     blkhash_blocks (hash, hash->next) * BLKHASH_BYTES) < 0)
      return false;
  return true;
}

/* Only a hash without WHOLE has a file, so that none of it was added. */
static void
whole_from_kept (struct blkhash *hash)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;

  hash->next = 0;
  if (!add_kept (hash, &ignored))
    lose_whole (hash);
}

static int
filled (struct blkhash *hash, size_t i, uint64_t len, struct error *err)
{
  struct chunk *chunk = &hash->chunks[i];
  struct blocks *blocks = chunk->blocks;

  blocks->filled += len;
  if (blocks->filled < chunk_len (hash, i))
    return 0;
  if (complete (hash, blocks->digests, blkhash_blocks (hash, i), &chunk->kept,
                err) == -1)
    return -1;
  chunk->complete = true;
  keep_blocks (hash, i);
  if (hash->whole == NULL)
    free_blocks (chunk);
  return advance_whole (hash, err);
}

/* Add a part of a block; the caller holds the lock. */
static int
add_part (struct blkhash *hash, struct blocks *blocks, const char *buf,
          uint32_t len, uint64_t offset, struct error *err)
{
  const size_t block = (size_t) (offset % CHUNK / BLOCK);
  const uint32_t full = block_len (hash, offset / BLOCK * BLOCK);
  struct partial **partial = &blocks->partials[block];
  int r;

  if (*partial == NULL) {
    *partial = alloc_zero (sizeof **partial, err);
    if (*partial == NULL)
      return -1;
  }
  if (buf != NULL)
    memcpy ((*partial)->data + offset % BLOCK, buf, len);
  (*partial)->filled += len;
  if ((*partial)->filled < full)
    return 0;
  r = digest (hash, (*partial)->data, full,
              blocks->digests + block * hash->bytes, err);
  free (*partial);
  *partial = NULL;
  return r;
}

static int
add_block (struct blkhash *hash, struct blocks *blocks, const char *buf,
           uint64_t offset, struct error *err)
{
  uint8_t *to = blocks->digests + offset % CHUNK / BLOCK * hash->bytes;

  if (buf != NULL && !is_zero (buf, BLOCK))
    return digest (hash, buf, BLOCK, to, err);
  memcpy (to, hash->zero_block, hash->bytes);
  return 0;
}

/* Add LEN bytes of chunk I.  Whole blocks are hashed without the lock, by
 * several threads at once: the digest of each has a place of its own.
 */
static int
add_to_chunk (struct blkhash *hash, size_t i, const char *buf, uint64_t len,
              uint64_t offset, struct error *err)
{
  struct chunk *chunk = &hash->chunks[i];
  const uint64_t end = offset + len;
  struct blocks *blocks;
  int r = 0;

  pthread_mutex_lock (&hash->lock);
  if (chunk->blocks == NULL)
    chunk->blocks = alloc_zero (sizeof *chunk->blocks, err);
  blocks = chunk->blocks;
  pthread_mutex_unlock (&hash->lock);
  if (blocks == NULL)
    return -1;

  while (offset < end && r == 0) {
    const uint32_t n = (uint32_t) MIN (BLOCK - offset % BLOCK, end - offset);

    if (n == BLOCK)
      r = add_block (hash, blocks, buf, offset, err);
    else {
      pthread_mutex_lock (&hash->lock);
      r = add_part (hash, blocks, buf, n, offset, err);
      pthread_mutex_unlock (&hash->lock);
    }
    offset += n;
    if (buf != NULL)
      buf += n;
  }
  if (r == -1)
    return -1;
  pthread_mutex_lock (&hash->lock);
  r = filled (hash, i, len, err);
  pthread_mutex_unlock (&hash->lock);
  return r;
}

static int
add_zero_chunk (struct blkhash *hash, size_t i, struct error *err)
{
  struct chunk *chunk = &hash->chunks[i];
  LOCK_SCOPE (&hash->lock);

  chunk->kept = hash->zero_chunk;
  chunk->complete = true;
  chunk->blocks_kept = hash->blocks_fd == -1 ? NOT_KEPT : KEPT_ZEROES;
  return advance_whole (hash, err);
}

int
blkhash_add (struct blkhash *hash, const void *buf, uint64_t len,
             uint64_t offset, struct error *err)
{
  const char *p = buf;

  while (len > 0) {
    const size_t i = (size_t) (offset / CHUNK);
    const uint64_t n = MIN (CHUNK - offset % CHUNK, len);
    const int r = p == NULL && n == CHUNK
      ? add_zero_chunk (hash, i, err)
      : add_to_chunk (hash, i, p, n, offset, err);

    if (r == -1)
      return -1;
    offset += n;
    len -= n;
    if (p != NULL)
      p += n;
  }
  return 0;
}

void
blkhash_forget (struct blkhash *hash, size_t i)
{
  struct chunk *chunk = &hash->chunks[i];

  /* A chunk that is part of the digest of the whole cannot be taken out of
   * it, and must not be added twice.
   */
  if (i < hash->next)
    lose_whole (hash);
  free_blocks (chunk);
  chunk->complete = false;
}

enum blkhash_kind
blkhash_kind (const struct blkhash *hash)
{
  return hash->kind;
}

const struct blkhash_chunk *
blkhash_chunk (const struct blkhash *hash, size_t i)
{
  return hash->chunks[i].complete ? &hash->chunks[i].kept : NULL;
}

const struct blkhash_chunk *
blkhash_zero_chunk (const struct blkhash *hash)
{
  return &hash->zero_chunk;
}

void
blkhash_set_chunk (struct blkhash *hash, size_t i,
                   const struct blkhash_chunk *kept)
{
  struct chunk *chunk = &hash->chunks[i];

  chunk->kept = *kept;
  chunk->complete = true;
  chunk->blocks_kept = NOT_KEPT;
  lose_whole (hash);
}

bool
blkhash_same (const struct blkhash_chunk *a, const struct blkhash_chunk *b)
{
  return memcmp (a->digest, b->digest, sizeof a->digest) == 0;
}

/* A block that has not been added has a digest of zeroes, which no content
 * has.
 */
bool
blkhash_has_sample (const struct blkhash *hash, size_t i,
                    const struct blkhash_chunk *wanted)
{
  const struct chunk *chunk = &hash->chunks[i];

  if (wanted->block >= blkhash_blocks (hash, i))
    return false;
  if (chunk->blocks != NULL)
    return memcmp (chunk->blocks->digests + wanted->block * hash->bytes,
                   wanted->sample, sizeof wanted->sample) == 0;
  return chunk->complete && chunk->kept.block == wanted->block &&
    memcmp (chunk->kept.sample, wanted->sample, sizeof wanted->sample) == 0;
}

bool
blkhash_whole (struct blkhash *hash, char ret[BLKHASH_HEX])
{
  const uint64_t size = htole64 (hash->size);
  uint8_t whole[BLKHASH_BYTES];

  if (hash->whole_wanted)
    whole_from_kept (hash);
  if (hash->whole == NULL || hash->next < hash->n ||
      gnutls_hash (hash->whole, &size, sizeof size) < 0)
    return false;
  gnutls_hash_deinit (hash->whole, whole);
  hash->whole = NULL;
  hex_encode (whole, sizeof whole, ret);
  return true;
}
