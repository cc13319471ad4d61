/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The logical volumes of a volume group.  Those that are plain, that is linear
 * or striped and no part of another one, get a reader; the others are only
 * named, with the reason.  Snapshots, their origins, pools, images of mirrors
 * and whatever else LVM2 has or will have are known by their type, by a
 * setting or flag that a plain volume does not have, or by being named by a
 * segment of another volume.
 *
 * The extents of all volumes are compared: none may be part of two.
 */

#include <config.h>

#include <sys/types.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/i18n.h"
#include "filesystem/lvm.h"
#include "filesystem/lvm-group.h"
#include "filesystem/lvm-places.h"
#include "filesystem/lvm-settings.h"
#include "filesystem/lvm-volume.h"
#include "io/reader.h"

#define SECTOR 512

/* All that LVM2 2.03.35 writes of a volume that is plain. */
static const char *const lv_settings[] = {
  "id", "status", "flags", "creation_time", "creation_host",
  "allocation_policy", "profile", "read_ahead", "tags", "segment_count",
  "major", "minor", NULL,
};
static const char *const lv_status[] = {
  "READ", "WRITE", "VISIBLE", "FIXED_MINOR", NULL,
};
static const char *const lv_flags[] = {
  "ACTIVATION_SKIP", "NOAUTOACTIVATE", NULL,
};
static const char *const segment_settings[] = {
  "start_extent", "extent_count", "type", "tags", "stripe_count",
  "stripe_size", "stripes", NULL,
};

struct reading {
  const struct lvm_group *group;
  const struct lvm_text *text;  /* the group's */
  struct lvm_places places;
  struct lvm_claims claims;
  bool *named;                  /* for each node of the text: a segment of a
                                   volume names it */
  char **why_not;               /* nothing in the group is plain */
  struct error *err;
};

/* One volume. */
struct volume {
  const struct lvm_node *node;
  size_t n_segments;
  uint64_t extents;             /* of the segments read so far */
  struct lvm_layout layout;
  struct lvm_slice name;
  ssize_t place;                /* that it begins on; -1: not known */
  char *why_not;                /* it is not plain */
};

static int
not_understood (struct reading *r)
{
  return lvm_doubt (r->why_not, r->err,
                    _("the LVM metadata is not understood"));
}

/*--- Which volumes are named by others. ---*/

/* NODE is a setting of a segment, or an item of one: does it name a volume?
 */
static const struct lvm_node *
named_by (const struct lvm_text *text, const struct lvm_node *lvs,
          const struct lvm_node *node)
{
  const struct lvm_node *const all = text->nodes.ptr;
  const struct lvm_node *setting = node;
  uint32_t section;

  if (node->kind != LVM_STRING)
    return NULL;
  if (all[node->parent].kind == LVM_ARRAY)
    setting = &all[node->parent];
  section = all[setting->parent].parent; /* the volume's, of a segment */
  if (&all[all[section].parent] != lvs || section == 0 ||
      lvm_slice_is (setting->name, "type"))
    return NULL;
  return lvm_text_find (text, lvs, node->text);
}

static int
find_named (struct reading *r)
{
  const struct lvm_node *const all = r->text->nodes.ptr;
  const struct lvm_node *const lvs =
    lvm_get_section (r->text, r->group->node, "logical_volumes");

  r->named = alloc_zero (r->text->nodes.len * sizeof *r->named, r->err);
  if (r->named == NULL)
    return -1;
  for (size_t i = 0; lvs != NULL && i < r->text->nodes.len; i++) {
    const struct lvm_node *node = named_by (r->text, lvs, &all[i]);

    if (node != NULL)
      r->named[node - all] = true;
  }
  return 0;
}

/*--- Segments. ---*/

static int
claim (struct reading *r, size_t place, uint64_t first, uint64_t n)
{
  return lvm_claims_append (&r->claims, (struct lvm_claim) { place, first, n })
    == -1 ? error_nomem (r->err) : 0;
}

/* Extents that a segment of another type may have: wherever a physical volume
 * and a number follow each other, N of them.
 */
static int
claim_all (struct reading *r, const struct lvm_node *array, uint64_t n)
{
  const struct lvm_node *const items = array + 1;

  for (size_t i = 0; i + 1 < array->number; i++) {
    const ssize_t place = items[i].kind == LVM_STRING &&
      items[i + 1].kind == LVM_NUMBER
      ? lvm_places_find (r->group, items[i].text) : -1;

    if (place != -1 &&
        claim (r, (size_t) place, items[i + 1].number, n) == -1)
      return -1;
  }
  return 0;
}

/* A segment of N extents, of another TYPE ("cache+CACHE_USES_CACHEVOL"). */
static int
read_other (struct reading *r, const struct lvm_node *segment, uint64_t n,
            struct lvm_slice type, struct volume *volume)
{
  size_t n_settings;
  const struct lvm_node *const *settings =
    lvm_text_children (r->text, segment, &n_settings);
  const char *const plus = memchr (type.ptr, '+', type.len);

  if (lvm_doubt (&volume->why_not, r->err, _("it has LVM segments of type "
                                             "%.*s"),
                 (int) (plus != NULL ? plus - type.ptr : (ssize_t) type.len),
                 type.ptr) == -1)
    return -1;
  /* A snapshot is known to its user by the name of what it stores. */
  lvm_get_string (r->text, segment, "cow_store", &volume->name);

  for (size_t i = 0; i < n_settings; i++)
    if (settings[i]->kind == LVM_ARRAY &&
        claim_all (r, settings[i], n) == -1)
      return -1;
  return 0;
}

/* Add a stripe: ITEMS are a physical volume and its first extent, N of which
 * belong to it.
 */
static int
read_stripe (struct reading *r, const struct lvm_node items[2], uint64_t n,
             struct volume *volume)
{
  const ssize_t i = items[0].kind == LVM_STRING
    ? lvm_places_find (r->group, items[0].text) : -1;
  const struct lvm_place *place = i != -1 ? &r->places.ptr[i] : NULL;
  const uint64_t first = items[1].number;

  if (items[1].kind != LVM_NUMBER || first > UINT32_MAX)
    return not_understood (r);
  if (place == NULL)
    return lvm_doubt (&volume->why_not, r->err,
                      _("it lies on another logical volume"));
  if (volume->place == -1)
    volume->place = i;
  if (claim (r, (size_t) i, first, n) == -1)
    return -1;
  if (place->member == NULL)
    return lvm_doubt (&volume->why_not, r->err,
                      _("one of its physical volumes is missing"));
  return lvm_stripes_append (&volume->layout.stripes, (struct lvm_stripe) {
      place->member->pv->disk, place->start + first * r->group->extent_size,
    }) == -1 ? error_nomem (r->err) : 0;
}

/* The bytes of a chunk; 0: they cannot be.  The kernel, too, wants whole
 * chunks on each stripe.
 */
static uint64_t
chunk_of (const struct reading *r, const struct lvm_node *segment,
          uint64_t stripe_len, size_t n_stripes)
{
  uint64_t sectors;

  if (n_stripes == 1)
    return stripe_len;
  if (!lvm_get_number (r->text, segment, "stripe_size", UINT32_MAX,
                       &sectors) ||
      sectors == 0 || stripe_len % (sectors * SECTOR) != 0)
    return 0;
  return sectors * SECTOR;
}

static int
read_striped (struct reading *r, const struct lvm_node *segment, uint64_t n,
              struct volume *volume)
{
  struct lvm_layout *const layout = &volume->layout;
  struct lvm_segment new = {
    .start = volume->extents * r->group->extent_size,
    .len = n * r->group->extent_size,
    .first = layout->stripes.len,
  };
  size_t n_items;
  const struct lvm_node *items =
    lvm_get_array (r->text, segment, "stripes", &n_items);
  uint64_t count;

  if (!lvm_get_number (r->text, segment, "stripe_count", UINT32_MAX,
                       &count) || count == 0 || n % count != 0 ||
      n_items % 2 != 0 || n_items / 2 != count)
    return not_understood (r);
  new.n = count;
  new.chunk = chunk_of (r, segment, new.len / count, count);
  if (new.chunk == 0)
    return lvm_doubt (&volume->why_not, r->err,
                      _("its stripes do not consist of whole chunks"));
  for (size_t i = 0; i < n_items; i += 2)
    if (read_stripe (r, items + i, n / count, volume) == -1)
      return -1;
  return lvm_segments_append (&layout->segments, new) == -1
    ? error_nomem (r->err) : 0;
}

static int
read_segment (struct reading *r, const struct lvm_node *segment,
              struct volume *volume)
{
  const struct lvm_slice *odd =
    lvm_odd_setting (r->text, segment, segment_settings);
  struct lvm_slice type;
  uint64_t start, n, len;

  if (!lvm_get_number (r->text, segment, "start_extent", UINT32_MAX,
                       &start) || start != volume->extents ||
      !lvm_get_number (r->text, segment, "extent_count", UINT32_MAX, &n) ||
      n == 0 || !lvm_get_string (r->text, segment, "type", &type) ||
      __builtin_mul_overflow (start + n, r->group->extent_size, &len))
    return not_understood (r);
  if (!lvm_slice_is (type, "striped")) {
    if (read_other (r, segment, n, type, volume) == -1)
      return -1;
  } else if ((odd != NULL &&
              lvm_doubt (&volume->why_not, r->err, _("it has \"%.*s\", "
                                                     "which is not "
                                                     "supported"),
                         (int) odd->len, odd->ptr) == -1) ||
             read_striped (r, segment, n, volume) == -1)
    return -1;
  volume->extents += n;
  return 0;
}

/* Segment I, from 0 on, of a volume; NULL: it has none. */
static const struct lvm_node *
find_segment (const struct reading *r, const struct volume *volume, size_t i)
{
  char name[32];

  snprintf (name, sizeof name, "segment%zu", i + 1);
  return lvm_get_section (r->text, volume->node, name);
}

/*--- Volumes. ---*/

/* A setting, beside the segments, or a word that a plain volume has not. */
static const struct lvm_slice *
find_odd (const struct reading *r, const struct lvm_node *lv)
{
  size_t n;
  const struct lvm_node *const *all = lvm_text_children (r->text, lv, &n);
  const struct lvm_slice *odd =
    lvm_odd_word (r->text, lv, "status", lv_status);

  for (size_t i = 0; i < n; i++)
    if (all[i]->kind != LVM_SECTION &&
        !lvm_is_one_of (all[i]->name, lv_settings))
      return &all[i]->name;
  return odd != NULL ? odd : lvm_odd_word (r->text, lv, "flags", lv_flags);
}

/* Has it as many segments as it says, and no other sections? */
static bool
is_counted (const struct reading *r, const struct volume *volume)
{
  size_t n, sections = 0;
  const struct lvm_node *const *all =
    lvm_text_children (r->text, volume->node, &n);
  uint64_t count;

  for (size_t i = 0; i < n; i++)
    sections += all[i]->kind == LVM_SECTION ? 1 : 0;
  return sections == volume->n_segments && sections > 0 &&
    lvm_get_number (r->text, volume->node, "segment_count", UINT32_MAX,
                    &count) && count == sections;
}

static int
read_volume (struct reading *r, struct volume *volume)
{
  const struct lvm_node *const lv = volume->node, *segment;
  const struct lvm_slice *odd = find_odd (r, lv);

  while ((segment = find_segment (r, volume, volume->n_segments)) != NULL) {
    volume->n_segments++;
    if (read_segment (r, segment, volume) == -1)
      return -1;
    if (*r->why_not != NULL)
      return 0;
  }
  if (!is_counted (r, volume))
    return not_understood (r);
  if (odd != NULL)
    return lvm_doubt (&volume->why_not, r->err, _("it has \"%.*s\", which "
                                                  "is not supported"),
                      (int) odd->len, odd->ptr);
  if (r->named[lv - r->text->nodes.ptr])
    return lvm_doubt (&volume->why_not, r->err,
                      _("another logical volume depends on it"));
  return 0;
}

/* The disk that it begins on, or one of its group's. */
static unsigned
disk_of (const struct reading *r, const struct volume *volume)
{
  const struct lvm_member *member = volume->place != -1
    ? r->places.ptr[volume->place].member : NULL;

  for (size_t i = 0; member == NULL && i < r->places.len; i++)
    member = r->places.ptr[i].member;
  return member != NULL ? member->pv->disk : 0;
}

static int
append (struct reading *r, struct volume *volume,
        struct reader *const *disks, struct lvm_volumes *ret)
{
  const struct lvm_slice group = r->group->node->name,
    name = volume->name;
  struct lvm_volume new = {
    .disk = disk_of (r, volume),
    .size = volume->extents * r->group->extent_size,
    .name = format (r->err, "%.*s/%.*s", (int) group.len, group.ptr,
                    (int) name.len, name.ptr),
  };

  if (new.name == NULL)
    return -1;
  if (volume->why_not == NULL) {
    new.reader = lvm_volume_new (disks, &volume->layout, r->err);
    if (new.reader == NULL) {
      free (new.name);
      return -1;
    }
  }
  new.why_not = STEAL (volume->why_not);
  if (lvm_volumes_append (ret, new) == 0)
    return 0;
  lvm_volume_reset (&new);
  return error_nomem (r->err);
}

/* Volume LV of the group: a visible one is appended. */
static int
add_volume (struct reading *r, const struct lvm_node *lv,
            struct reader *const *disks, struct lvm_volumes *ret)
{
  struct volume volume = { .node = lv, .name = lv->name, .place = -1 };
  int result = read_volume (r, &volume);

  if (result == 0 && *r->why_not == NULL &&
      lvm_has_word (r->text, lv, "status", "VISIBLE"))
    result = append (r, &volume, disks, ret);
  lvm_layout_reset (&volume.layout);
  free (volume.why_not);
  return result;
}

static int
read_all (struct reading *r, const struct lvm_members *members,
          struct reader *const *disks, struct lvm_volumes *ret)
{
  const struct lvm_group *const group = r->group;

  if (lvm_places_read (group, members, &r->places, r->why_not, r->err) == -1 ||
      find_named (r) == -1)
    return -1;
  for (size_t i = 0; i < group->n_lvs && *r->why_not == NULL; i++)
    if (add_volume (r, group->lvs[i], disks, ret) == -1)
      return -1;
  if (*r->why_not == NULL && !lvm_claims_valid (&r->claims, &r->places))
    return lvm_doubt (r->why_not, r->err,
                      _("some extents belong to two logical volumes, or are "
                        "outside the physical volumes"));
  return 0;
}

int
lvm_group_volumes (const struct lvm_group *group,
                   const struct lvm_members *members,
                   struct reader *const *disks, struct lvm_volumes *ret,
                   char **why_not, struct error *err)
{
  struct reading r = {
    .group = group, .text = group->text, .why_not = why_not, .err = err,
  };
  struct lvm_volumes found = { .ptr = NULL };
  int result = read_all (&r, members, disks, &found);

  for (size_t i = 0; i < found.len && result == 0 && *why_not == NULL; i++) {
    result = lvm_volumes_append (ret, found.ptr[i]);
    if (result == 0)
      found.ptr[i] = (struct lvm_volume) { .name = NULL };
    else
      error_nomem (err);
  }
  lvm_release (&found);
  lvm_places_reset (&r.places);
  lvm_claims_reset (&r.claims);
  free (r.named);
  return result;
}
