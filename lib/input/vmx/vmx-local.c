/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The disks of a .vmx file that is on this host.  The file is the guest's: what
 * it names is opened below its own folder, without following a link that leads
 * out, unless the user has said that disks may be elsewhere.  What a disk's
 * descriptor names is looked at in input-vmdk.c.
 */

#include <config.h>

#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/beneath.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/events.h"
#include "base/i18n.h"
#include "base/local-file.h"
#include "guest/guest.h"
#include "image/vmdk.h"
#include "input/input-request.h"
#include "input/input-vmdk.h"
#include "input/vmx/vmx-local.h"
#include "io/reader.h"

/* "disk.vmdk" is a descriptor; its data are in "disk-flat.vmdk". */
char *
vmx_flat_path (const char *path, struct error *err)
{
  const size_t len = strlen (path);

  if (len <= 5 || strcasecmp (path + len - 5, ".vmdk") != 0)
    return format (err, "%s", path);
  return format (err, "%.*s-flat.vmdk", (int) len - 5, path);
}

void
vmx_say_outside (const void *data, const char *path)
{
  const struct vmx_folder *folder = data;

  events_say (folder->request->events, EVENT_MESSAGE, folder->disk,
              _("%s is outside the folder of %s"), path, folder->vmx);
}

/* The names in a descriptor are the guest's: they are followed as far as they
 * stay beside it.  What is an image by itself is judged when it is opened.
 */
static int
describe_local (struct vmx_folder *folder, const char *name, struct disk *disk,
                struct error *err)
{
  CLEANUP_READER struct reader *reader =
    reader_file_of (disk->location.file, err);
  CLEANUP_IMAGE struct image image = { .format = NULL };
  CLEANUP_FREE char *sub = input_path_beside (name, "", err);
  const char *path = disk->location.path;
  const struct vmdk_folder beside = {
    .dir = &folder->dir, .sub = sub, .option = VMX_ALLOW_OUTSIDE,
    .outside = folder->allow_outside ? vmx_say_outside : NULL, .data = folder,
  };

  if (reader == NULL || sub == NULL ||
      image_examine (reader, path, NULL, &image, err) == -1)
    return -1;
  if (strcmp (image_format_name (&image), "vmdk") != 0)
    return error_set (err, REASON_UNSUPPORTED,
                      _("%s is named as a disk but is not a VMDK"), path);
  if (!vmdk_is_descriptor (&image) || image.has_parent)
    return image_check (&image, path, false, err) == -1 ? -1
      : alloc_set (&disk->format, "vmdk", err);
  return input_vmdk_use_files (&image, &beside, disk, err);
}

int
vmx_refuse_outside (const struct vmx_folder *folder, const char *file,
                struct error *err)
{
  error_set (err, REASON_UNTRUSTED_IMAGE,
             _("%s names the disk %s, which is outside its folder, or a link "
               "that leads out of it"), folder->vmx, file);
  error_hint (err, _("if the disk is to be read from there, add %s"),
              VMX_ALLOW_OUTSIDE);
  return -1;
}

/* Open NAME in the folder.  1: there is no such file. */
static int
open_there (const struct vmx_folder *folder, const char *name, struct disk *disk,
            struct error *err)
{
  CLEANUP_ERROR struct error failed = ERROR_INIT;
  struct location *location = &disk->location;

  location->file = local_file_open_beneath (&folder->dir, name, &failed);
  if (location->file == NULL && failed.reason == REASON_NOT_FOUND)
    return 1;
  if (location->file == NULL) {
    error_move (err, &failed);
    return -1;
  }
  return alloc_set (&location->path, location->file->path, err);
}

/* A missing disk is an error only where it is opened: --print-source works
 * without the disk.
 */
static int
missing (const struct vmx_folder *folder, const char *name, struct disk *disk,
         struct error *err)
{
  struct local_file *file;

  if (folder->request->scratch != NULL) {
    file = local_file_open_beneath (&folder->dir, name, err);
    local_file_free (file);
    return file == NULL ? -1 : error_set (err, REASON_SOURCE_CHANGED,
                                          _("%s/%s was made during the run"),
                                          folder->dir.path, name);
  }
  disk->location.path = format (err, "%s/%s", folder->dir.path, name);
  return disk->location.path == NULL ? -1
    : alloc_set (&disk->format, "vmdk", err);
}

/* The data are behind a link that leads out, which the user has allowed. */
static int
use_linked (const struct vmx_folder *folder, const char *flat,
            struct disk *disk, struct error *err)
{
  struct location *location = &disk->location;
  CLEANUP_FREE char *path = format (err, "%s/%s", folder->dir.path, flat);
  CLEANUP_FREE char *real = path == NULL ? NULL : realpath (path, NULL);

  if (path == NULL)
    return -1;
  location->file = local_file_open (real != NULL ? real : path, err);
  if (location->file == NULL)
    return -1;
  vmx_say_outside (folder, location->file->path);
  return alloc_set (&location->path, location->file->path, err) == -1 ? -1
    : alloc_set (&disk->format, "raw", err);
}

/* NAME is one that beneath_name gave. */
static int
locate_there (struct vmx_folder *folder, const char *name, struct disk *disk,
              struct error *err)
{
  CLEANUP_FREE char *flat = NULL, *plain = NULL;
  int r = open_there (folder, name, disk, err);

  if (r == 0)
    return describe_local (folder, name, disk, err);
  flat = r == 1 ? vmx_flat_path (name, err) : NULL;
  if (flat == NULL)
    return -1;
  plain = beneath_name (&folder->dir, flat);
  if (plain == NULL && errno == ENOMEM)
    return error_nomem (err);
  if (plain == NULL)
    return folder->allow_outside ? use_linked (folder, flat, disk, err)
      : vmx_refuse_outside (folder, flat, err);
  r = open_there (folder, plain, disk, err);
  if (r == 1)
    return missing (folder, name, disk, err);
  return r == -1 ? -1 : alloc_set (&disk->format, "raw", err);
}

/* The user has allowed it: the folder is the disk's own. */
static int
locate_outside (const struct vmx_folder *folder, const char *file,
                struct disk *disk, struct error *err)
{
  CLEANUP_FREE char *path = input_path_beside (folder->vmx, file, err);
  CLEANUP_FREE char *real = path == NULL ? NULL : realpath (path, NULL);
  const char *found = real != NULL ? real : path;
  const char *slash = found == NULL ? NULL : strrchr (found, '/');
  CLEANUP_FREE char *parent = slash == NULL ? NULL
    : format (err, "%.*s", (int) (slash + 1 - found), found);
  struct vmx_folder other = *folder;
  int r;

  if (parent == NULL)
    return error_nomem (err);
  other.dir = (struct beneath) BENEATH_INIT;
  if (slash[1] == '\0')
    return vmx_refuse_outside (folder, file, err);
  if (beneath_open_directory (parent, &other.dir, err) == -1)
    return -1;
  vmx_say_outside (&other, found);
  r = locate_there (&other, slash + 1, disk, err);
  beneath_reset (&other.dir);
  return r;
}

int
vmx_locate_local (struct vmx_folder *folder, const char *file, struct disk *disk,
              struct error *err)
{
  CLEANUP_FREE char *name = beneath_name (&folder->dir, file);

  disk->location.kind = LOCATION_FILE;
  if (name != NULL)
    return locate_there (folder, name, disk, err);
  if (errno == ENOMEM)
    return error_nomem (err);
  return folder->allow_outside
    ? locate_outside (folder, file, disk, err)
    : vmx_refuse_outside (folder, file, err);
}
