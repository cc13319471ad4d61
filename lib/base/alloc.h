/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_ALLOC_H
#define V2V_ALLOC_H

#include <stdarg.h>
#include <stddef.h>

struct error;

/* SIZE bytes of zeroes, which the caller frees.  NULL: no memory, as *ERR
 * says.
 */
extern void *alloc_zero (size_t size, struct error *err);
/* A copy of STR, likewise. */
extern char *alloc_copy (const char *str, struct error *err);
/* Let *FIELD be a copy of STR, or NULL when STR is, and free what it was.
 * -1: no memory, and *FIELD is as it was.
 */
extern int alloc_set (char **field, const char *str, struct error *err);

/* What printf would print, as a string that the caller frees.  NULL: no
 * memory, as *ERR says.
 */
extern char *format (struct error *err, const char *fmt, ...)
  __attribute__ ((format (printf, 2, 3)));
extern char *vformat (struct error *err, const char *fmt, va_list args)
  __attribute__ ((format (printf, 2, 0)));

#endif /* V2V_ALLOC_H */
