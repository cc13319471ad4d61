/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The format of a disk image by its first bytes, for images out of packages:
 * an image that names other files is refused.  VMDKs are recognised in vmdk.c.
 */

#include <config.h>

#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "image/image-kind.h"
#include "image/vmdk.h"
#include "io/reader.h"

#define HEADER_LEN 104          /* qcow2's, version 3 */

/* qcow2: the backing file's offset, big endian, and the feature bit of an
 * external data file.
 */
#define QCOW2_BACKING 8
#define QCOW2_INCOMPATIBLE 72
#define QCOW2_DATA_FILE 0x04

static const struct {
  const char *magic;
  size_t offset, len;
  const char *format;
} kinds[] = {
  { "QFI\xfb", 0, 4, "qcow2" },
  { "\x7f\x10\xda\xbe", 64, 4, "vdi" },
  { "\xbe\xda\x10\x7f", 64, 4, "vdi" },
  { "vhdxfile", 0, 8, "vhdx" },
  { "conectix", 0, 8, "vpc" },
};

static bool
qcow2_names_files (const unsigned char *header)
{
  static const unsigned char none[8];
  const bool version3 = header[7] >= 3;

  return memcmp (header + QCOW2_BACKING, none, sizeof none) != 0 ||
    (version3 && (header[QCOW2_INCOMPATIBLE + 7] & QCOW2_DATA_FILE) != 0);
}

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

const char *
image_kind (struct reader *reader, const char *name, struct error *err)
{
  unsigned char header[HEADER_LEN] = { 0 };
  const size_t len = reader->size < sizeof header ? (size_t) reader->size
                                                  : sizeof header;
  const char *vmdk = vmdk_kind (reader, name, err);

  if (vmdk != NULL || error_is_set (err))
    return vmdk;
  if (reader_pread (reader, header, len, 0, err) == -1) {
    error_wrap (err, "%s", name);
    return NULL;
  }
  for (size_t i = 0; i < ARRAY_LEN (kinds); i++)
    if (memcmp (header + kinds[i].offset, kinds[i].magic,
                kinds[i].len) == 0) {
      if (i == 0 && qcow2_names_files (header)) {
        refuse (name, err);
        return NULL;
      }
      return kinds[i].format;
    }
  return "raw";
}
