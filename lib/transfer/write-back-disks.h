/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_WRITE_BACK_DISKS_H
#define V2V_WRITE_BACK_DISKS_H

struct error;
struct location;
struct write_back;

/* Add the next disk: a local file or device, or an NBD export, that can be
 * written.  It is locked against other runs until write_back_free.
 */
extern int write_back_add (struct write_back *, const struct location *,
                           const char *format, struct error *err);

#endif /* V2V_WRITE_BACK_DISKS_H */
