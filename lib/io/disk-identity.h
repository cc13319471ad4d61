/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What tells a local disk from another one that has its name and its size
 * now, and from itself after something has written to it.
 *
 * An identity is a text, so that it can be kept in a journal or a record and
 * be quoted in messages: a word, "file" or "device", and KEY=VALUE fields.
 *
 *   file    dev, inode, born (its birth time, where the file system has one);
 *           of its content: size (bytes), changed (ctime)
 *   device  id: the UUID of device-mapper (LVM) or md, the WWN or the serial
 *           number; a loop device is the file below it; or, where the device
 *           has none of these, dev and diskseq, which the kernel gives to no
 *           other disk before the next boot; and its size
 *
 * Both have boot, the kernel's boot ID: device numbers, and diskseq, mean
 * nothing after another boot.
 */

#ifndef V2V_DISK_IDENTITY_H
#define V2V_DISK_IDENTITY_H

#include <stdbool.h>

struct error;

enum disk_identity_of {
  DISK_IDENTITY_DISK,           /* whatever is written to it */
  DISK_IDENTITY_CONTENT,        /* a file: as long as nothing writes to it or
                                   changes its owner or mode.  A device does
                                   not tell when it is written to. */
};

/* The identity of the file or block device FD or PATH (through symbolic
 * links).  The caller frees it.  NULL with ENOENT and REASON_NOT_FOUND:
 * there is no such file.
 */
extern char *disk_identity_of_fd (int fd, enum disk_identity_of,
                                  struct error *err);
extern char *disk_identity_of_path (const char *path, enum disk_identity_of,
                                    struct error *err);

/* Are both texts certainly of the same disk?  Fields of the content that one
 * of them does not have are not compared.  A text that disk_identity_of_*
 * has not made is the same only as itself.  False also without memory.
 */
extern bool disk_identity_same (const char *before, const char *now);

#endif /* V2V_DISK_IDENTITY_H */
