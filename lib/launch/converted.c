/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Reads what virt-v2v-in-place -O (2.7.4 and later) has found out about a
 * guest: of that, what a KVM guest needs and its source may not tell.  virt-v2v
 * knows from an EFI system partition that a disk image wants UEFI, and the
 * architecture from its programs.  Buses are not in the file.
 */

#include <config.h>

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/events.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/xml.h"
#include "guest/guest.h"
#include "io/reader.h"
#include "launch/converted.h"

#define SIZE_MAX_BYTES (1 << 20)

char *
converted_path (const char *dir, struct error *err)
{
  return format (err, "%s/converted.xml", dir);
}

static enum firmware
firmware_of (const char *name)
{
  if (strcmp (name, "uefi") == 0)
    return FIRMWARE_UEFI;
  return strcmp (name, "bios") == 0 ? FIRMWARE_BIOS : FIRMWARE_UNKNOWN;
}

/* libguestfs has other names than libvirt for some. */
static bool
is_arch_of_libvirt (const char *arch)
{
  static const char *const archs[] = {
    "aarch64", "ppc64", "ppc64le", "riscv64", "s390x", "x86_64",
  };

  for (size_t i = 0; i < ARRAY_LEN (archs); i++)
    if (strcmp (arch, archs[i]) == 0)
      return true;
  return false;
}

static int
read_inspection (struct xml *xml, struct guest *guest, struct error *err)
{
  CLEANUP_FREE char *firmware = NULL, *arch = NULL;

  if (xml_string (xml, xml_root (xml), "firmware/@type", &firmware,
                  err) == -1 ||
      xml_string (xml, xml_root (xml), "operatingsystem/arch", &arch,
                  err) == -1)
    return -1;
  if (firmware != NULL)
    guest->converted.firmware = firmware_of (xml_trim (firmware));
  if (arch != NULL && is_arch_of_libvirt (xml_trim (arch)))
    return alloc_set (&guest->converted.arch, xml_trim (arch), err);
  return 0;
}

static int
read_file (const char *path, struct guest *guest, struct error *err)
{
  CLEANUP_READER struct reader *reader = reader_file_new (path, err);
  CLEANUP_XML struct xml *xml = NULL;
  CLEANUP_FREE char *text = NULL;
  size_t len;

  if (reader == NULL)
    return -1;
  text = reader_slurp (reader, SIZE_MAX_BYTES, &len, err);
  if (text == NULL)
    return -1;
  xml = xml_parse (text, len, path, err);
  return xml == NULL ? -1 : read_inspection (xml, guest, err);
}

int
converted_read (const char *dir, struct guest *guest,
                const struct events *events, struct error *err)
{
  CLEANUP_FREE char *path = converted_path (dir, err);
  CLEANUP_ERROR struct error local = ERROR_INIT;
  struct stat st;

  if (path == NULL)
    return -1;
  if (lstat (path, &st) == -1 && errno == ENOENT)
    return 0;
  if (!S_ISREG (st.st_mode))
    error_set (&local, REASON_CONVERT, _("%s is not a regular file"), path);
  else if (read_file (path, guest, &local) == 0)
    return file_sync (path, err);
  events_say (events, EVENT_WARNING, -1,
              _("ignoring what the command has written about the guest: %s"),
              local.message);
  return 0;
}
