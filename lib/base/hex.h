/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_HEX_H
#define V2V_HEX_H

#include <stddef.h>

/* Write the N bytes at BYTES as 2*N digits in lower case, and a NUL byte,
 * to RET.
 */
extern void hex_encode (const void *bytes, size_t n, char *ret);

/* The value of a digit of either case; -1: it is none. */
extern int hex_digit (char c);

#endif /* V2V_HEX_H */
