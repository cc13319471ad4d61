/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Whether anything has been written to a local block device since. */

#ifndef V2V_DISK_WRITES_H
#define V2V_DISK_WRITES_H

struct error;

/* What the kernel has counted of writes and discards on the block device FD
 * since the host was started, and which start that was: a text without white
 * space.  It changes whenever something is written, though not if the disk
 * under a partition, or the file under a loop device, is written directly.
 * The caller frees it.  NULL without an error: FD is no block device, or
 * the kernel does not count.
 */
extern char *disk_writes_of (int fd, struct error *err);

#endif /* V2V_DISK_WRITES_H */
