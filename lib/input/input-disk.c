/* SPDX-License-Identifier: GPL-2.0-or-later */

/* -i disk: a guest of which only the disks are known.  Each SOURCE is a path
 * or a URI (guest/location.c), or with -it vddk or nfc a path on a datastore.
 */

#include <config.h>

#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/events.h"
#include "base/i18n.h"
#include "base/uri.h"
#include "guest/suggest-source.h"
#include "image/image.h"
#include "input/input-vmdk.h"
#include "input/input-vmware.h"
#include "input/input.h"
#include "io/reader.h"

/* The last part of the path, without its extension: virt-v2v's rule. */
static char *
name_of_path (const char *path, struct error *err)
{
  const char *slash = strrchr (path, '/');
  const char *base = slash != NULL ? slash + 1 : path;
  const char *dot = strrchr (base, '.');
  const size_t len = dot != NULL && dot != base ? (size_t) (dot - base)
                                                : strlen (base);

  return len > 0 ? format (err, "%.*s", (int) len, base)
    : alloc_copy ("disk", err);
}

static char *
name_of_location (const struct location *location, struct error *err)
{
  CLEANUP_URI struct uri_parts parts = { .scheme = NULL };
  CLEANUP_ERROR struct error ignored = ERROR_INIT;

  if (location->path != NULL)
    return name_of_path (location->path, err);
  if (location->uri != NULL && uri_parse (location->uri, &parts,
                                          &ignored) == 0 &&
      parts.path != NULL)
    return name_of_path (parts.path, err);
  return alloc_copy ("disk", err);
}

static int
check_file_type (const char *source, const char *path, struct error *err)
{
  struct stat st;

  if (stat (path, &st) == -1) {
    error_errno (err, errno == ENOENT || errno == ENOTDIR
                 ? REASON_NOT_FOUND : errno == EACCES
                 ? REASON_AUTH : REASON_READ,
                 _("cannot open %s"), path);
    if (err->reason == REASON_NOT_FOUND)
      suggest_source (source, err);
    return -1;
  }
  if (S_ISREG (st.st_mode) || S_ISBLK (st.st_mode))
    return 0;
  error_set (err, REASON_UNSUPPORTED,
             _("%s is neither a file nor a block device"), path);
  error_hint (err, _("a disk image or a device such as /dev/vg/lv is "
                     "needed"));
  return -1;
}

/* What is opened here is what is read, and nothing else that gets its name. */
static int
open_file (const char *source, struct location *location, struct error *err)
{
  CLEANUP_ERROR struct error failed = ERROR_INIT;

  if (location_open (location, &failed) == -1 &&
      check_file_type (source, location->path, err) == 0)
    error_move (err, &failed);
  return location->file != NULL ? 0 : -1;
}

/* What the image itself says.  Whether it can be read as a disk is judged when
 * it is opened, as that of images on other hosts is.
 */
static int
find_format (struct disk *disk, struct error *err)
{
  const char *path = disk->location.path;
  CLEANUP_READER struct reader *reader = reader_file_of (disk->location.file,
                                                         err);
  CLEANUP_IMAGE struct image image = { .format = NULL };

  if (reader == NULL ||
      image_examine (reader, path, NULL, &image, err) == -1)
    return -1;
  if (image_is_raw (&image) &&
      input_vmdk_check_alone (reader, path, err) == -1)
    return -1;
  return alloc_set (&disk->format, image_format_name (&image), err);
}

/* A description of a guest can be copied as if it were a disk, but that is
 * hardly what the user wants.
 */
static void
warn_of_description (const struct input_request *request, const char *source)
{
  const char *mode = suggest_input (source);

  if (mode != NULL)
    events_say (request->events, EVENT_WARNING, -1,
                _("%s is taken for a disk; if it describes a guest, add -i "
                  "%s"), source, mode);
}

/* What is not local, or comes through a filter, is looked at when it is
 * opened.
 */
static int
set_format (const struct input_request *request, const char *source,
            struct disk *disk, struct error *err)
{
  if (input_allow_backing (request, disk, err) == -1)
    return -1;
  if (disk->location.kind == LOCATION_FILE && !request->dry_run) {
    if (open_file (source, &disk->location, err) == -1)
      return -1;
    warn_of_description (request, source);
    if (request->format == NULL &&
        argv_value (request->options, "filter") == NULL)
      return find_format (disk, err);
  }
  return alloc_set (&disk->format, request->format, err);
}

/* -it vddk or nfc: SOURCE is '[datastore] vm/vm.vmdk', and -io options give
 * the server and the VM, so that a script that knows them needs no libvirt.
 */
static int
vmware_location (const struct input_request *request, const char *source,
                 struct location *location, struct error *err)
{
  const struct vmware_server unknown = { .host = NULL };

  if (alloc_set (&location->path, source, err) == -1)
    return -1;
  return vmware_use_transport (&unknown, NULL, request, location, err);
}

static int
set_location (const struct input_request *request, const char *source,
              struct location *location, struct error *err)
{
  if (request->transport == NULL)
    return location_parse (source, location, err);
  if (vmware_has_transport (request->transport))
    return vmware_location (request, source, location, err);
  error_set (err, REASON_USAGE, _("-i %s cannot be used with -it %s"),
             "disk", request->transport);
  error_hint (err, _("write ssh://[USER@]HOST/PATH for a disk on an SSH "
                     "server"));
  return -1;
}

static int
add_source (const struct input_request *request, const char *source,
            struct guest *guest, struct error *err)
{
  struct disk *disk = guest_add_disk (guest, err);

  if (disk == NULL || set_location (request, source, &disk->location,
                                    err) == -1 ||
      location_set_password (&disk->location, request->password, err) == -1)
    return -1;
  return set_format (request, source, disk, err);
}

static int
add_sources (const struct input_request *request, struct guest *guest,
             struct error *err)
{
  for (size_t i = 0; i < request->sources->len; i++)
    if (add_source (request, request->sources->ptr[i], guest, err) == -1) {
      err->disk = (int) i;
      return -1;
    }
  return request->transport == NULL ? 0
    : vmware_override_files (request, guest, err);
}

static int
read_disks (const struct input_request *request, struct guest *guest,
            struct error *err)
{
  if (add_sources (request, guest, err) == -1)
    return -1;
  guest->name = name_of_location (&guest->disks.ptr[0].location, err);
  return guest->name == NULL ? -1 : guest_assume_nic (guest, err);
}

/* Where nothing is unpacked, no disk is opened, and no server wants to know
 * who asks.
 */
static char *
disk_login (const struct input_request *request, struct error *err)
{
  if (request->transport != NULL)
    return vmware_login (request, err);
  return request->scratch == NULL ? NULL : input_url_login (request, err);
}

const struct input_ops input_disk = {
  .name = "disk",
  .login = disk_login,
  .read = read_disks,
};
