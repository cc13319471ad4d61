/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What an image holds itself, and not its backing file. */

#ifndef V2V_QEMU_MAP_H
#define V2V_QEMU_MAP_H

#include <stdint.h>

#include "base/ranges.h"

struct error;
struct qemu_nbd;
struct supervisor;

/* Append to *RET, sorted, what the image that NBD serves has allocated itself
 * of the first SIZE bytes; zeroes count.  NBD was started with
 * allocation_depth.
 */
extern int qemu_map_list (const struct qemu_nbd *, uint64_t size,
                          struct supervisor *, struct ranges *ret,
                          struct error *err);

#endif /* V2V_QEMU_MAP_H */
