/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Anything may be on a guest's disk, which the input describes (pieces.h).
 * Whatever is found, its ranges are in order and on the disk, and it stays the
 * same on the way through a text.
 */

#include <config.h>

#include <stdint.h>
#include <string.h>

#include "base/error.h"
#include "filesystem/filesystem.h"
#include "filesystem/found-text.h"
#include "pieces.h"

extern int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
must (bool is_so)
{
  if (!is_so)
    __builtin_trap ();
}

static void
check_ranges (const struct ranges *ranges, uint64_t size)
{
  uint64_t end = 0;

  for (size_t i = 0; i < ranges->len; i++) {
    const struct range *range = &ranges->ptr[i];

    must (range->len > 0 && (i == 0 || range->offset > end));
    must (range->offset <= size && range->len <= size - range->offset);
    end = range->offset + range->len;
  }
}

static void
check_list (const struct filesystem_list *list, uint64_t size)
{
  for (size_t i = 0; i < list->len; i++) {
    const struct filesystem *fs = &list->ptr[i];

    must (fs->disk == 0 && fs->name != NULL && fs->unused <= fs->size);
    must (fs->size <= size);
    must (fs->why_not != NULL ? fs->unused == 0 : fs->kind != NULL);
  }
}

static void
check_text (const struct filesystems *found, uint64_t size)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  CLEANUP_FILESYSTEMS struct filesystems parsed = { .n = 0 };
  CLEANUP_FREE char *text = found_print (found, &size, &err);
  CLEANUP_FREE char *again = NULL;

  must (text != NULL && found_parse (text, 1, &parsed, &err) == 1);
  again = found_print (&parsed, &size, &err);
  must (again != NULL && strcmp (again, text) == 0);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_FILESYSTEMS struct filesystems found = { .n = 0 };
  CLEANUP_FILESYSTEMS struct filesystems parsed = { .n = 0 };
  CLEANUP_FREE char *text = strndup ((const char *) data, size);
  struct pieces disk;
  struct reader *disks[] = { &disk.base };

  /* The same bytes as what a child answers. */
  if (text != NULL && found_parse (text, 2, &parsed, &ignored) == 1)
    check_ranges (&parsed.unused[0], UINT64_MAX);
  if (!pieces_open (data, size, &disk) ||
      filesystems_find (disks, 1, &found, &err) == -1)
    return 0;
  check_list (&found.list, disk.base.size);
  check_ranges (&found.unused[0], disk.base.size);
  check_text (&found, disk.base.size);
  return 0;
}
