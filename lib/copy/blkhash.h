/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Digests of a disk's content, taken while it is copied in any order.
 *
 * The disk is divided into blocks of 64 KiB, each with its SHA-256.  The
 * digest of the whole is the SHA-256 of these digests one after the other
 * and the disk's size (8 bytes, little endian): what blksum and nbdcopy
 * --blkhash print as blkhash-sha256.  The digest of a chunk, the unit that a
 * copy completes, is the SHA-256 of its blocks' digests; the journal keeps
 * these.
 */

#ifndef V2V_BLKHASH_H
#define V2V_BLKHASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct blkhash;
struct error;

#define BLKHASH_BLOCK (UINT32_C (64) << 10)
#define BLKHASH_BYTES 32
#define BLKHASH_HEX (2 * BLKHASH_BYTES + 1)
/* What the digest of the whole is called where it is written down. */
#define BLKHASH_NAME "blkhash-sha256"

/* WHOLE: blkhash_whole will be called. */
extern struct blkhash *blkhash_new (uint64_t size, bool whole,
                                    struct error *err);
extern void blkhash_free (struct blkhash *); /* NULL is fine */

/* Add LEN bytes at OFFSET, which are zeroes if BUF is NULL.  Each byte must be
 * added once.  May be called by several threads at once.
 */
extern int blkhash_add (struct blkhash *, const void *buf, uint64_t len,
                        uint64_t offset, struct error *err);
/* Forget what was added of this chunk: all of it will be added again. */
extern void blkhash_forget (struct blkhash *, size_t chunk);

/* The digest of a complete chunk, or NULL. */
extern const uint8_t *blkhash_chunk (const struct blkhash *, size_t chunk);
/* Use a digest that an earlier run has stored. */
extern void blkhash_set_chunk (struct blkhash *, size_t chunk,
                               const uint8_t digest[BLKHASH_BYTES]);

/* The digest of the whole.  False: some chunks were not added here. */
extern bool blkhash_whole (struct blkhash *, char ret[BLKHASH_HEX]);

#endif /* V2V_BLKHASH_H */
