/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A disk that a VMDK descriptor describes: one file of plain sectors is served
 * as it is, several files by qemu, which joins them (source/source-vmdk.c).
 * Before, each file is looked at: qemu would open whatever is named, and read
 * what lies behind a file's end as zeroes.
 */

#include <config.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/beneath.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/local-file.h"
#include "base/memstream.h"
#include "guest/guest.h"
#include "image/image.h"
#include "image/vmdk.h"
#include "input/input-vmdk.h"
#include "io/reader.h"

/* qemu leaves names that are longer out. */
#define NAME_MAX_LEN 511

#define SECTOR 512

/* What all files of a descriptor have in common. */
struct descriptor {
  const char *path;             /* its own */
  const struct vmdk_folder *folder;
};

/* qemu takes what is before a colon for a protocol. */
static bool
is_file_name (const char *name)
{
  return name != NULL && *name != '\0' && strlen (name) <= NAME_MAX_LEN &&
    strchr (name, ':') == NULL;
}

static bool
is_plain_name (const char *name)
{
  return is_file_name (name) && strchr (name, '/') == NULL &&
    strcmp (name, ".") != 0 && strcmp (name, "..") != 0;
}

static int
refuse_name (const struct descriptor *d, const char *name, struct error *err)
{
  error_set (err, REASON_UNTRUSTED_IMAGE,
             _("%s names another file, %s, that is not beside it: a guest "
               "could make this host read any file that way"), d->path, name);
  if (d->folder->option != NULL && is_file_name (name))
    error_hint (err, _("if the disk is to be read from there, add %s"),
                d->folder->option);
  error_hint (err, _("if that is the disk, give it with -i disk and -if "
                     "raw"));
  return -1;
}

static int
refuse_link (const struct descriptor *d, const char *name, struct error *err)
{
  error_set (err, REASON_UNTRUSTED_IMAGE,
             _("%s/%s is not a regular file, or is a symbolic link that "
               "leads out of its directory"), d->folder->dir->path, name);
  if (d->folder->option != NULL)
    error_hint (err, _("if the disk is to be read from there, add %s"),
                d->folder->option);
  return -1;
}

/* The user has said that disks may be anywhere. */
static struct local_file *
open_outside (const struct descriptor *d, const char *name, struct error *err)
{
  CLEANUP_FREE char *path = *name == '/' ? alloc_copy (name, err)
    : format (err, "%s/%s%s", d->folder->dir->path, d->folder->sub, name);
  struct local_file *file = path == NULL ? NULL : local_file_open (path, err);

  if (file != NULL)
    d->folder->outside (d->folder->data, path);
  return file;
}

/* Open a file that the descriptor names. */
static struct local_file *
open_named (const struct descriptor *d, const char *name, struct error *err)
{
  const struct vmdk_folder *folder = d->folder;
  CLEANUP_FREE char *beside = NULL, *plain = NULL;

  if (!is_plain_name (name)) {
    if (folder->outside != NULL && is_file_name (name))
      return open_outside (d, name, err);
    refuse_name (d, name, err);
    return NULL;
  }
  beside = format (err, "%s%s", folder->sub, name);
  if (beside == NULL)
    return NULL;
  plain = beneath_name (folder->dir, beside);
  if (plain != NULL)
    return local_file_open_beneath (folder->dir, plain, err);
  if (errno == ENOMEM)
    error_nomem (err);
  else if (folder->outside != NULL)
    return open_outside (d, name, err);
  else
    refuse_link (d, beside, err);
  return NULL;
}

static int
check_flat (const char *path, const struct reader *reader,
            const struct image_file *file, struct error *err)
{
  const uint64_t end = file->offset + file->length;

  return reader->size >= end ? 0 : vmdk_refuse_short (path, end - reader->size,
                                                      err);
}

static int
check_sparse (const char *path, struct reader *reader,
              const struct image_file *file, bool *rounded, struct error *err)
{
  CLEANUP_IMAGE struct image image = { .format = NULL };

  return vmdk_examine_piece (reader, path, file, rounded, &image, err);
}

static int
check_file (const struct local_file *opened, const struct image_file *file,
            bool *rounded, struct error *err)
{
  CLEANUP_READER struct reader *reader = reader_file_of (opened, err);

  if (reader == NULL)
    return -1;
  return file->kind == IMAGE_FILE_FLAT
    ? check_flat (opened->path, reader, file, err)
    : check_sparse (opened->path, reader, file, rounded, err);
}

/* Nothing here reads such parts, and qemu-img makes a shorter disk. */
static int
refuse_left_out (const char *descriptor, struct error *err)
{
  error_set (err, REASON_UNSUPPORTED,
             _("%s describes a disk with extents that are not in files "
               "(ZERO, NOACCESS, a device), are read-only, or are empty"),
             descriptor);
  error_hint (err, _("clone the disk, or export the VM, where it runs: "
                     "qemu-img would silently leave such extents out"));
  return -1;
}

static int
check_kinds (const struct image_files *files, const char *descriptor,
             struct error *err)
{
  for (size_t i = 0; i < files->len; i++) {
    const struct image_file *file = &files->ptr[i];

    if ((file->kind != IMAGE_FILE_FLAT && file->kind != IMAGE_FILE_SPARSE) ||
        (file->left_out && files->len > 1) || file->length == 0)
      return refuse_left_out (descriptor, err);
  }
  return 0;
}

static int
add_file (const struct descriptor *d, const struct image_file *file,
          bool *rounded, struct location *location, struct error *err)
{
  CLEANUP_LOCAL_FILE struct local_file *opened = open_named (d, file->name,
                                                             err);

  if (opened == NULL || check_file (opened, file, rounded, err) == -1 ||
      argv_append (&location->files, opened->path, err) == -1)
    return -1;
  if (local_files_append (&location->parts, opened) == -1)
    return error_nomem (err);
  STEAL (opened);
  return 0;
}

static int
add_files (const struct image *image, const struct vmdk_folder *folder,
           struct location *location, struct error *err)
{
  const struct image_files *files = &image->files;
  const struct descriptor d = { .path = location->path, .folder = folder };
  bool rounded = false;

  for (size_t i = 0; i < files->len; i++)
    if (add_file (&d, &files->ptr[i],
                  i + 1 == files->len ? &rounded : NULL, location,
                  err) == -1)
      return -1;
  if (rounded)
    location->part.length = image->size;
  return 0;
}

/* The file plugin serves one file of plain sectors. */
static void
use_only_file (const struct image_file *file, struct location *location)
{
  free (location->path);
  location->path = STEAL (location->files.ptr[0]);
  local_file_free (location->file);
  location->file = STEAL (location->parts.ptr[0]);
  argv_reset (&location->files);
  local_files_reset (&location->parts);
  location->part.offset = file->offset;
  location->part.length = file->length;
}

/* What qemu is given in place of the descriptor, which its owner could change
 * by then, and whose names could lead elsewhere.  It takes /dev/fd/N for a
 * file name, and opens what descriptor N is.  Over sparse pieces, whose
 * headers could be changed, too, source_vmdk lays what it keeps of them.
 */
static int
write_descriptor (const struct image_files *files, struct location *location,
                  struct error *err)
{
  size_t len;
  FILE *fp = open_memstream (&location->descriptor, &len);

  if (fp == NULL)
    return error_nomem (err);
  fputs ("# Disk DescriptorFile\n"
         "version=1\n"
         "CID=fffffffe\n"
         "parentCID=ffffffff\n"
         "createType=\"twoGbMaxExtentSparse\"\n", fp);
  for (size_t i = 0; i < files->len; i++) {
    const struct image_file *file = &files->ptr[i];
    const bool flat = file->kind == IMAGE_FILE_FLAT;

    fprintf (fp, "RW %" PRIu64, file->length / SECTOR);
    if (flat)
      fprintf (fp, " FLAT \"/dev/fd/%zu\" %" PRIu64 "\n",
               i + LOCATION_FIRST_FD, file->offset / SECTOR);
    else
      fprintf (fp, " SPARSE \"" LOCATION_HEAD_FORMAT "\"\n", i);
  }
  return memstream_close (fp, &location->descriptor) == -1
    ? error_nomem (err) : 0;
}

int
input_vmdk_use_files (const struct image *image,
                      const struct vmdk_folder *folder, struct disk *disk,
                      struct error *err)
{
  const struct image_files *files = &image->files;
  struct location *location = &disk->location;

  if (check_kinds (files, location->path, err) == -1 ||
      add_files (image, folder, location, err) == -1)
    return -1;
  if (files->len == 1 && files->ptr[0].kind == IMAGE_FILE_FLAT)
    use_only_file (&files->ptr[0], location);
  else if (write_descriptor (files, location, err) == -1)
    return -1;
  else
    location->kind = LOCATION_VMDK;
  return alloc_set (&disk->format, "raw", err);
}

/* The folder of the descriptor that the user named. */
static int
use_files_beside (const struct image *image, struct disk *disk,
                  struct error *err)
{
  CLEANUP_BENEATH struct beneath dir = BENEATH_INIT;
  CLEANUP_FREE char *name = NULL;
  const struct vmdk_folder folder = { .dir = &dir, .sub = "" };

  return beneath_open_parent (disk->location.path, &dir, &name, err) == -1
    ? -1 : input_vmdk_use_files (image, &folder, disk, err);
}

/* What else is wrong with the file is told when it is opened. */
int
input_vmdk_follow (struct disk *disk, struct error *err)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_IMAGE struct image image = { .format = NULL };
  CLEANUP_READER struct reader *reader = NULL;
  const char *path = location_local_path (&disk->location);

  if (path == NULL || !disk->allow_backing ||
      (disk->format != NULL && strcmp (disk->format, "vmdk") != 0))
    return 0;
  if (location_open (&disk->location, &ignored) == -1)
    return 0;
  reader = reader_file_of (disk->location.file, &ignored);
  if (reader == NULL ||
      image_examine (reader, path, "vmdk", &image, &ignored) == -1 ||
      !vmdk_is_descriptor (&image) || image.has_parent)
    return 0;
  return use_files_beside (&image, disk, err);
}

/*--- A piece alone. ---*/

/* What the descriptor says of the file NAME; NULL: nothing. */
static const struct image_file *
find_file (const struct image *image, const char *name)
{
  for (size_t i = 0; i < image->files.len; i++)
    if (image->files.ptr[i].name != NULL &&
        strcmp (image->files.ptr[i].name, name) == 0)
      return &image->files.ptr[i];
  return NULL;
}

static int
refuse_piece_of (const char *path, const char *whole, bool remote,
                 struct error *err)
{
  error_set (err, REASON_UNSUPPORTED,
             _("%s is one piece of a split disk; its descriptor is %s"), path,
             whole);
  vmdk_hint_at_whole (whole, remote, err);
  return -1;
}

int
input_vmdk_check_piece (struct reader *whole, const char *whole_name,
                        const struct vmdk_piece *piece, struct error *err)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_IMAGE struct image image = { .format = NULL };
  const struct image_file *file;

  if (image_examine (whole, whole_name, NULL, &image, &ignored) == -1 ||
      !vmdk_is_descriptor (&image))
    return 0;
  file = find_file (&image, piece->file);
  if (file == NULL)
    return 0;
  if (image.files.len > 1)
    return refuse_piece_of (piece->name, whole_name, whole->remote, err);
  return file->kind == IMAGE_FILE_FLAT
    ? check_flat (piece->name, piece->reader, file, err) : 0;
}

int
input_vmdk_check_alone (struct reader *reader, const char *path,
                        struct error *err)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_FREE char *name = vmdk_name_of_whole (path, err);
  CLEANUP_READER struct reader *whole =
    name == NULL ? NULL : reader_file_new (name, &ignored);
  const struct vmdk_piece piece = {
    .reader = reader, .file = strrchr (path, '/') + 1, .name = path,
  };

  if (error_is_set (err))
    return -1;
  return whole == NULL ? 0
    : input_vmdk_check_piece (whole, name, &piece, err);
}
