/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What qemu-nbd.c has of qemu-nbd-file.c. */

#ifndef V2V_QEMU_NBD_INTERNAL_H
#define V2V_QEMU_NBD_INTERNAL_H

struct qemu_place;

/* Open what is there, or open it again; FLAGS are those of open.  -1 with
 * errno.
 */
extern int qemu_place_open (const struct qemu_place *, int flags);

#endif /* V2V_QEMU_NBD_INTERNAL_H */
