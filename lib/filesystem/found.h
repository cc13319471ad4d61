/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The list of what was found, while it is made. */

#ifndef V2V_FOUND_H
#define V2V_FOUND_H

#include "filesystem/filesystem.h"

/* Ranges of all disks together, so that their number is bounded whatever the
 * disks hold: beyond it the shortest are left out.
 */
#define FOUND_RUNS_MAX (UINT64_C (1) << 21)

/* Room for N disks. */
extern int found_init (struct filesystems *, unsigned n, struct error *err);
/* Append FS, which is taken, also when there is no memory. */
extern int found_add (struct filesystems *, struct filesystem *fs,
                      struct error *err);
/* Append a copy of an entry without known content: all of it counts as used,
 * for the reason WHY_NOT.
 */
extern int found_add_whole (struct filesystems *, unsigned disk,
                            const char *name, uint64_t size,
                            const char *why_not, struct error *err);
/* The same about all of a disk, whose size is not told. */
extern int found_add_disk (struct filesystems *, unsigned disk,
                           const char *why_not, struct error *err);
/* These bytes of a disk, which are in FS, are unused, as far as they are whole
 * sectors of 512 bytes.
 */
extern int found_unused (struct filesystems *, const struct filesystem *fs,
                         unsigned disk, struct range, struct error *err);
/* Put everything in order.  If the guest was not shut down, what it has in its
 * swap spaces is used, and if it is hibernated everything: the memory that was
 * saved refers to its file systems as it has left them.  -1: no memory.
 */
extern int found_finish (struct filesystems *, struct error *err);
extern void filesystem_reset (struct filesystem *);

#define CLEANUP_FILESYSTEM __attribute__ ((cleanup (filesystem_reset)))

#endif /* V2V_FOUND_H */
