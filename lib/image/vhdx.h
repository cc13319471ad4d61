/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The parent of a VHDX image, for vhdx.c. */

#ifndef V2V_VHDX_H
#define V2V_VHDX_H

#include <stddef.h>

struct error;

/* A name of the parent by the LEN bytes of a locator, for *RET, which stays
 * NULL if there is none.  The caller frees it.
 */
extern int vhdx_parent_name (const unsigned char *locator, size_t len,
                             char **ret, struct error *err);

#endif /* V2V_VHDX_H */
