/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The physical volumes of a volume group, by its metadata and by their own
 * labels, which must agree.
 */

#include <config.h>

#include <sys/types.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/i18n.h"
#include "filesystem/lvm.h"
#include "filesystem/lvm-group.h"
#include "filesystem/lvm-places.h"
#include "filesystem/lvm-settings.h"

#define SECTOR 512

/* All that LVM2 2.03.35 writes of a physical volume. */
static const char *const pv_settings[] = {
  "id", "device", "device_id", "device_id_type", "status", "flags",
  "dev_size", "pe_start", "pe_count", "ba_start", "ba_size", "tags", NULL,
};
static const char *const pv_status[] = { "ALLOCATABLE", NULL };
static const char *const pv_flags[] = { "MISSING", NULL };

static bool
overlap (struct range a, struct range b)
{
  return a.offset < b.offset + b.len && b.offset < a.offset + a.len;
}

/* Are these LEN bytes, which hold extents, where the label has data? */
static bool
is_data (const struct lvm_label *label, uint64_t start, uint64_t len)
{
  const struct range extents = { start, len };

  if (start != label->data.offset || start > label->size ||
      len > label->size - start ||
      (label->data.len != 0 && len > label->data.len))
    return false;
  for (size_t i = 0; i < label->n_areas; i++)
    if (overlap (extents, label->areas[i]))
      return false;
  return true;
}

static const struct lvm_slice *
find_odd (const struct lvm_text *text, const struct lvm_node *pv)
{
  const struct lvm_slice *odd = lvm_odd_setting (text, pv, pv_settings);

  if (odd == NULL)
    odd = lvm_odd_word (text, pv, "status", pv_status);
  return odd != NULL ? odd : lvm_odd_word (text, pv, "flags", pv_flags);
}

static int
read_place (const struct lvm_group *group, const struct lvm_node *pv,
            const struct lvm_members *members, struct lvm_place *ret,
            char **why_not, struct error *err)
{
  const struct lvm_slice *odd = find_odd (group->text, pv);
  char uuid[LVM_UUID_LEN];
  uint64_t start, len;

  if (odd != NULL)
    return lvm_doubt (why_not, err, _("one of its physical volumes has "
                                      "\"%.*s\", which is not supported"),
                      (int) odd->len, odd->ptr);
  if (!lvm_get_uuid (group->text, pv, "id", uuid) ||
      !lvm_get_number (group->text, pv, "pe_start",
                       UINT64_MAX / SECTOR, &start) ||
      !lvm_get_number (group->text, pv, "pe_count", UINT32_MAX,
                       &ret->extents) ||
      __builtin_mul_overflow (ret->extents, group->extent_size, &len))
    return lvm_doubt (why_not, err, _("the LVM metadata is not understood"));
  if (lvm_has_word (group->text, pv, "flags", "MISSING"))
    return 0;
  ret->member = lvm_members_find (members, uuid);
  if (ret->member == NULL)
    return 0;
  if (!is_data (&ret->member->label, start * SECTOR, len))
    return lvm_doubt (why_not, err, _("the extents of %s are outside the "
                                      "data area given in its label"),
                      ret->member->pv->name);
  ret->start = ret->member->pv->offset + start * SECTOR;
  return 0;
}

int
lvm_places_read (const struct lvm_group *group,
                 const struct lvm_members *members, struct lvm_places *ret,
                 char **why_not, struct error *err)
{
  for (size_t i = 0; i < group->n_pvs && *why_not == NULL; i++) {
    struct lvm_place place = { .member = NULL };

    if (read_place (group, group->pvs[i], members, &place, why_not,
                    err) == -1)
      return -1;
    if (lvm_places_append (ret, place) == -1)
      return error_nomem (err);
  }
  return 0;
}

ssize_t
lvm_places_find (const struct lvm_group *group, struct lvm_slice name)
{
  size_t low = 0, high = group->n_pvs;

  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    const int order = lvm_slice_compare (group->pvs[middle]->name, name);

    if (order == 0)
      return (ssize_t) middle;
    if (order < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return -1;
}

static int
compare_claims (const void *a, const void *b)
{
  const struct lvm_claim *x = a, *y = b;

  if (x->place != y->place)
    return x->place < y->place ? -1 : 1;
  return (x->first > y->first) - (x->first < y->first);
}

bool
lvm_claims_valid (struct lvm_claims *claims, const struct lvm_places *places)
{
  if (claims->len > 0)
    qsort (claims->ptr, claims->len, sizeof *claims->ptr, compare_claims);
  for (size_t i = 0; i < claims->len; i++) {
    const struct lvm_claim *claim = &claims->ptr[i];
    const uint64_t extents = places->ptr[claim->place].extents;

    if (claim->first > extents || claim->n > extents - claim->first)
      return false;
    if (i > 0 && claim[-1].place == claim->place &&
        claim[-1].first + claim[-1].n > claim->first)
      return false;
  }
  return true;
}
