/* SPDX-License-Identifier: GPL-2.0-or-later */

/* File names and metadata are bytes; XML, JSON and terminals want text. */

#ifndef V2V_UTF8_H
#define V2V_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The length of the character at STR, 1 to 4, and the character in *c; 0
 * where STR does not begin with one (or is at its end).
 */
extern size_t utf8_decode (const char *str, uint32_t *c);

/* How many columns of a terminal it takes: Chinese and Japanese characters
 * take two, and accents that combine none.
 */
extern int utf8_width (const char *str);

/* Is every byte part of a character? */
extern bool utf8_valid (const char *str);

/* Replace by WITH, in place, what is no character, and control characters.
 */
extern void utf8_sanitize (char *str, char with);

#endif /* V2V_UTF8_H */
