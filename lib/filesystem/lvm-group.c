/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the metadata say of a volume group as such.  Its physical volumes are
 * read by lvm-places.c and its logical ones by lvm-segments.c.
 */

#include <config.h>

#include <inttypes.h>
#include <string.h>

#include "base/error.h"
#include "base/i18n.h"
#include "filesystem/lvm-group.h"
#include "filesystem/lvm-settings.h"

#define SECTOR 512

/* All that LVM2 2.03.35 writes of a group. */
static const char *const group_settings[] = {
  "id", "seqno", "format", "status", "flags", "system_id", "lock_type",
  "lock_args", "extent_size", "max_lv", "max_pv", "metadata_copies", "tags",
  "profile", "allocation_policy", "physical_volumes", "logical_volumes",
  "historical_logical_volumes", NULL,
};
/* Not: exported, clustered, partial. */
static const char *const group_status[] = {
  "RESIZEABLE", "READ", "WRITE", NULL,
};
static const char *const group_flags[] = { "NOAUTOACTIVATE", NULL };

struct lvm_member *
lvm_members_find (const struct lvm_members *members,
                  const char uuid[LVM_UUID_LEN])
{
  size_t low = 0, high = members->n;

  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    const int order = memcmp (members->ptr[middle].label.uuid, uuid,
                              LVM_UUID_LEN);

    if (order == 0)
      return &members->ptr[middle];
    if (order < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return NULL;
}

/* The only section beside the settings of the whole text; NULL: it is not. */
static const struct lvm_node *
find_group (const struct lvm_text *text)
{
  const struct lvm_node *found = NULL;
  size_t n;
  const struct lvm_node *const *all =
    lvm_text_children (text, text->nodes.ptr, &n);

  for (size_t i = 0; i < n; i++) {
    if (all[i]->kind != LVM_SECTION)
      continue;
    if (found != NULL)
      return NULL;
    found = all[i];
  }
  return found;
}

/* The sections in the section NAME, and nothing but sections. */
static bool
find_sections (const struct lvm_group *group, const char *name,
               const struct lvm_node *const **ret, size_t *n)
{
  const struct lvm_node *section =
    lvm_get_section (group->text, group->node, name);

  *n = 0;
  if (section == NULL)          /* no logical volumes: there is none */
    return true;
  *ret = lvm_text_children (group->text, section, n);
  for (size_t i = 0; i < *n; i++)
    if ((*ret)[i]->kind != LVM_SECTION)
      return false;
  return true;
}

/* Before 2.02.91, LVM2 did not write a "format" into a group. */
static bool
is_format (const struct lvm_text *text, const struct lvm_node *node)
{
  const struct lvm_node *const top = text->nodes.ptr,
    *const format = lvm_text_find (text, node,
                                   (struct lvm_slice) { "format", 6 });
  struct lvm_slice contents;
  uint64_t version;

  return lvm_get_string (text, top, "contents", &contents) &&
    lvm_slice_is (contents, "Text Format Volume Group") &&
    lvm_get_number (text, top, "version", 1, &version) && version == 1 &&
    (format == NULL || lvm_slice_is (format->text, "lvm2"));
}

static bool
find_all (struct lvm_group *group)
{
  const struct lvm_text *const text = group->text;
  uint64_t sectors;

  if (!is_format (text, group->node) ||
      !lvm_get_number (text, group->node, "extent_size", UINT32_MAX,
                       &sectors) || sectors == 0)
    return false;
  group->extent_size = sectors * SECTOR;
  return find_sections (group, "physical_volumes", &group->pvs,
                        &group->n_pvs) &&
    find_sections (group, "logical_volumes", &group->lvs, &group->n_lvs);
}

/* A setting or word that is not that of a plain group of one host. */
static const struct lvm_slice *
find_odd (const struct lvm_group *group)
{
  const struct lvm_text *const text = group->text;
  const struct lvm_node *const node = group->node, *type;
  const struct lvm_slice *odd = lvm_odd_setting (text, node, group_settings);
  static const struct lvm_slice name = { "lock_type", 9 };

  if (odd == NULL)
    odd = lvm_odd_word (text, node, "status", group_status);
  if (odd == NULL)
    odd = lvm_odd_word (text, node, "flags", group_flags);
  if (odd != NULL)
    return odd;
  type = lvm_text_find (text, node, name);
  return type == NULL || lvm_slice_is (type->text, "none") ? NULL : &name;
}

int
lvm_group_open (const struct lvm_text *text, struct lvm_group *ret,
                char **why_not, struct error *err)
{
  const struct lvm_slice *odd;

  *ret = (struct lvm_group) { .text = text, .node = find_group (text) };
  if (ret->node == NULL ||
      !lvm_get_uuid (text, ret->node, "id", ret->uuid) ||
      !lvm_get_number (text, ret->node, "seqno", UINT32_MAX, &ret->seqno)) {
    ret->node = NULL;
    return lvm_doubt (why_not, err, _("the LVM metadata does not describe a "
                                      "volume group"));
  }
  if (!find_all (ret))
    return lvm_doubt (why_not, err, _("the LVM metadata is not understood"));
  odd = find_odd (ret);
  return odd == NULL ? 0
    : lvm_doubt (why_not, err, _("the volume group has \"%.*s\", which is "
                                 "not supported"),
                 (int) odd->len, odd->ptr);
}
