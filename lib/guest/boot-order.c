/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The boot order of a guest's devices.  What a description says about it is
 * read by the inputs, and domain-xml.c writes it.
 */

#include <config.h>

#include <stdlib.h>

#include "base/error.h"
#include "base/vector.h"
#include "guest/boot-order.h"
#include "guest/guest.h"

struct place {
  unsigned *boot_order;
  size_t index;                 /* of the device among all devices */
};
DEFINE_VECTOR (struct places, places, struct place);
#define CLEANUP_PLACES __attribute__ ((cleanup (places_reset)))

bool
boot_order_is_usual (const struct guest *guest)
{
  for (size_t i = 1; i < guest->disks.len; i++)
    if (guest->disks.ptr[i].boot_order != 0)
      return false;
  for (size_t i = 0; i < guest->removables.len; i++)
    if (guest->removables.ptr[i].boot_order != 0)
      return false;
  for (size_t i = 0; i < guest->nics.len; i++)
    if (guest->nics.ptr[i].boot_order != 0)
      return false;
  return true;
}

static int
compare (const void *a, const void *b)
{
  const struct place *x = a, *y = b;

  if (*x->boot_order != *y->boot_order)
    return *x->boot_order < *y->boot_order ? -1 : 1;
  return (x->index > y->index) - (x->index < y->index);
}

static int
add_place (struct places *places, unsigned *boot_order)
{
  return *boot_order == 0 ? 0
    : places_append (places, (struct place) { boot_order, places->len });
}

static int
list_places (struct guest *guest, struct places *places)
{
  for (size_t i = 0; i < guest->disks.len; i++)
    if (add_place (places, &guest->disks.ptr[i].boot_order) == -1)
      return -1;
  for (size_t i = 0; i < guest->removables.len; i++)
    if (add_place (places, &guest->removables.ptr[i].boot_order) == -1)
      return -1;
  for (size_t i = 0; i < guest->nics.len; i++)
    if (add_place (places, &guest->nics.ptr[i].boot_order) == -1)
      return -1;
  return 0;
}

int
boot_order_settle (struct guest *guest, struct error *err)
{
  CLEANUP_PLACES struct places places = { .ptr = NULL };

  if (list_places (guest, &places) == -1)
    return error_nomem (err);
  if (places.len > 0)
    qsort (places.ptr, places.len, sizeof *places.ptr, compare);
  for (size_t i = 0; i < places.len; i++)
    *places.ptr[i].boot_order = (unsigned) i + 1;
  return 0;
}
