/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Where the copy writes to.  Its functions may be called by many threads
 * at once, for ranges that do not overlap.
 *
 * A target keeps its first error, whichever of its functions met it: from then
 * on all of them fail with that error, because the kernel tells of data that
 * it could not write once, to whoever asks first, and may say afterwards that
 * all is well.
 */

#ifndef V2V_TARGET_H
#define V2V_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/file-at.h"

struct error;
struct supervisor;

enum target_zero {              /* -oo zero= */
  TARGET_ZERO_AUTO,             /* the cheapest way that is certain */
  TARGET_ZERO_WRITE,            /* write zeroes */
  TARGET_ZERO_DISCARD,
  TARGET_ZERO_SKIP,             /* it reads as zeroes: none need be written
                                   (a new qcow2 file, or the user says so) */
};

/* Of clusters; each image has one kind. */
enum target_compression { TARGET_UNCOMPRESSED, TARGET_ZLIB, TARGET_ZSTD };

struct target;

/* The new and empty file that FD is open on, of which the target gets a
 * descriptor of its own; it becomes one of SIZE bytes.  It is sparse, or, with
 * PREALLOCATE, all its blocks are allocated.
 */
extern struct target *target_file_new (int fd, struct file_at, uint64_t size,
                                       bool preallocate, struct error *err);
/* Such a file, which an earlier run has created and written in part.  What is
 * zeroed is zero then, whatever the file holds there.
 */
extern struct target *target_file_open (int fd, struct file_at, uint64_t size,
                                        bool preallocated, struct error *err);
/* A qcow2 image of a disk of SIZE bytes, in a file that FD is open on, of which
 * the target gets a descriptor of its own: a new one, or one that such a target
 * of an earlier run has begun.  Clusters that become smaller by it are
 * compressed.  It is an image when the target is finished.
 */
extern struct target *target_qcow2_open (int fd, struct file_at, uint64_t size,
                                         bool is_new, enum target_compression,
                                         struct error *err);
/* An existing block device, or file, of at least SIZE bytes, that FD is open
 * on; PATH is for messages.  The caller has locked it (io/image-lock.h), which
 * also finds out whether it is in use.
 */
extern struct target *target_device_open (int fd, const char *path,
                                          uint64_t size, enum target_zero,
                                          struct error *err);
/* An NBD export of at least SIZE bytes.  TIMEOUT_S (0: the default) is how
 * long connecting may take.  The main thread does this, and waits for the
 * server in the supervisor's loop.
 */
extern struct target *target_nbd_open (const char *uri, uint64_t size,
                                       enum target_zero, unsigned timeout_s,
                                       struct supervisor *,
                                       struct error *err);
/* Does the server of such a target offer to store what was written?  If not,
 * flushing the target only waits for the answers to all writes.
 */
extern bool target_nbd_can_flush (const struct target *);
/* Is such a target, of which nothing was written so far, still connected, and
 * does it have SIZE bytes?  If so, zeroes are written in this way.
 */
extern bool target_nbd_reopen (struct target *, uint64_t size,
                               enum target_zero, struct supervisor *);
/* Writes to the export make the local file grow that FD is open on: write it
 * back during the copy, and drop it from the page cache.  PATH is for
 * messages.
 */
extern int target_nbd_settle_file (struct target *, int fd, const char *path,
                                   struct error *err);

/* A target that writes nothing, but compares with an NBD export.
 * target_compare_first is the lowest offset that differs so far, or
 * UINT64_MAX.
 */
extern struct target *target_compare_new (const char *uri, uint64_t size,
                                          struct error *err);
extern uint64_t target_compare_first (const struct target *);

/* How often a request that a server has refused is tried again (default: 0),
 * and after how many seconds without an answer a connection is given up (0:
 * never).  After that nothing is tried again, because writes that the server
 * had not flushed may be lost.
 */
extern void target_set_retries (struct target *, unsigned retries,
                                unsigned timeout_s);
/* How often a request was tried again; TEXT gets the first reason. */
extern unsigned target_retried (const struct target *, char *text,
                                size_t size);

/* Was a connection to the target lost?  Opening it again may help. */
extern bool target_is_lost (const struct target *);

extern int target_write (struct target *, const void *buf, uint32_t len,
                         uint64_t offset, struct error *err);
/* Let the range share the blocks that the file FD has there, which must be
 * whole blocks of the file systems, or end with both files.  False: that cannot
 * be done, and nothing is changed.
 */
extern bool target_clone (struct target *, int fd, uint64_t len,
                          uint64_t offset);
/* Make the range read as zeroes. */
extern int target_zero (struct target *, uint32_t len, uint64_t offset,
                        struct error *err);
/* Runs of zeroes that are shorter than this, or not aligned to it, should be
 * written as data.  A power of two.
 */
extern uint32_t target_granule (const struct target *);
/* The range is complete: begin to write it back.  -1 if it is known by now
 * that something, not necessarily this range, could not be written.
 */
extern int target_settle (struct target *, uint64_t len, uint64_t offset,
                          struct error *err);
/* Wait until everything written is on stable storage. */
extern int target_flush (struct target *, struct error *err);
/* All of it is written: complete what the target is beside that, on stable
 * storage.  Nothing is written afterwards, unless it is opened again.
 */
extern int target_finish (struct target *, struct error *err);
/* -1, with the first error, if any of these functions has failed. */
extern int target_failure (struct target *, struct error *err);
/* End calls that wait for a server, and let further ones fail.  It may be
 * called at any time, by any thread.
 */
extern void target_interrupt (struct target *);
extern void target_free (struct target *); /* NULL is fine */

#endif /* V2V_TARGET_H */
