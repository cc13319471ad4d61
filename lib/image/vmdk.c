/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What a VMDK is: the one place that recognises them, and says what can be
 * done about those that are not a disk by themselves.
 */

#include <config.h>

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "image/head.h"
#include "image/image-format.h"
#include "image/vmdk.h"
#include "image/vmdk-sparse.h"
#include "image/vmdk-text.h"
#include "io/reader.h"

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

/* An ESXi host's deltas begin so: the older ones, and seSparse. */
static bool
is_delta (const char *start, size_t len)
{
  static const char sesparse[] = "\xbe\xba\xfe\xca\0\0\0";

  return (len >= 4 && memcmp (start, "COWD", 4) == 0) ||
    (len >= sizeof sesparse && memcmp (start, sesparse, sizeof sesparse) == 0);
}

enum vmdk_kind
vmdk_kind_of (const char *start, size_t len)
{
  if (len >= 4 && memcmp (start, "KDMV", 4) == 0)
    return VMDK_SPARSE;
  if (is_delta (start, len))
    return VMDK_DELTA;
  return is_descriptor (start, len) ? VMDK_DESCRIPTOR : VMDK_NONE;
}

static enum vmdk_kind
kind_of_file (const struct image_ends *ends)
{
  return vmdk_kind_of ((const char *) ends->start,
                       ends->size < VMDK_START ? (size_t) ends->size
                       : VMDK_START);
}

static bool
is_vmdk (const struct image_ends *ends)
{
  return kind_of_file (ends) != VMDK_NONE;
}

/*--- What is no disk by itself. ---*/

#define COPY_TOGETHER N_("copy the descriptor and its files to one directory " \
                         "of this host, and give the descriptor there")

/* How long the part behind the disk's own name is, if PIECE ends so: -flat, or
 * -s and -f with a number.
 */
static size_t
piece_suffix (const char *piece)
{
  static const char flat[] = "-flat.vmdk"; /* as long as -s001.vmdk */
  const size_t len = strlen (piece), form_len = sizeof flat - 1;
  const char *tail = piece + len - form_len;

  if (len <= form_len || tail[0] != '-')
    return 0;
  return strcasecmp (tail, flat) == 0 ||
    ((tail[1] == 's' || tail[1] == 'f') &&
     strspn (tail + 2, "0123456789") == 3 &&
     strcasecmp (tail + 5, ".vmdk") == 0) ? form_len : 0;
}

char *
vmdk_name_of_whole (const char *piece, struct error *err)
{
  const size_t suffix = piece_suffix (piece);

  return suffix == 0 ? NULL
    : format (err, "%.*s.vmdk", (int) (strlen (piece) - suffix), piece);
}

void
vmdk_hint_at_whole (const char *whole, bool remote, struct error *err)
{
  /* The descriptor would be refused there as well. */
  if (remote)
    error_hint (err, "%s", _(COPY_TOGETHER));
  else if (whole != NULL)
    error_hint (err, _("give the file that describes the whole disk, %s, with "
                       "-io allow-backing=true, or the VM's .vmx file with -i "
                       "vmx"), whole);
  else
    error_hint (err, _("give the VM's .vmx file with -i vmx"));
}

static int
refuse_piece (const struct image *image, const char *name,
              bool allow_files __attribute__ ((unused)), struct error *err)
{
  CLEANUP_FREE char *whole = vmdk_name_of_whole (name, err);

  error_set (err, REASON_UNSUPPORTED,
             _("%s is one piece of a split disk, or its descriptor is "
               "missing"), name);
  vmdk_hint_at_whole (whole, image->remote, err);
  return -1;
}

static int
refuse_descriptor (const struct image *image, const char *name,
                   bool allow_files, struct error *err)
{
  const struct image_files *files = &image->files;

  error_set (err, allow_files ? REASON_UNSUPPORTED : REASON_UNTRUSTED_IMAGE,
             _("%s is a VMDK descriptor: the disk itself is in %s"), name,
             files->len > 1 ? _("several other files")
             : files->ptr[0].name != NULL ? files->ptr[0].name
             : _("another file"));
  /* Of what is on another host nothing else can be opened. */
  error_hint (err, allow_files || image->remote
              ? _(COPY_TOGETHER)
              : _("a guest could make this host read any file that way: if "
                  "you trust the image, and its files are beside it, allow it "
                  "with -io allow-backing=true; or give the VM's .vmx file "
                  "with -i vmx"));
  return -1;
}

bool
vmdk_is_descriptor (const struct image *image)
{
  return image->check == refuse_descriptor;
}

bool
vmdk_is_piece (const struct image *image)
{
  return image->check == refuse_piece;
}

/*--- Pieces. ---*/

int
vmdk_refuse_short (const char *path, uint64_t missing, struct error *err)
{
  error_set (err, REASON_UNSUPPORTED,
             _("%s is incomplete: %" PRIu64 " bytes are missing"), path,
             missing);
  image_hint_incomplete (err);
  return -1;
}

int
vmdk_examine_piece (struct reader *reader, const char *path,
                    const struct image_file *file, bool *rounded,
                    struct image *ret, struct error *err)
{
  bool exact;

  if (image_examine (reader, path, "vmdk", ret, err) == -1)
    return -1;
  exact = vmdk_is_piece (ret) && ret->size == file->length;
  if (ret->has_parent || vmdk_is_descriptor (ret) ||
      ret->size < file->length || (!exact && rounded == NULL))
    return error_set (err, REASON_UNTRUSTED_IMAGE,
                      _("%s does not match what the descriptor says of it"),
                      path);
  if (!exact)
    *rounded = true;
  return ret->needed <= ret->file_size ? 0
    : vmdk_refuse_short (path, ret->needed - ret->file_size, err);
}

/*--- Looking at it. ---*/

static int
examine_text (struct reader *reader, struct image *ret, struct error *err)
{
  const size_t len = reader->size < VMDK_TEXT_MAX ? (size_t) reader->size
                                                  : VMDK_TEXT_MAX;
  CLEANUP_FREE char *text = alloc_zero (len + 1, err);

  if (text == NULL || reader_pread (reader, text, len, 0, err) == -1 ||
      vmdk_read_text (text, len, ret, err) == -1)
    return -1;
  ret->variant = "descriptor";
  ret->check = refuse_descriptor;
  return ret->files.len > 0 ? 0
    : error_set (err, REASON_UNTRUSTED_IMAGE,
                 _("it is a VMDK descriptor that names no files"));
}

static int
want_head (const struct image_ends *ends, struct image_head *ret,
           struct error *err)
{
  switch (kind_of_file (ends)) {
  case VMDK_DESCRIPTOR:
    return image_head_want (ret, ends, 0, VMDK_TEXT_MAX, err);
  case VMDK_SPARSE:
    return vmdk_want_sparse (ends, ret, err);
  case VMDK_DELTA:
  case VMDK_NONE:
    break;
  }
  return 0;
}

static int
examine (struct reader *reader, const struct image_ends *ends,
         struct image *ret, struct error *err)
{
  bool without_text;

  switch (kind_of_file (ends)) {
  case VMDK_DESCRIPTOR:
    return examine_text (reader, ret, err);
  case VMDK_SPARSE:
    if (vmdk_read_sparse (reader, ends, ret, &without_text, err) == -1)
      return -1;
    if (without_text)
      ret->check = refuse_piece;
    return 0;
  case VMDK_DELTA:
    ret->has_parent = true;
    return 0;
  case VMDK_NONE:
    break;
  }
  return 0;
}

const struct image_format image_vmdk = {
  .name = "vmdk",
  .what = N_("a VMDK image"),
  .probe = is_vmdk,
  .head = want_head,
  .examine = examine,
  .parent_hint = N_("delete the VM's snapshots, or consolidate its disks, "
                    "where it runs, or export the VM, and try again"),
};
