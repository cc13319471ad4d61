/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What a VMDK is, and which files it names: the one place that recognises
 * VMDKs.  Whether such files may be read is decided by the callers.
 */

#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "image/bytes.h"
#include "image/image-format.h"
#include "image/vmdk.h"
#include "io/reader.h"

#define SECTOR 512
/* A descriptor is some hundred bytes; one of many 2 GB extents some
 * thousand.
 */
#define DESCRIPTOR_MAX (1 << 20)

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

static bool
names_parent (char *line)
{
  const char *value = line_value (line, "parentCID");

  if (value != NULL)
    return strcasecmp (value, "ffffffff") != 0;
  value = line_value (line, "parentFileNameHint");
  return value != NULL && *value != '\0';
}

/* The first extent's file and the sector in it: '"disk-flat.vmdk" 0'. */
static int
take_file (struct vmdk *ret, const char *text, uint64_t *first,
           struct error *err)
{
  size_t len;

  if (*text != '"')
    return 0;                   /* a ZERO extent has no file */
  len = strcspn (++text, "\"");
  if (text[len] != '\0' && sscanf (text + len + 1, " %19" SCNu64, first) != 1)
    *first = 0;
  ret->file = strndup (text, len);
  return ret->file == NULL ? error_nomem (err) : 0;
}

/* 'RW 4192256 FLAT "disk-flat.vmdk" 0': access, sectors, type, file and
 * the first sector in it.  Other lines are ignored.
 */
static int
take_extent (struct vmdk *ret, const char *line, struct error *err)
{
  char access[12], type[16];
  uint64_t sectors, first = 0;
  int used = 0;

  if (sscanf (line, "%11s %19" SCNu64 " %15s%n", access, &sectors, type,
              &used) != 3 ||
      (strcasecmp (access, "RW") != 0 && strcasecmp (access, "RDONLY") != 0
       && strcasecmp (access, "NOACCESS") != 0) || ret->extents++ > 0)
    return 0;
  ret->flat = strcasecmp (type, "FLAT") == 0 ||
    strcasecmp (type, "VMFS") == 0;
  line += used;
  if (take_file (ret, line + strspn (line, " \t"), &first, err) == -1)
    return -1;
  if (__builtin_mul_overflow (first, SECTOR, &ret->offset) ||
      __builtin_mul_overflow (sectors, SECTOR, &ret->length) ||
      ret->offset > INT64_MAX || ret->length > INT64_MAX - ret->offset)
    return error_set (err, REASON_UNTRUSTED_IMAGE,
                      _("an extent of %" PRIu64 " sectors is too large"),
                      sectors);
  return 0;
}

static int
parse_descriptor (char *text, struct vmdk *ret, struct error *err)
{
  char *rest, *line;

  for (line = strtok_r (text, "\n", &rest); line != NULL;
       line = strtok_r (NULL, "\n", &rest)) {
    line += strspn (line, " \t");
    if (take_extent (ret, line, err) == -1)
      return -1;
    if (names_parent (line))
      ret->delta = true;
  }
  return 0;
}

/* Read the descriptor inside a sparse file.  Only whether it names a parent
 * matters: the extent that it names is the file itself.
 */
static int
probe_embedded (struct reader *reader, uint64_t sector, uint64_t sectors,
                struct vmdk *ret, struct error *err)
{
  CLEANUP_VMDK struct vmdk inner = { .file = NULL };
  CLEANUP_FREE char *text = NULL;
  size_t len;

  if (sector == 0 || sectors == 0)
    return 0;                   /* a piece of a disk: it has none */
  if (sectors > DESCRIPTOR_MAX / SECTOR || sector > reader->size / SECTOR)
    return error_set (err, REASON_UNTRUSTED_IMAGE,
                      _("its descriptor is too large, or lies outside the "
                        "file"));
  len = sectors * SECTOR;
  if (len > reader->size - sector * SECTOR)
    len = reader->size - sector * SECTOR;
  text = malloc (len + 1);
  if (text == NULL)
    return error_nomem (err);
  if (reader_pread (reader, text, len, sector * SECTOR, err) == -1)
    return -1;
  text[len] = '\0';
  if (parse_descriptor (text, &inner, err) == -1)
    return -1;
  ret->delta = inner.delta;
  return 0;
}

/* The header is little endian: magic, version, flags (4 bytes each), then in
 * sectors (8 bytes each) capacity, grain size, the descriptor's offset and its
 * size.
 */
static int
probe_sparse (struct reader *reader, const unsigned char *header,
              struct vmdk *ret, struct error *err)
{
  /* qemu takes a header without a capacity for a wrapper around its
   * descriptor, and opens the files that the descriptor names.
   */
  if (le64 (header + 12) == 0)
    return error_set (err, REASON_UNTRUSTED_IMAGE,
                      _("its header does not give a capacity"));
  return probe_embedded (reader, le64 (header + 28), le64 (header + 36), ret,
                         err);
}

static int
probe_text (struct reader *reader, struct vmdk *ret, struct error *err)
{
  size_t len;
  CLEANUP_FREE char *text = reader_slurp (reader, DESCRIPTOR_MAX, &len, err);

  return text == NULL ? -1 : parse_descriptor (text, ret, err);
}

/* qemu's rule (vmdk_probe in block/vmdk.c): comments and lines of spaces, then
 * a line with the version.  The comment with which VMware's descriptors begin
 * counts even without the version.
 */
static bool
is_descriptor (const char *start, size_t len)
{
  static const char magic[] = "# Disk DescriptorFile";
  char text[VMDK_START + 1] = "";
  const char *p = text;

  for (size_t i = 0; i < len && i < VMDK_START; i++)
    text[i] = start[i] == '\0' ? '?' : start[i];
  if (strncasecmp (text, magic, sizeof magic - 1) == 0)
    return true;
  while (*p == '#' || *p == ' ') {
    p += *p == '#' ? strcspn (p, "\n") : strspn (p, " ");
    p += *p == '\r';
    if (*p++ != '\n')
      return false;
  }
  if (strncmp (p, "version=", 8) != 0 || p[8] < '1' || p[8] > '3')
    return false;
  p += strlen ("version=1");
  return *p == '\n' || strncmp (p, "\r\n", 2) == 0;
}

enum vmdk_kind
vmdk_kind_of (const char *start, size_t len)
{
  if (len >= 4 && memcmp (start, "KDMV", 4) == 0)
    return VMDK_SPARSE;
  if (len >= 4 && memcmp (start, "COWD", 4) == 0)
    return VMDK_COW;
  return is_descriptor (start, len) ? VMDK_DESCRIPTOR : VMDK_NONE;
}

static int
read_start (struct reader *reader, unsigned char start[VMDK_START],
            enum vmdk_kind *kind, struct error *err)
{
  const size_t len = reader->size < VMDK_START ? (size_t) reader->size
                                               : VMDK_START;

  memset (start, 0, VMDK_START);
  if (reader_pread (reader, start, len, 0, err) == -1)
    return -1;
  *kind = vmdk_kind_of ((const char *) start, len);
  return 0;
}

static int
probe (struct reader *reader, struct vmdk *ret, struct error *err)
{
  unsigned char start[VMDK_START];

  if (read_start (reader, start, &ret->kind, err) == -1)
    return -1;
  ret->delta = ret->kind == VMDK_COW;
  if (ret->kind == VMDK_SPARSE)
    return probe_sparse (reader, start, ret, err);
  return ret->kind == VMDK_DESCRIPTOR ? probe_text (reader, ret, err) : 0;
}

int
vmdk_probe (struct reader *reader, const char *name, struct vmdk *ret,
            struct error *err)
{
  *ret = (struct vmdk) { .kind = VMDK_NONE };
  if (probe (reader, ret, err) == -1) {
    error_wrap (err, "%s", name);
    return -1;
  }
  return 0;
}

void
vmdk_reset (struct vmdk *vmdk)
{
  free (vmdk->file);
  vmdk->file = NULL;
}

/*--- As a format. ---*/

static bool
is_vmdk (const struct image_ends *ends)
{
  return vmdk_kind_of ((const char *) ends->start,
                       ends->size < VMDK_START ? (size_t) ends->size
                       : VMDK_START) != VMDK_NONE;
}

static int
examine (struct reader *reader,
         const struct image_ends *ends __attribute__ ((unused)),
         struct image *ret, struct error *err)
{
  CLEANUP_VMDK struct vmdk vmdk = { .kind = VMDK_NONE };

  if (probe (reader, &vmdk, err) == -1)
    return -1;
  ret->has_parent = vmdk.delta;
  return vmdk.kind != VMDK_DESCRIPTOR ? 0
    : image_add_file (ret, vmdk.file, vmdk.file == NULL ? 0
                      : strlen (vmdk.file), err);
}

const struct image_format image_vmdk = {
  .name = "vmdk",
  .what = N_("a VMDK image"),
  .probe = is_vmdk,
  .examine = examine,
  .parent_hint = N_("delete the VM's snapshots, or consolidate its disks, "
                    "where it runs, and try again"),
};
