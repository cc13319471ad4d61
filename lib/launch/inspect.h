/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_INSPECT_H
#define V2V_INSPECT_H

struct disk;
struct error;
struct image;
struct nbdkit_caps;
struct reader;

/* Read from READER, what NAME's server serves of DISK, which image it is:
 * *RET, that the caller resets.  One that cannot be read as a disk, or that
 * is not what the user or the guest's metadata say, is an error.
 */
extern int inspect_image (struct reader *, const struct disk *,
                          const struct nbdkit_caps *, const char *name,
                          struct image *ret, struct error *err);

#endif /* V2V_INSPECT_H */
