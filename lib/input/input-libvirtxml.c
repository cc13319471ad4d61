/* SPDX-License-Identifier: GPL-2.0-or-later */

/* -i libvirtxml: a file of libvirt's domain XML.  The XML is read in
 * input/domain; here is decided where the disks are.
 */

#include <config.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "guest/guest.h"
#include "input/domain/domain-guest.h"
#include "input/input-vmware.h"
#include "input/input.h"
#include "io/reader.h"

/* Bytes.  The limit of xml_parse is lower, and its error says so. */
#define FILE_MAX_SIZE (8 * 1024 * 1024)

/* libvirt has no relative paths, but people write them by hand, and mean paths
 * relative to the XML file.
 */
static int
resolve_paths (const char *xml_path, struct guest *guest, struct error *err)
{
  for (size_t i = 0; i < guest->disks.len; i++) {
    struct location *location = &guest->disks.ptr[i].location;
    char *path;

    if (location->kind != LOCATION_FILE)
      continue;
    path = input_path_beside (xml_path, location->path, err);
    if (path == NULL)
      return -1;
    free (location->path);
    location->path = path;
  }
  return 0;
}

/* With -it vddk or nfc the XML is of a VMware guest, saved by virsh dumpxml,
 * and -io vddk-server and vddk-user say where it is.
 */
static int
locate_disks (const char *path, const struct input_request *request,
              struct guest *guest, struct error *err)
{
  const struct vmware_server unknown = { .host = NULL };

  if (request->transport == NULL)
    return resolve_paths (path, guest, err);
  return vmware_reach_disks (&unknown, request, guest, err);
}

static int
libvirtxml_read (const struct input_request *request, struct guest *guest,
                 struct error *err)
{
  const char *path = request->sources->ptr[0];
  size_t len;
  CLEANUP_FREE char *text = input_text (reader_file_new (path, err), path,
                                        FILE_MAX_SIZE, &len, err);

  if (text == NULL ||
      domain_read_guest (text, len, path, request, guest, err) == -1)
    return -1;
  return locate_disks (path, request, guest, err);
}

const struct input_ops input_libvirtxml = {
  .name = "libvirtxml",
  .one_source = N_("-i libvirtxml takes one file of libvirt domain XML"),
  .login = vmware_login,
  .transports = { "nfc", "vddk" },
  .read = libvirtxml_read,
};
