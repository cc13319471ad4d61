/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Block devices that end within a sector. */

#ifndef V2V_CUT_SECTOR_H
#define V2V_CUT_SECTOR_H

#include <stdint.h>

#include "base/error.h"

struct local_file;

/* How many bytes at the end of the block device FD, of SIZE bytes in sectors
 * of SECTOR bytes, are a part of a sector which the kernel neither reads nor
 * writes.  It counts them in the device's size all the same.  0: there are
 * none.
 */
extern uint32_t cut_sector_of (int fd, uint64_t size, uint32_t sector);

/* The same as an error: -1 if FILE is a device that cannot be read to its end
 * for this reason.
 */
extern int cut_sector_check (const struct local_file *, struct error *err);

/* Set the error of such a device. */
extern int cut_sector_error (struct error *err, enum reason,
                             const char *path, uint64_t size,
                             uint32_t sector);

#endif /* V2V_CUT_SECTOR_H */
