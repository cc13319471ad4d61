/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Looks up settings in the nodes of lvm-text.c, and those that are unknown: a
 * setting or flag of which we do not know what it means may change what all
 * others mean.
 */

#include <config.h>

#include <string.h>

#include "filesystem/lvm-label.h"
#include "filesystem/lvm-settings.h"

/* 6-4-4-4-4-4-6 */
#define DASHES 6
#define is_dash(i) ((i) >= 6 && (i) <= 31 && ((i) - 6) % 5 == 0)

static const struct lvm_node *
find (const struct lvm_text *text, const struct lvm_node *section,
      const char *name)
{
  return lvm_text_find (text, section,
                        (struct lvm_slice) { name, strlen (name) });
}

static const struct lvm_node *
get (const struct lvm_text *text, const struct lvm_node *section,
     const char *name, enum lvm_kind kind)
{
  const struct lvm_node *node = find (text, section, name);

  return node != NULL && node->kind == kind ? node : NULL;
}

const struct lvm_node *
lvm_get_section (const struct lvm_text *text, const struct lvm_node *section,
                 const char *name)
{
  return get (text, section, name, LVM_SECTION);
}

bool
lvm_get_number (const struct lvm_text *text, const struct lvm_node *section,
                const char *name, uint64_t max, uint64_t *ret)
{
  const struct lvm_node *node = get (text, section, name, LVM_NUMBER);

  if (node == NULL || node->number > max)
    return false;
  *ret = node->number;
  return true;
}

bool
lvm_get_string (const struct lvm_text *text, const struct lvm_node *section,
                const char *name, struct lvm_slice *ret)
{
  const struct lvm_node *node = get (text, section, name, LVM_STRING);

  if (node == NULL)
    return false;
  *ret = node->text;
  return true;
}

bool
lvm_get_uuid (const struct lvm_text *text, const struct lvm_node *section,
              const char *name, char *ret)
{
  struct lvm_slice uuid;
  size_t n = 0;

  if (!lvm_get_string (text, section, name, &uuid) ||
      uuid.len != LVM_UUID_LEN + DASHES)
    return false;
  for (size_t i = 0; i < uuid.len; i++) {
    if (is_dash (i) != (uuid.ptr[i] == '-'))
      return false;
    if (!is_dash (i))
      ret[n++] = uuid.ptr[i];
  }
  return true;
}

const struct lvm_node *
lvm_get_array (const struct lvm_text *text, const struct lvm_node *section,
               const char *name, size_t *n)
{
  const struct lvm_node *node = get (text, section, name, LVM_ARRAY);

  *n = node != NULL ? node->number : 0;
  return node != NULL ? node + 1 : NULL;
}

bool
lvm_has_word (const struct lvm_text *text, const struct lvm_node *section,
              const char *name, const char *word)
{
  size_t n;
  const struct lvm_node *items = lvm_get_array (text, section, name, &n);

  for (size_t i = 0; i < n; i++)
    if (items[i].kind == LVM_STRING && lvm_slice_is (items[i].text, word))
      return true;
  return false;
}

bool
lvm_is_one_of (struct lvm_slice slice, const char *const *known)
{
  for (; *known != NULL; known++)
    if (lvm_slice_is (slice, *known))
      return true;
  return false;
}

const struct lvm_slice *
lvm_odd_word (const struct lvm_text *text, const struct lvm_node *section,
              const char *name, const char *const *known)
{
  static const struct lvm_slice number = { "?", 1 };
  const struct lvm_node *array = find (text, section, name);
  const struct lvm_node *items;

  if (array == NULL)
    return NULL;
  if (array->kind != LVM_ARRAY)
    return &number;
  items = array + 1;
  for (size_t i = 0; i < array->number; i++)
    if (items[i].kind != LVM_STRING || !lvm_is_one_of (items[i].text, known))
      return items[i].kind == LVM_STRING ? &items[i].text : &number;
  return NULL;
}

const struct lvm_slice *
lvm_odd_setting (const struct lvm_text *text, const struct lvm_node *section,
                 const char *const *known)
{
  size_t n;
  const struct lvm_node *const *all = lvm_text_children (text, section, &n);

  for (size_t i = 0; i < n; i++)
    if (!lvm_is_one_of (all[i]->name, known))
      return &all[i]->name;
  return NULL;
}
