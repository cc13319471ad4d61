/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Names in Microsoft's formats. */

#ifndef V2V_UTF16_H
#define V2V_UTF16_H

#include <stdbool.h>
#include <stddef.h>

struct error;

/* LEN bytes of UTF-16, up to a NUL character if there is one, as UTF-8 that
 * can be shown: what is no character, or controls a terminal, becomes "?".
 * The caller frees it.
 */
extern char *utf16_to_text (const unsigned char *name, size_t len,
                            bool big_endian, struct error *err);

#endif /* V2V_UTF16_H */
