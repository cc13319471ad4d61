/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_DEFLATE_H
#define V2V_DEFLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;

/* Do these bytes, a raw deflate stream or its beginning, hold EXPECTED bytes
 * or more?
 */
extern int deflate_unpacks_to (const unsigned char *data, size_t len,
                               uint64_t expected, bool *ret,
                               struct error *err);

#endif /* V2V_DEFLATE_H */
