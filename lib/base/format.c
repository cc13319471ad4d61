/* SPDX-License-Identifier: GPL-2.0-or-later */

/* asprintf with an error of ours, so that a caller can neither forget to
 * check it nor use the pointer that a failed asprintf leaves undefined.
 */

#include <config.h>

#include <stdio.h>

#include "base/error.h"
#include "base/format.h"

char *
vformat (struct error *err, const char *fmt, va_list args)
{
  char *text;

  if (vasprintf (&text, fmt, args) != -1)
    return text;
  error_nomem (err);
  return NULL;
}

char *
format (struct error *err, const char *fmt, ...)
{
  va_list args;
  char *text;

  va_start (args, fmt);
  text = vformat (err, fmt, args);
  va_end (args);
  return text;
}
