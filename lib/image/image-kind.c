/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The format of a disk image by its first bytes, for images out of packages:
 * an image that names other files is refused.  VMDKs and qcow2 images are
 * recognised in vmdk.c and qcow2.c.
 */

#include <config.h>

#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "image/image-kind.h"
#include "image/qcow2.h"
#include "image/vmdk.h"
#include "io/reader.h"

#define HEADER_LEN 72           /* what tells the formats apart */

static const struct {
  const char *magic;
  size_t offset, len;
  const char *format;
} kinds[] = {
  { "\x7f\x10\xda\xbe", 64, 4, "vdi" },
  { "\xbe\xda\x10\x7f", 64, 4, "vdi" },
  { "vhdxfile", 0, 8, "vhdx" },
  { "conectix", 0, 8, "vpc" },
};

static int
refuse (const char *name, struct error *err)
{
  return error_set (err, REASON_UNTRUSTED_IMAGE,
                    _("'%s' is an image that refers to other files"), name);
}

/* "vmdk", or NULL: the file is no VMDK, or *err is set. */
static const char *
vmdk_kind (struct reader *reader, const char *name, struct error *err)
{
  CLEANUP_VMDK struct vmdk vmdk = { .file = NULL };

  if (vmdk_probe (reader, name, &vmdk, err) == -1)
    return NULL;
  if (vmdk.delta) {
    error_set (err, REASON_SNAPSHOT,
               _("'%s' belongs to a snapshot and holds only a part of the "
                 "disk"), name);
    error_hint (err, _("delete the VM's snapshots in VMware and export it "
                       "again"));
    return NULL;
  }
  if (vmdk.kind == VMDK_DESCRIPTOR)
    refuse (name, err);
  return vmdk.kind == VMDK_SPARSE ? "vmdk" : NULL;
}

/* "qcow2", or NULL in the same way. */
static const char *
qcow2_kind (struct reader *reader, const char *name, struct error *err)
{
  struct qcow2_header header;

  if (qcow2_read_header (reader, &header, err) == -1) {
    error_wrap (err, "%s", name);
    return NULL;
  }
  if (header.has_backing || header.has_data_file)
    refuse (name, err);
  return header.valid && !error_is_set (err) ? "qcow2" : NULL;
}

const char *
image_kind (struct reader *reader, const char *name, struct error *err)
{
  unsigned char header[HEADER_LEN] = { 0 };
  const size_t len = reader->size < sizeof header ? (size_t) reader->size
                                                  : sizeof header;
  const char *kind = vmdk_kind (reader, name, err);

  if (kind == NULL && !error_is_set (err))
    kind = qcow2_kind (reader, name, err);
  if (kind != NULL || error_is_set (err))
    return kind;
  if (reader_pread (reader, header, len, 0, err) == -1) {
    error_wrap (err, "%s", name);
    return NULL;
  }
  for (size_t i = 0; i < ARRAY_LEN (kinds); i++)
    if (memcmp (header + kinds[i].offset, kinds[i].magic,
                kinds[i].len) == 0)
      return kinds[i].format;
  return "raw";
}
