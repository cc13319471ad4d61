/* SPDX-License-Identifier: GPL-2.0-or-later */

/* asprintf with an error of ours: so that a caller can neither forget to
 * check it nor use the pointer that a failed asprintf leaves undefined.
 */

#include <config.h>

#include <stdarg.h>
#include <stdio.h>

#include "base/error.h"
#include "base/format.h"

char *
format (struct error *err, const char *fmt, ...)
{
  va_list args;
  char *text;
  int r;

  va_start (args, fmt);
  r = vasprintf (&text, fmt, args);
  va_end (args);
  if (r == -1) {
    error_nomem (err);
    return NULL;
  }
  return text;
}
