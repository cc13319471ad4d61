/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_BUFFERS_H
#define V2V_BUFFERS_H

#include <stddef.h>

struct error;

struct buffers;
extern struct buffers *buffers_new (size_t max, struct error *err);
extern void buffers_free (struct buffers *);
/* The size of the buffer that holds LEN bytes. */
extern size_t buffers_size (size_t len);
/* NULL: all that is allowed, or all that the machine has, is in use; try
 * again later.
 */
extern void *buffers_get (struct buffers *, size_t size);
extern void buffers_put (struct buffers *, void *buf, size_t size);

#endif /* V2V_BUFFERS_H */
