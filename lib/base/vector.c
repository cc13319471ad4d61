/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What typed vectors need that does not depend on the type, growing, and who
 * owns the strings of a list.
 */

#include <config.h>

#include <stdint.h>

#include "base/vector.h"

int
vector_grow (void **ptr, size_t *cap, size_t len, size_t size)
{
  size_t new_cap = len < 8 ? 8 : len + len / 2;
  void *new_ptr;

  if (new_cap < len) {
    errno = ENOMEM;
    return -1;
  }
  new_ptr = reallocarray (*ptr, new_cap, size);
  if (new_ptr == NULL)
    return -1;
  *ptr = new_ptr;
  *cap = new_cap;
  return 0;
}

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
