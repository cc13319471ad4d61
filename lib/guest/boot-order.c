/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The boot order of a guest's devices.  What a description says about it is
 * read by the inputs, and domain-xml.c writes it.
 */

#include <config.h>

#include <limits.h>
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

/* Where the place of device number INDEX is kept: of disks, then drives, then
 * NICs.  NULL: there are fewer.
 */
static unsigned *
place_of (const struct guest *guest, size_t index)
{
  if (index < guest->disks.len)
    return &guest->disks.ptr[index].boot_order;
  index -= guest->disks.len;
  if (index < guest->removables.len)
    return &guest->removables.ptr[index].boot_order;
  index -= guest->removables.len;
  return index < guest->nics.len ? &guest->nics.ptr[index].boot_order : NULL;
}

bool
boot_order_is_given (const struct guest *guest)
{
  const unsigned *place;

  for (size_t i = 0; (place = place_of (guest, i)) != NULL; i++)
    if (*place != 0)
      return true;
  return false;
}

bool
boot_order_is_usual (const struct guest *guest)
{
  const unsigned *place;

  for (size_t i = guest->disks.len > 0; (place = place_of (guest, i)) != NULL;
       i++)
    if (*place != 0)
      return false;
  return true;
}

void
boot_order_forget (struct guest *guest)
{
  unsigned *place;

  for (size_t i = 0; (place = place_of (guest, i)) != NULL; i++)
    *place = 0;
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
list_places (const struct guest *guest, struct places *places)
{
  unsigned *place;

  for (size_t i = 0; (place = place_of (guest, i)) != NULL; i++)
    if (*place != 0 &&
        places_append (places, (struct place) { place, i }) == -1)
      return -1;
  return 0;
}

/* Give the first disk the last place where only others have one. */
static void
add_first_disk (struct guest *guest)
{
  for (size_t i = 0; i < guest->disks.len; i++)
    if (guest->disks.ptr[i].boot_order != 0)
      return;
  if (guest->disks.len > 0 && boot_order_is_given (guest))
    guest->disks.ptr[0].boot_order = UINT_MAX;
}

int
boot_order_settle (struct guest *guest, struct error *err)
{
  CLEANUP_PLACES struct places places = { .ptr = NULL };

  add_first_disk (guest);
  if (list_places (guest, &places) == -1)
    return error_nomem (err);
  if (places.len > 0)
    qsort (places.ptr, places.len, sizeof *places.ptr, compare);
  for (size_t i = 0; i < places.len; i++)
    *places.ptr[i].boot_order = (unsigned) i + 1;
  return 0;
}
