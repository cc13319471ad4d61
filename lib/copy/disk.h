/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What a copy is given and what it gives back: plain data, which the
 * engine's parts and its callers share.
 */

#ifndef V2V_COPY_DISK_H
#define V2V_COPY_DISK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ranges.h"
#include "copy/limits.h"

/* The unit that is completed, flushed and recorded for --resume. */
#define COPY_CHUNK (UINT64_C (64) << 20)

struct blkhash;
struct error;
struct local_file;
struct target;

/* One disk to be copied.  The view that is copied has SIZE bytes:
 *
 *   - what `overlay_uri' has allocated (in its meta context
 *     qemu:allocation-depth; zeroes as its base:allocation says) is read
 *     from there: a qemu-nbd on the overlay *without* its backing file, or
 *     with one that has only what was read of the base (depth 2);
 *   - the rest is read from `base_uri'; beyond the base's end are zeroes;
 *   - what is `unused' and not in the overlay itself (depth 1) is zeroes, and
 *     not read where that saves requests.
 *
 * Without an overlay_uri everything comes from base_uri.
 */
struct copy_disk {
  int index;                    /* in events and errors */
  const char *base_uri;
  const char *single_uri;       /* the same through one connection to the
                                   source, which is open: the lister and one
                                   worker begin there, and everything is read
                                   there if base_uri lets nobody in; NULL:
                                   base_uri is all */
  uint64_t base_size;           /* what it had when it was opened first: with
                                   another size it is not the same disk;
                                   0: not known */
  const struct local_file *base_file; /* a file that holds the very bytes
                                   that base_uri serves: they are read from
                                   there; or NULL */
  bool may_clone;               /* the target may share the blocks of
                                   base_file, which nobody reads then */
  const char *overlay_uri;      /* or NULL */
  uint64_t size;                /* bytes */
  struct copy_limits limits;
  unsigned pace_ms;             /* from one request or connection to the next,
                                   for servers that count them; 0: any */
  const char *host;             /* disks with the same host share its
                                   limits; NULL: nothing is shared */
  struct target *target;        /* NULL: read and throw away */
  const struct ranges *ranges;  /* to be copied: sorted, with gaps
                                   between them, within SIZE; NULL: all */
  const struct ranges *unused;  /* what the base has there does not matter:
                                   sorted, with gaps between them; NULL: none
                                   */
  struct blkhash *hash;         /* gets what is copied; or NULL */
};

/* What the engine tells and asks its caller.  DISK is the index in the list
 * of disks.
 */
struct copy_hooks {
  void *data;
  /* These ranges are complete and on stable storage.  Called by a thread of
   * the disk; after a failure too, for what was complete by then.  They
   * are made of whole multiples of COPY_CHUNK, or end with the disk, if
   * `ranges' of the disk is.
   */
  int (*stored) (void *data, unsigned disk, const struct ranges *,
                 struct error *err);
  /* Called by the main thread several times a second: -1 ends the copy.
   * STUCK: nothing could be read for some time.
   */
  int (*watch) (void *data, unsigned disk, bool stuck, struct error *err);
};

/* Does somebody else read from the source, who goes first? */
enum copy_yields { COPY_YIELDS_NOT, COPY_YIELDS_NOW, COPY_YIELDS_AT_TIMES };

#define COPY_FIRST_ERROR 256

/* What one disk's copy did, in bytes. */
struct copy_result {
  uint64_t read;                /* over NBD or from base_file */
  uint64_t written;             /* data given to the target */
  uint64_t cloned;              /* of that, shared with base_file instead of
                                   read and written */
  uint64_t zero;                /* listed as zero, or read and zero */
  uint64_t unused;              /* free in the guest's file systems: not read,
                                   and not among the zeroes */
  double seconds;
  unsigned retries;
  char first_error[COPY_FIRST_ERROR]; /* after which something was tried
                                          again; "": none */
};

#endif /* V2V_COPY_DISK_H */
