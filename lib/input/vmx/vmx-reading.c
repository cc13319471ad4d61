/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Parsing a .vmx file into its entries, and looking keys up in them.  What the
 * keys mean is the matter of vmx.c and vmx-devices.c.
 *
 * The format has no specification; this is what files of ESXi, Workstation
 * and Fusion look like:
 *
 *   - keys are ASCII and their case does not matter;
 *   - values are quoted; a byte that cannot stand in them is written as a
 *     bar and two hexadecimal digits: |22 is a quote, |7C a bar.  Some
 *     tools leave the quotes out;
 *   - `.encoding' names the encoding of the whole file.
 */

#include <config.h>

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/parse.h"
#include "image/vmdk.h"
#include "input/vmx/vmx-lines.h"
#include "input/vmx/vmx-reading.h"

/* Far more than any guest has; keeps a hostile file from costing time. */
#define WARNINGS_MAX 20

#define KEY_MAX 80

void
vmx_lower (char *str)
{
  for (; str != NULL && *str != '\0'; str++)
    *str = (char) tolower ((unsigned char) *str);
}

static void
add_entry (struct vmx_reading *r, struct span key, struct span value,
           size_t line)
{
  CLEANUP_FREE char *name = format (r->err, "%.*s", (int) key.len, key.ptr);
  CLEANUP_FREE char *text = vmx_unescape (value, r->err);

  if (text == NULL)
    error_wrap (r->err, "%s:%zu", r->name, line);
  if (name == NULL || text == NULL)
    return;
  vmx_lower (name);
  if (vmx_entries_append (&r->entries, (struct vmx_entry) {
        .key = name, .value = text, .line = line }) == -1) {
    error_nomem (r->err);
    return;
  }
  STEAL (name);
  STEAL (text);
}

static void
parse_lines (struct vmx_reading *r, struct span text)
{
  for (size_t number = 1; text.len > 0 && !error_is_set (r->err); number++) {
    struct span key, value;

    if (vmx_split_line (vmx_next_line (&text), &key, &value) == -1)
      vmx_warn (r, _("%s:%zu: the line is not of the form "
                     "key = \"value\" and is ignored"), r->name, number);
    else if (key.len > 0)
      add_entry (r, key, value, number);
  }
}

static void
entry_reset (struct vmx_entry *entry)
{
  free (entry->key);
  free (entry->value);
}

static int
compare_entries (const void *a, const void *b)
{
  const struct vmx_entry *x = a, *y = b;
  const int r = strcmp (x->key, y->key);

  return r != 0 ? r : (x->line > y->line) - (x->line < y->line);
}

/* Sort, and keep the first of entries with the same key.  That they differ is
 * an error only for a key that is looked up.
 */
static void
sort_entries (struct vmx_entries *list)
{
  size_t kept = 0;

  if (list->len == 0)
    return;
  qsort (list->ptr, list->len, sizeof *list->ptr, compare_entries);
  for (size_t i = 1; i < list->len; i++) {
    struct vmx_entry *first = &list->ptr[kept], *entry = &list->ptr[i];

    if (strcmp (first->key, entry->key) != 0) {
      list->ptr[++kept] = *entry;
      continue;
    }
    if (first->other_line == 0 && strcmp (first->value, entry->value) != 0)
      first->other_line = entry->line;
    entry_reset (entry);
  }
  list->len = kept + 1;
}

/* People name the disk instead of the .vmx file; the error says so. */
static void
check_kind (const struct vmx_reading *r, struct span text)
{
  if (vmdk_kind_of (text.ptr, text.len) != VMDK_NONE) {
    error_set (r->err, REASON_USAGE,
               _("%s is a VMDK, a disk, not a .vmx file"), r->name);
    error_hint (r->err, _("name the .vmx file of the same VM, or use -i "
                          "disk"));
  }
  if (memchr (text.ptr, '\0', text.len) != NULL)
    error_set (r->err, REASON_USAGE,
               _("%s is not a .vmx file: it holds NUL bytes"), r->name);
}

void
vmx_parse (struct vmx_reading *r, const char *text, size_t len)
{
  static const char bom[] = "\xef\xbb\xbf";
  struct span file = { text, len };
  CLEANUP_FREE char *utf8 = NULL;

  if (len >= sizeof bom - 1 && memcmp (text, bom, sizeof bom - 1) == 0) {
    file.ptr += sizeof bom - 1;
    file.len -= sizeof bom - 1;
  }
  check_kind (r, file);
  if (!error_is_set (r->err))
    utf8 = vmx_to_utf8 (file, r->name, &len, r->err);
  if (utf8 == NULL)
    return;
  parse_lines (r, (struct span) { utf8, len });
  sort_entries (&r->entries);
  if (r->entries.len == 0)
    error_set (r->err, REASON_USAGE,
               _("%s is not a .vmx file: it has no line of the form "
                 "key = \"value\""), r->name);
}

void
vmx_free_entries (struct vmx_entries *entries)
{
  for (size_t i = 0; i < entries->len; i++)
    entry_reset (&entries->ptr[i]);
  vmx_entries_reset (entries);
}

static int
compare_key (const void *key, const void *entry)
{
  return strcmp (key, ((const struct vmx_entry *) entry)->key);
}

const struct vmx_entry *
vmx_find (const struct vmx_reading *r, const char *key)
{
  return bsearch (key, r->entries.ptr, r->entries.len,
                  sizeof *r->entries.ptr, compare_key);
}

const char *
vmx_get (struct vmx_reading *r, size_t *line, const char *fmt, ...)
{
  const struct vmx_entry *entry;
  char key[KEY_MAX];
  va_list args;

  va_start (args, fmt);
  vsnprintf (key, sizeof key, fmt, args);
  va_end (args);
  entry = vmx_find (r, key);
  if (entry == NULL)
    return NULL;
  if (entry->other_line != 0) {
    error_set (r->err, REASON_UNSUPPORTED,
               _("%s:%zu: %s has another value than in line %zu"),
               r->name, entry->other_line, key, entry->line);
    return NULL;
  }
  if (line != NULL)
    *line = entry->line;
  return *entry->value != '\0' ? entry->value : NULL;
}

bool
vmx_get_bool (struct vmx_reading *r, const char *namespace, const char *what,
              bool otherwise)
{
  size_t line;
  const char *value = vmx_get (r, &line, "%s.%s", namespace, what);
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  bool ret = false;

  if (value == NULL)
    return otherwise;
  if (parse_bool (what, value, &ret, &ignored) == -1)
    error_set (r->err, REASON_UNSUPPORTED,
               _("%s:%zu: %s.%s: '%s' is neither TRUE nor FALSE"),
               r->name, line, namespace, what, value);
  return ret;
}

void
vmx_set_string (struct vmx_reading *r, char **field, const char *value)
{
  if (value != NULL)
    *field = alloc_copy (value, r->err);
}

void
vmx_warn (struct vmx_reading *r, const char *fmt, ...)
{
  va_list args;
  char *text;

  if (r->warnings->len == WARNINGS_MAX)
    return;
  va_start (args, fmt);
  text = vformat (r->err, fmt, args);
  va_end (args);
  argv_take (r->warnings, text, r->err);
}
