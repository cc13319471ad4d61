/* SPDX-License-Identifier: GPL-2.0-or-later */

/* calloc, strdup and asprintf with an error of ours, so that a caller can
 * neither forget to check them nor use the pointer that a failed asprintf
 * leaves undefined.
 */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"

void *
alloc_zero (size_t size, struct error *err)
{
  void *ret = calloc (1, size);

  if (ret == NULL)
    error_nomem (err);
  return ret;
}

char *
alloc_copy (const char *str, struct error *err)
{
  char *ret = strdup (str);

  if (ret == NULL)
    error_nomem (err);
  return ret;
}

int
alloc_set (char **field, const char *str, struct error *err)
{
  char *copy = NULL;

  if (str != NULL && (copy = alloc_copy (str, err)) == NULL)
    return -1;
  free (*field);
  *field = copy;
  return 0;
}

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
