/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Lists of strings: who owns the strings, and nothing more.  argv.c has
 * what makes and prints them.
 */

#include <config.h>

#include <stdlib.h>

#include "base/string-vector.h"

int
argv_ptrs_take (struct argv *list, char *str)
{
  if (str == NULL)
    return -1;
  if (argv_ptrs_append (list, str) == -1) {
    free (str);
    return -1;
  }
  return 0;
}

void
argv_reset (struct argv *list)
{
  for (size_t i = 0; i < list->len; i++)
    free (list->ptr[i]);
  argv_ptrs_reset (list);
}
