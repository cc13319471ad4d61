/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Parsing a .vmx file into its entries; what the keys mean is the matter of
 * vmx-guest.c and vmx-devices.c.
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
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/vector.h"
#include "image/vmdk.h"
#include "input/vmx/vmx-lines.h"
#include "input/vmx/vmx.h"

/* Far more than any guest has; keeps a hostile file from costing time. */
#define WARNINGS_MAX 20

DEFINE_VECTOR (struct entries, entries, struct vmx_entry);

struct vmx {
  char *name;
  struct entries entries;       /* sorted by key once parsed */
  struct argv warnings;
};

static char *
lower_key (struct span key, struct error *err)
{
  char *copy = strndup (key.ptr, key.len);

  if (copy == NULL) {
    error_nomem (err);
    return NULL;
  }
  for (char *c = copy; *c != '\0'; c++)
    *c = (char) tolower ((unsigned char) *c);
  return copy;
}

static int
add_entry (struct vmx *vmx, struct span key, struct span value, size_t line,
           struct error *err)
{
  CLEANUP_FREE char *name = lower_key (key, err);
  CLEANUP_FREE char *text = NULL;

  if (name == NULL)
    return -1;
  text = vmx_unescape (value, err);
  if (text == NULL) {
    error_wrap (err, "%s:%zu", vmx->name, line);
    return -1;
  }
  if (entries_append (&vmx->entries, (struct vmx_entry) {
        .key = name, .value = text, .line = line }) == -1)
    return error_nomem (err);
  STEAL (name);
  STEAL (text);
  return 0;
}

int
vmx_warn (struct vmx *vmx, struct error *err, const char *fmt, ...)
{
  va_list args;
  char *text;

  if (vmx->warnings.len == WARNINGS_MAX)
    return 0;
  va_start (args, fmt);
  text = vformat (err, fmt, args);
  va_end (args);
  return argv_take (&vmx->warnings, text, err);
}

static int
parse_lines (struct vmx *vmx, struct span text, struct error *err)
{
  for (size_t number = 1; text.len > 0; number++) {
    struct span key, value;

    if (vmx_split_line (vmx_next_line (&text), &key, &value) == -1) {
      if (vmx_warn (vmx, err,
                    _("%s:%zu: the line is not of the form "
                      "key = \"value\" and is ignored"),
                    vmx->name, number) == -1)
        return -1;
      continue;
    }
    if (key.len > 0 && add_entry (vmx, key, value, number, err) == -1)
      return -1;
  }
  return 0;
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
sort_entries (struct entries *list)
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

static bool
begins_with (struct span text, const char *prefix)
{
  const size_t len = strlen (prefix);

  return text.len >= len && memcmp (text.ptr, prefix, len) == 0;
}

/* People name the disk instead of the .vmx file; the error says so. */
static int
check_kind (struct span text, const char *name, struct error *err)
{
  if (vmdk_kind_of (text.ptr, text.len) != VMDK_NONE) {
    error_set (err, REASON_USAGE,
               _("%s is a VMDK, a disk, not a .vmx file"), name);
    error_hint (err, _("name the .vmx file of the same VM, or use -i disk"));
    return -1;
  }
  if (memchr (text.ptr, '\0', text.len) != NULL)
    return error_set (err, REASON_USAGE,
                      _("%s is not a .vmx file: it holds NUL bytes"), name);
  return 0;
}

static int
parse_text (struct vmx *vmx, struct span text, struct error *err)
{
  static const char bom[] = "\xef\xbb\xbf";
  CLEANUP_FREE char *utf8 = NULL;
  size_t len;

  if (begins_with (text, bom)) {
    text.ptr += sizeof bom - 1;
    text.len -= sizeof bom - 1;
  }
  if (check_kind (text, vmx->name, err) == -1)
    return -1;
  utf8 = vmx_to_utf8 (text, vmx->name, &len, err);
  if (utf8 == NULL ||
      parse_lines (vmx, (struct span) { utf8, len }, err) == -1)
    return -1;
  sort_entries (&vmx->entries);
  if (vmx->entries.len == 0)
    return error_set (err, REASON_USAGE,
                      _("%s is not a .vmx file: it has no line of the form "
                        "key = \"value\""), vmx->name);
  return 0;
}

struct vmx *
vmx_parse (const char *text, size_t len, const char *name,
           struct error *err)
{
  CLEANUP_VMX struct vmx *vmx = alloc_zero (sizeof *vmx, err);

  if (vmx == NULL || alloc_set (&vmx->name, name, err) == -1)
    return NULL;
  if (parse_text (vmx, (struct span) { text, len }, err) == -1)
    return NULL;
  return STEAL (vmx);
}

void
vmx_free (struct vmx *vmx)
{
  if (vmx == NULL)
    return;
  for (size_t i = 0; i < vmx->entries.len; i++)
    entry_reset (&vmx->entries.ptr[i]);
  entries_reset (&vmx->entries);
  argv_reset (&vmx->warnings);
  free (vmx->name);
  free (vmx);
}

const char *
vmx_name (const struct vmx *vmx)
{
  return vmx->name;
}

static int
compare_key (const void *key, const void *entry)
{
  return strcmp (key, ((const struct vmx_entry *) entry)->key);
}

const struct vmx_entry *
vmx_find (const struct vmx *vmx, const char *key)
{
  return bsearch (key, vmx->entries.ptr, vmx->entries.len,
                  sizeof *vmx->entries.ptr, compare_key);
}

const struct vmx_entry *
vmx_entries (const struct vmx *vmx, size_t *n)
{
  *n = vmx->entries.len;
  return vmx->entries.ptr;
}

const struct argv *
vmx_warnings (const struct vmx *vmx)
{
  return &vmx->warnings;
}
