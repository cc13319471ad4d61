/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The type of lists of strings (argv.h), by itself: errors, which hold
 * such a list, and argv.c, which reports errors, both stand on it.
 */

#ifndef V2V_STRING_VECTOR_H
#define V2V_STRING_VECTOR_H

#include "base/cleanup.h"
#include "base/vector.h"

/* A list that owns its strings. */
DEFINE_VECTOR (struct argv, argv_ptrs, char *);

/* Append STR, which then belongs to the list.  STR may be NULL, as strdup
 * returns it.  -1: no memory, and STR was freed.
 */
extern int argv_ptrs_take (struct argv *, char *str);
extern void argv_reset (struct argv *); /* frees the strings too */

#define CLEANUP_ARGV __attribute__ ((cleanup (argv_reset)))

#endif /* V2V_STRING_VECTOR_H */
