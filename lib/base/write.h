/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_WRITE_H
#define V2V_WRITE_H

#include <stddef.h>

#include "base/error.h"

/* Write all LEN bytes.  -1 with errno if that fails. */
extern int full_write (int fd, const void *buf, size_t len);
/* The same on a descriptor that does not block: -1 with ETIMEDOUT if it takes
 * nothing for TIMEOUT_MS, or with EAGAIN at once if that is 0.
 */
extern int full_write_within (int fd, const char *text, size_t len,
                              int timeout_ms);

/* The reason of a failed write, from errno: REASON_SPACE or REASON_WRITE. */
extern enum reason write_reason (void);

#endif /* V2V_WRITE_H */
