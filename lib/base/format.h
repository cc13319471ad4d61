/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_FORMAT_H
#define V2V_FORMAT_H

#include <stdarg.h>

struct error;

/* What printf would print, as a string that the caller frees.  NULL: no
 * memory, as *ERR says.
 */
extern char *format (struct error *err, const char *fmt, ...)
  __attribute__ ((format (printf, 2, 3)));
extern char *vformat (struct error *err, const char *fmt, va_list args)
  __attribute__ ((format (printf, 2, 0)));

#endif /* V2V_FORMAT_H */
