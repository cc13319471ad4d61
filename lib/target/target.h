/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Where the copy writes to.  Its functions may be called by many threads
 * at once, for ranges that do not overlap.
 */

#ifndef V2V_TARGET_H
#define V2V_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;

enum target_zero {              /* -oo zero= */
  TARGET_ZERO_AUTO,             /* the cheapest sure way */
  TARGET_ZERO_WRITE,            /* real writes */
  TARGET_ZERO_DISCARD,
  TARGET_ZERO_SKIP,             /* the caller promises zeroes */
};

struct target;

/* A new sparse file of SIZE bytes at PATH, which must not exist; with
 * PREALLOCATE, one whose every block is allocated.
 */
extern struct target *target_file_new (const char *path, uint64_t size,
                                       bool preallocate, struct error *err);
/* The same file, made before and written in part: it reads as zeroes where
 * nothing has been written.
 */
extern struct target *target_file_open (const char *path, uint64_t size,
                                        struct error *err);
/* An existing block device, or file, of at least SIZE bytes. */
extern struct target *target_device_open (const char *path, uint64_t size,
                                          enum target_zero, struct error *err);
/* An NBD export of at least SIZE bytes.  READS_ZERO: it is new and reads
 * as zeroes, so that none need be written (a qcow2 file just made).
 * TIMEOUT_S (0: the usual) is how long it may take to answer.
 */
extern struct target *target_nbd_open (const char *uri, uint64_t size,
                                       enum target_zero, bool reads_zero,
                                       unsigned timeout_s,
                                       struct error *err);
/* What is written to the export makes this local file grow: let it go to
 * storage as the copy goes, and out of the page cache.
 */
extern int target_nbd_settle_file (struct target *, const char *path,
                                   struct error *err);

/* Nothing is written: what is given is compared with an NBD export.  The
 * offset of the first difference so far, or UINT64_MAX.
 */
extern struct target *target_compare_new (const char *uri, uint64_t size,
                                          struct error *err);
extern uint64_t target_compare_first (const struct target *);

/* How often a server's refusal of a request is tried again (0), and after
 * how many seconds without an answer the connection is given up (0: never).
 * What a connection that broke had written may be lost in the server, so
 * that there is no trying again after that.
 */
extern void target_set_retries (struct target *, unsigned retries,
                                unsigned timeout_s);
/* How often that was done; the first reason is stored in TEXT. */
extern unsigned target_retried (const struct target *, char *text,
                                size_t size);

/* Was a connection to the target lost?  Opening it again may help. */
extern bool target_is_lost (const struct target *);

extern int target_write (struct target *, const void *buf, uint32_t len,
                         uint64_t offset, struct error *err);
/* Make the range read as zeroes; it costs nothing where it does already. */
extern int target_zero (struct target *, uint64_t len, uint64_t offset,
                        struct error *err);
/* Runs of zeroes shorter than this, or not aligned to it, had better be
 * written as data.  A power of two.
 */
extern uint32_t target_granule (const struct target *);
/* The range is complete: let it go to storage, and out of the page cache,
 * without waiting for the end.  A hint: it does not fail.
 */
extern void target_settle (struct target *, uint64_t len, uint64_t offset);
/* Wait until everything written is on stable storage. */
extern int target_flush (struct target *, struct error *err);
/* End calls that wait for a server, and let further ones fail.  The only
 * one that may be called while others are running.
 */
extern void target_interrupt (struct target *);
extern void target_free (struct target *); /* NULL is fine */

#endif /* V2V_TARGET_H */
