/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The item of a VHDX's metadata that names the parent by several keys. */

#include <config.h>

#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "image/utf16.h"
#include "image/vhdx.h"

/* The item that names the parent: entries of four numbers, which say where in
 * the item key and value are (4 bytes each) and how long (2 bytes each).
 */
#define NAME_COUNT 18           /* 2 bytes */
#define NAME_ENTRIES 20
#define NAME_ENTRY_LEN 12

/* LEN bytes at OFFSET of the locator, as text; empty: it has not so many. */
static char *
locator_text (const unsigned char *locator, size_t locator_len,
              uint32_t offset, uint16_t len, struct error *err)
{
  return offset > locator_len || len > locator_len - offset
    ? alloc_copy ("", err) : utf16_to_text (locator + offset, len, false, err);
}

/* The value of KEY, or NULL. */
static int
find_name (const unsigned char *locator, size_t len, const char *key,
           char **ret, struct error *err)
{
  const size_t count = (len - NAME_ENTRIES) / NAME_ENTRY_LEN;
  const unsigned char *entry = locator + NAME_ENTRIES;

  for (size_t i = 0; i < count && i < le16 (locator + NAME_COUNT) &&
         *ret == NULL; i++, entry += NAME_ENTRY_LEN) {
    CLEANUP_FREE char *name =
      locator_text (locator, len, le32 (entry), le16 (entry + 8), err);

    if (name == NULL)
      return -1;
    if (strcmp (name, key) != 0)
      continue;
    *ret = locator_text (locator, len, le32 (entry + 4), le16 (entry + 10),
                         err);
    if (*ret == NULL)
      return -1;
  }
  return 0;
}

int
vhdx_parent_name (const unsigned char *locator, size_t len, char **ret,
                  struct error *err)
{
  /* The first of these that there is. */
  static const char *const keys[] = {
    "absolute_win32_path", "relative_path", "volume_path",
  };

  if (len < NAME_ENTRIES)
    return 0;
  for (size_t i = 0; i < ARRAY_LEN (keys) && *ret == NULL; i++)
    if (find_name (locator, len, keys[i], ret, err) == -1)
      return -1;
  return 0;
}
