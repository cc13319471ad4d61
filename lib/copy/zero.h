/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_ZERO_H
#define V2V_ZERO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

extern bool is_zero (const char *buf, size_t len);
/* The length of the run of blocks at the start of BUF that are all zero, or
 * all not.  BUF is from OFFSET of the disk; blocks have GRANULE bytes.
 */
extern size_t zero_run (const char *buf, size_t len, uint64_t offset,
                        uint32_t granule, bool *zero);

#endif /* V2V_ZERO_H */
