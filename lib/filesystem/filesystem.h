/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Which bytes of a guest's disks its file systems do not use, by their own
 * metadata.  Anything that is not certain is in use.
 */

#ifndef V2V_FILESYSTEM_H
#define V2V_FILESYSTEM_H

#include <stdbool.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/ranges.h"
#include "base/vector.h"

struct error;
struct reader;
struct supervisor;

/* What the metadata of a volume say of the system that it belongs to. */
enum guest_state { GUEST_SHUT_DOWN, GUEST_IN_USE, GUEST_HIBERNATED };

/* A part of a disk, a logical volume, or a whole disk, and what is in it. */
struct filesystem {
  unsigned disk;                /* that it is on, or begins on */
  char *name;                   /* for people: "sda2", "vg/root" */
  char *kind;                   /* as blkid calls it: "ext4"; NULL: nothing
                                   that is known */
  uint64_t size;                /* bytes */
  uint64_t unused;              /* of these, bytes that are free, as its own
                                   counters say, too; 0: none, or why_not */
  char *why_not;                /* all of it counts as used, and why; NULL: its
                                   free bytes were found */
  /* Of use only while they are found: */
  enum guest_state state;
  bool if_shut_down;            /* its bytes are unused only then */
};
DEFINE_VECTOR (struct filesystem_list, filesystem_list, struct filesystem);

struct filesystems {
  struct filesystem_list list;  /* in the order of the disks */
  struct ranges *unused;        /* for each disk, in bytes of it: sorted, with
                                   gaps between them */
  struct ranges *if_shut_down;  /* those of swap spaces, until it is known */
  unsigned n;                   /* disks */
};

/* What the N disks of one guest hold; logical volumes may lie on several of
 * them.  -1: something could not be read, or there is no memory.
 */
extern int filesystems_find (struct reader *const *disks, unsigned n,
                             struct filesystems *ret, struct error *err);

/* The same of the NBD servers at URIS, in a process of its own, which may use
 * so many CONNECTIONS to each, and pauses PAUSE_MS between requests where that
 * is not 0.  When it crashes, or takes too long or too much memory, that is no
 * error: then all bytes count as used, and an entry of the list says why.
 */
extern int filesystems_ask (const char *const *uris, unsigned n,
                            unsigned connections, unsigned pause_ms,
                            struct supervisor *, struct filesystems *ret,
                            struct error *err);
extern void filesystems_reset (struct filesystems *);

/* Is what a file system of this KIND does not use found, if it is clean?  This
 * depends on the libraries that there were at build time.
 */
extern bool filesystem_is_read (const char *kind);

/* "sda2: ext4, clean, 1073741824 bytes, of which 104857600 are used", or
 * "sda3: ntfs, 1073741824 bytes, copied whole: Windows is hibernated"; for
 * people.  The caller frees it.
 */
extern char *filesystem_describe (const struct filesystem *,
                                  struct error *err);

#define CLEANUP_FILESYSTEMS __attribute__ ((cleanup (filesystems_reset)))

#endif /* V2V_FILESYSTEM_H */
