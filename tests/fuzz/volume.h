/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef TEST_VOLUME_H
#define TEST_VOLUME_H

#include <stddef.h>
#include <stdint.h>

#include "filesystem/usage.h"

/* Read the volume that the input describes (pieces.h) as one of TYPE, and trap
 * when what is told of it cannot be.
 */
extern void fuzz_volume (const struct filesystem_ops *kind, const char *type,
                         const uint8_t *data, size_t size);

#endif /* TEST_VOLUME_H */
