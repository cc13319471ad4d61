/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The descriptor of a VMDK: lines of KEY=VALUE, and one for each extent of
 * the disk.  Spaces, quotes, the case of keys and the ends of lines differ
 * between the programs that write them, and each of these is taken.
 */

#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "image/image-format.h"
#include "image/vmdk-text.h"

#define SECTOR 512

/* The value after "KEY=" on this line, without quotes; NULL: the line has
 * another key.
 */
static char *
line_value (char *line, const char *key)
{
  const size_t len = strlen (key);
  size_t value_len;

  if (strncasecmp (line, key, len) != 0)
    return NULL;
  line += len;
  line += strspn (line, " \t");
  if (*line != '=')
    return NULL;
  line++;
  line += strspn (line, " \t\"");
  value_len = strlen (line);
  while (value_len > 0 && strchr (" \t\r\"", line[value_len - 1]) != NULL)
    line[--value_len] = '\0';
  return line;
}

/*--- The parent. ---*/

/* VirtualBox writes a UUID of zeroes where there is no parent. */
static bool
is_uuid (const char *value)
{
  return value[strspn (value, "0-")] != '\0';
}

/* VMware says which parent by its CID and file, VirtualBox, which writes
 * parentCID=ffffffff, only by its UUID.
 */
static int
take_parent (char *line, struct image *ret, struct error *err)
{
  const char *value;

  if ((value = line_value (line, "parentCID")) != NULL)
    ret->has_parent |= strcasecmp (value, "ffffffff") != 0;
  else if ((value = line_value (line, "parentFileNameHint")) != NULL &&
           *value != '\0') {
    ret->has_parent = true;
    return alloc_set (&ret->parent, value, err);
  }
  else if ((value = line_value (line, "ddb.uuid.parent")) != NULL &&
           is_uuid (value)) {
    ret->has_parent = true;
    if (ret->parent == NULL)
      return alloc_set (&ret->parent, value, err);
  }
  return 0;
}

/*--- Extents. ---*/

/* Of the types that qemu does not know it reads none, and takes the disk to be
 * so much shorter.  Those of deltas are the snapshot's.
 */
static const struct extent_type {
  const char *name;
  enum image_file_kind kind;
  bool left_out, delta;
} types[] = {
  { "FLAT", IMAGE_FILE_FLAT, false, false },
  { "VMFS", IMAGE_FILE_FLAT, false, false },
  { "SPARSE", IMAGE_FILE_SPARSE, false, false },
  { "ZERO", IMAGE_FILE_ZERO, true, false },
  { "VMFSSPARSE", IMAGE_FILE_SPARSE, false, true },
  { "SESPARSE", IMAGE_FILE_SPARSE, false, true },
};

static const struct extent_type *
find_type (const char *name)
{
  static const struct extent_type other = {
    NULL, IMAGE_FILE_OTHER, true, false
  };

  for (size_t i = 0; i < ARRAY_LEN (types); i++)
    if (strcasecmp (name, types[i].name) == 0)
      return &types[i];
  return &other;
}

/* 'RW 4192256 FLAT "disk-flat.vmdk" 0': access, sectors, type. */
struct extent {
  char access[12], type[16];
  uint64_t sectors;
  const char *rest;             /* of the line: file, sector in it */
};

static bool
parse_extent (const char *line, struct extent *ret)
{
  int used = 0;

  if (sscanf (line, "%11s %19" SCNu64 " %15s%n", ret->access, &ret->sectors,
              ret->type, &used) != 3 ||
      (strcasecmp (ret->access, "RW") != 0 &&
       strcasecmp (ret->access, "RDONLY") != 0 &&
       strcasecmp (ret->access, "NOACCESS") != 0))
    return false;
  ret->rest = line + used + strspn (line + used, " \t");
  return true;
}

/* '"disk-flat.vmdk" 0'.  What has no file begins with no quote. */
static int
take_file (const char *text, struct image_file *file, uint64_t *first,
           struct error *err)
{
  size_t len;

  *first = 0;
  if (*text != '"')
    return 0;
  len = strcspn (++text, "\"");
  if (text[len] != '\0' && sscanf (text + len + 1, " %19" SCNu64, first) != 1)
    *first = 0;
  file->name = strndup (text, len);
  return file->name == NULL ? error_nomem (err) : 0;
}

static int
set_place (struct image_file *file, uint64_t first, uint64_t sectors,
           struct image *ret, struct error *err)
{
  if (__builtin_mul_overflow (first, SECTOR, &file->offset) ||
      __builtin_mul_overflow (sectors, SECTOR, &file->length) ||
      file->offset > INT64_MAX || file->length > INT64_MAX - file->offset ||
      __builtin_add_overflow (ret->size, file->length, &ret->size) ||
      ret->size > INT64_MAX)
    return error_set (err, REASON_UNTRUSTED_IMAGE,
                      _("an extent of %" PRIu64 " sectors is too large"),
                      sectors);
  return 0;
}

static int
take_extent (const char *line, struct image *ret, struct error *err)
{
  struct extent extent;
  const struct extent_type *type;
  struct image_file file = { .name = NULL };
  uint64_t first;

  if (!parse_extent (line, &extent))
    return 0;
  type = find_type (extent.type);
  file.kind = strcasecmp (extent.access, "NOACCESS") == 0 ? IMAGE_FILE_OTHER
                                                          : type->kind;
  file.left_out = type->left_out || strcasecmp (extent.access, "RW") != 0;
  ret->has_parent |= type->delta;
  if (take_file (extent.rest, &file, &first, err) == 0 &&
      set_place (&file, first, extent.sectors, ret, err) == 0) {
    if (image_files_append (&ret->files, file) == 0)
      return 0;
    error_nomem (err);
  }
  free (file.name);
  return -1;
}

int
vmdk_read_text (char *text, size_t len, struct image *ret, struct error *err)
{
  char *rest, *line;

  for (size_t i = 0; i < len; i++)
    if (text[i] == '\0')        /* in a comment; or padding */
      text[i] = ' ';
  for (line = strtok_r (text, "\n", &rest); line != NULL;
       line = strtok_r (NULL, "\n", &rest)) {
    line += strspn (line, " \t");
    if (take_extent (line, ret, err) == -1 ||
        take_parent (line, ret, err) == -1)
      return -1;
  }
  return 0;
}
