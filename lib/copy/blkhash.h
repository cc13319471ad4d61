/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Digests of a disk's content, taken while it is copied in any order.
 *
 * The disk is divided into blocks of 64 KiB, each with its digest.  The digest
 * of a chunk, the unit that a copy completes, is the digest of its blocks'
 * digests one after the other; the journal keeps these.
 *
 * There are two kinds.  XXH3 (XXH3_128bits) finds damage, and other content,
 * unless somebody made it so that it is not found; it took 0.16 s of a
 * processor for a GiB that was copied, and no time of the copy, where SHA-256
 * took 0.9 s with the processor's SHA extensions.  SHA-256 is for people: with
 * it the digest of the whole is the SHA-256 of the blocks' digests and the
 * disk's size (8 bytes, little endian), which is what blksum and nbdcopy
 * --blkhash print as blkhash-sha256.
 */

#ifndef V2V_BLKHASH_H
#define V2V_BLKHASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct blkhash;
struct error;

#define BLKHASH_BLOCK (UINT32_C (64) << 10)
#define BLKHASH_BYTES 32        /* of the longer kind */
#define BLKHASH_HEX (2 * BLKHASH_BYTES + 1)
#define BLKHASH_SAMPLE_BYTES 16
/* What the digest of the whole is called where it is written down. */
#define BLKHASH_NAME "blkhash-sha256"

enum blkhash_kind { BLKHASH_XXH3, BLKHASH_SHA256 };

/* What is kept of a complete chunk.  With the sample, it can be looked at
 * again without reading all of it: it is a block that is not zero, if there
 * is one.
 */
struct blkhash_chunk {
  uint8_t digest[BLKHASH_BYTES]; /* padded with zeroes */
  uint8_t sample[BLKHASH_SAMPLE_BYTES]; /* the start of this digest: */
  uint16_t block;               /* its number in the chunk */
};

/* The length of a digest, and its name: "xxh3-128", "sha256". */
extern size_t blkhash_bytes (enum blkhash_kind);
extern const char *blkhash_name (enum blkhash_kind);

/* WHOLE: blkhash_whole will be called, for which the kind must be SHA-256. */
extern struct blkhash *blkhash_new (uint64_t size, enum blkhash_kind,
                                    bool whole, struct error *err);
extern void blkhash_free (struct blkhash *); /* NULL is fine */
extern enum blkhash_kind blkhash_kind (const struct blkhash *);

/* Add LEN bytes at OFFSET, which are zeroes if BUF is NULL.  Each byte must be
 * added once.  May be called by several threads at once.
 */
extern int blkhash_add (struct blkhash *, const void *buf, uint64_t len,
                        uint64_t offset, struct error *err);
/* Forget what was added of this chunk: all of it will be added again. */
extern void blkhash_forget (struct blkhash *, size_t chunk);

/* What is added may be changed again: the digests of blocks are kept in the
 * file that FD, which is taken, is open on, instead of in memory.  To be called
 * before anything is added; FD -1: they are not kept.
 */
extern void blkhash_keep_blocks (struct blkhash *, int fd);
/* Are those of this chunk?  Also after it was forgotten. */
extern bool blkhash_has_blocks (const struct blkhash *, size_t chunk);
/* The chunk, whose blocks are kept, is complete but for AGAIN bytes, which are
 * whole blocks (the disk's last one may be shorter) that will be added.
 */
extern int blkhash_reopen (struct blkhash *, size_t chunk, uint64_t again,
                           struct error *err);

/* The number of blocks of a chunk. */
extern size_t blkhash_blocks (const struct blkhash *, size_t chunk);
/* A complete chunk, or NULL. */
extern const struct blkhash_chunk *blkhash_chunk (const struct blkhash *,
                                                  size_t chunk);
/* Use what an earlier run has stored. */
extern void blkhash_set_chunk (struct blkhash *, size_t chunk,
                               const struct blkhash_chunk *);
/* What a chunk of COPY_CHUNK zeroes has. */
extern const struct blkhash_chunk *blkhash_zero_chunk (const struct blkhash *);
extern bool blkhash_same (const struct blkhash_chunk *,
                          const struct blkhash_chunk *);
/* Has the block of the sample of WANTED been added to this hash, and is it the
 * same?
 */
extern bool blkhash_has_sample (const struct blkhash *, size_t chunk,
                                const struct blkhash_chunk *wanted);

/* The digest of the whole.  False: some chunks were not added here. */
extern bool blkhash_whole (struct blkhash *, char ret[BLKHASH_HEX]);

#endif /* V2V_BLKHASH_H */
