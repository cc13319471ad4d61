/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The part of the typed vectors that does not depend on the type: growing. */

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
