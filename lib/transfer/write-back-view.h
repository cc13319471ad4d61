/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What is written back: an overlay alone, without its backing file. */

#ifndef V2V_WRITE_BACK_VIEW_H
#define V2V_WRITE_BACK_VIEW_H

#include <stddef.h>

#include "base/ranges.h"

struct error;
struct qemu_nbd;
struct write_back;

/* Serve the overlay of disk INDEX at SOCKET, a new path. */
extern struct qemu_nbd *view_open (const struct write_back *, size_t index,
                                   const char *socket, struct error *err);
/* Append to *RET what it has allocated, sorted. */
extern int view_list (const struct write_back *, size_t index,
                      const struct qemu_nbd *view, struct ranges *ret,
                      struct error *err);

#endif /* V2V_WRITE_BACK_VIEW_H */
