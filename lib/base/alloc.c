/* SPDX-License-Identifier: GPL-2.0-or-later */

/* calloc and strdup with an error of ours; format.c has asprintf. */

#include <config.h>

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
