/* SPDX-License-Identifier: GPL-2.0-or-later */

/* -i vmx: a .vmx file and the disks that it names, both local or both on
 * an ESXi host that is reached by ssh.
 *
 * limit or default        value  reason
 * ----------------------  -----  -----------------------------------------
 * size of a .vmx          4 MiB  seen: 10 KiB
 * memSize                 32 MiB VMware's own default
 * numvcpus                1      VMware's own default
 */

#include <config.h>

#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/events.h"
#include "base/i18n.h"
#include "guest/datastore.h"
#include "guest/guest.h"
#include "image/vmdk.h"
#include "input/input-vmdk.h"
#include "input/input.h"
#include "input/vmx/vmx.h"
#include "io/reader.h"

/* "disk.vmdk" is a descriptor; its data are in "disk-flat.vmdk". */
static char *
flat_path (const char *path, struct error *err)
{
  const size_t len = strlen (path);

  if (len <= 5 || strcasecmp (path + len - 5, ".vmdk") != 0)
    return format (err, "%s", path);
  return format (err, "%.*s-flat.vmdk", (int) len - 5, path);
}

static int
refuse_snapshot (const char *path, struct error *err)
{
  error_set (err, REASON_SNAPSHOT,
             _("%s belongs to a snapshot and holds only a part of the disk"),
             path);
  error_hint (err, _("delete the VM's snapshots, or consolidate its disks, "
                     "in VMware and try again"));
  return -1;
}

/* The names in a descriptor are the guest's: they are followed as far as they
 * stay beside it.  What is an image by itself is judged when it is opened.
 */
static int
describe_local (struct disk *disk, struct error *err)
{
  CLEANUP_READER struct reader *reader = NULL;
  CLEANUP_IMAGE struct image image = { .format = NULL };
  const char *path = disk->location.path;

  reader = reader_file_new (path, err);
  if (reader == NULL || image_examine (reader, path, NULL, &image, err) == -1)
    return -1;
  if (strcmp (image_format_name (&image), "vmdk") != 0)
    return error_set (err, REASON_UNSUPPORTED,
                      _("%s is named as a disk but is not a VMDK"), path);
  if (!vmdk_is_descriptor (&image) || image.has_parent)
    return image_check (&image, path, false, err) == -1 ? -1
      : alloc_set (&disk->format, "vmdk", err);
  return input_vmdk_use_files (&image, disk, err);
}

/* A missing disk is not an error yet: opening it later gives a better message,
 * and --print-source works without the disk.
 */
static int
locate_local (const struct location *vmx, const char *file, struct disk *disk,
              struct error *err)
{
  CLEANUP_FREE char *flat = NULL;

  disk->location.kind = LOCATION_FILE;
  disk->location.path = input_path_beside (vmx->path, file, err);
  if (disk->location.path == NULL)
    return -1;
  if (access (disk->location.path, F_OK) == 0)
    return describe_local (disk, err);
  flat = flat_path (disk->location.path, err);
  if (flat == NULL)
    return -1;
  if (access (flat, F_OK) == -1)
    return alloc_set (&disk->format, "vmdk", err);
  free (disk->location.path);
  disk->location.path = STEAL (flat);
  return alloc_set (&disk->format, "raw", err);
}

/* A disk can keep the name of a snapshot after the snapshots were
 * consolidated.  It has a flat file then, which a snapshot's delta has not.
 */
static int
check_snapshot (const struct input_request *request, const struct disk *disk,
                const char *descriptor, struct error *err)
{
  CLEANUP_ERROR struct error failed = ERROR_INIT;
  CLEANUP_READER struct reader *reader = NULL;

  if (!datastore_path_is_snapshot (descriptor))
    return 0;
  reader = request->open_location (request->open_data, &disk->location,
                                   &failed);
  if (reader != NULL)
    return 0;
  if (failed.reason == REASON_NOT_FOUND)
    return refuse_snapshot (descriptor, err);
  error_move (err, &failed);
  return -1;
}

static int
locate_remote (const struct input_request *request,
               const struct location *vmx, const char *file,
               struct disk *disk, struct error *err)
{
  CLEANUP_FREE char *descriptor = NULL;

  if (location_parse (request->sources->ptr[0], &disk->location, err) == -1)
    return -1;
  descriptor = input_path_beside (vmx->path, file, err);
  if (descriptor == NULL)
    return -1;
  free (disk->location.path);
  disk->location.path = flat_path (descriptor, err);
  if (disk->location.path == NULL)
    return -1;
  if (location_default_password (&disk->location, request->password,
                                 err) == -1 ||
      check_snapshot (request, disk, descriptor, err) == -1)
    return -1;
  return alloc_set (&disk->format, "raw", err);
}

static int
locate_disks (const struct input_request *request,
              const struct location *vmx, const struct argv *files,
              struct guest *guest, struct error *err)
{
  for (size_t i = 0; i < guest->disks.len; i++) {
    struct disk *disk = &guest->disks.ptr[i];
    const int r = vmx->kind == LOCATION_SSH
      ? locate_remote (request, vmx, files->ptr[i], disk, err)
      : locate_local (vmx, files->ptr[i], disk, err);

    if (r == -1 || (request->format != NULL &&
                    disk->location.kind != LOCATION_VMDK &&
                    alloc_set (&disk->format, request->format, err) == -1)) {
      err->disk = (int) i;
      return -1;
    }
  }
  return 0;
}

/* Check that -it and SOURCE go together. */
static int
check_source (const struct input_request *request,
              const struct location *vmx, struct error *err)
{
  const char *source = request->sources->ptr[0];
  const bool ssh = vmx->kind == LOCATION_SSH;

  if (request->transport != NULL && !ssh) {
    error_set (err, REASON_USAGE, _("-it ssh needs an ssh:// URI, not %s"),
               source);
    error_hint (err, _("such as ssh://root@esxi.example.com/vmfs/volumes/"
                       "datastore1/guest/guest.vmx"));
    return -1;
  }
  if (!ssh && vmx->kind != LOCATION_FILE)
    return error_set (err, REASON_USAGE,
                      _("-i vmx reads local files and ssh:// URIs, not %s"),
                      source);
  if (vmx->path == NULL || *vmx->path == '\0' || strcmp (vmx->path, "/") == 0)
    return error_set (err, REASON_USAGE, _("%s names no .vmx file"),
                      source);
  return 0;
}

static int
fill_guest (const struct input_request *request, struct location *vmx,
            struct guest *guest, struct error *err)
{
  size_t len;
  CLEANUP_FREE char *text =
    input_text (input_open (request, request->sources->ptr[0], vmx, err),
                vmx->path, VMX_SIZE_MAX, &len, err);
  CLEANUP_ARGV struct argv files = { .ptr = NULL };
  CLEANUP_ARGV struct argv warnings = { .ptr = NULL };

  if (text == NULL ||
      vmx_read (text, len, vmx->path, guest, &files, &warnings, err) == -1)
    return -1;
  for (size_t i = 0; i < warnings.len; i++)
    events_say (request->events, EVENT_WARNING, -1, "%s", warnings.ptr[i]);
  return locate_disks (request, vmx, &files, guest, err);
}

static int
read_vmx (const struct input_request *request, struct guest *guest,
          struct error *err)
{
  __attribute__ ((cleanup (location_reset))) struct location vmx =
    { .path = NULL };

  if (location_parse (request->sources->ptr[0], &vmx, err) == -1 ||
      check_source (request, &vmx, err) == -1)
    return -1;
  return fill_guest (request, &vmx, guest, err);
}

const struct input_ops input_vmx = {
  .name = "vmx",
  .one_source = N_("-i vmx needs one SOURCE: a .vmx file or an ssh:// URI"),
  .transport = "ssh",
  .read = read_vmx,
};
