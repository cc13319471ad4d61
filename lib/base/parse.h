/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Strict reading of what users and programs write: the whole string must
 * be one value in range.
 */

#ifndef V2V_PARSE_H
#define V2V_PARSE_H

#include <stdbool.h>
#include <stdint.h>

struct error;

/* A decimal number between MIN and MAX.  WHAT names it in the error,
 * whose reason is REASON_USAGE.
 */
extern int parse_uint (const char *what, const char *str,
                       uint64_t min, uint64_t max, uint64_t *ret,
                       struct error *err);

/* A size in bytes, with nbdkit's suffixes: k K M G T P E are powers of
 * 1024, "s" is sectors of 512 bytes, "b" or nothing is bytes.
 */
extern int parse_size (const char *what, const char *str, uint64_t *ret,
                       struct error *err);

/* nbdkit's booleans: true false yes no on off 1 0 (any case). */
extern int parse_bool (const char *what, const char *str, bool *ret,
                       struct error *err);

#endif /* V2V_PARSE_H */
