/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Finding a disk's file in the package and giving the disk its location and
 * format.  The format is found out in lib/image, and files that are cut into
 * chunks are joined in ova-chunks.c.
 */

#include <config.h>

#include <inttypes.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/events.h"
#include "base/i18n.h"
#include "guest/guest.h"
#include "image/image.h"
#include "input/input-request.h"
#include "input/ova/member-name.h"
#include "input/ova/ova.h"
#include "input/ova/ovf.h"
#include "input/ova/package.h"
#include "input/ova/unpack.h"
#include "io/reader.h"

int
ova_name_files (const char *ovf, struct ovf_disks *disks, struct error *err)
{
  for (size_t i = 0; i < disks->len; i++) {
    struct ovf_disk *disk = &disks->ptr[i];

    if (disk->href != NULL && strstr (disk->href, "://") == NULL &&
        member_names_of (&disk->names, ovf, disk->href, err) == -1)
      return -1;
  }
  return 0;
}

/* Where a disk's file was found in the package. */
struct found {
  const struct package_member *member;
  const char *chunks_name;      /* the name of chunks, MEMBER among them, or
                                   NULL */
  unsigned count;               /* of the chunks */
};

static void
say_instead (const struct package *package, const char *name,
             const struct package_member *member)
{
  events_say (package->request->events, EVENT_WARNING, -1,
              _("'%s' is not in the OVA; '%s' is used instead"), name,
              member->name);
}

/* If there is no file called NAME there can be files NAME.000000000 and so on:
 * chunks, or what VMware leaves of a VM with snapshots, of which the last one
 * counts, as in virt-v2v.
 */
static void
find_numbered (const struct package *package, const char *name,
               const struct ovf_disk *from, struct found *found)
{
  found->member = package_find_numbered (package, name, &found->count);
  if (found->member == NULL)
    return;
  if (from->chunked) {
    found->chunks_name = name;
    return;
  }
  say_instead (package, name, found->member);
}

bool
ova_any_in_chunks (const struct package *package,
                   const struct ovf_disks *disks)
{
  for (size_t i = 0; i < disks->len; i++) {
    const struct ovf_disk *disk = &disks->ptr[i];
    unsigned count = 0;

    if (!disk->chunked || package_find_any (package, &disk->names) != NULL)
      continue;
    for (char *const *name = disk->names.ptr; *name != NULL; name++)
      if (package_find_numbered (package, *name, &count) != NULL)
        return true;
  }
  return false;
}

static bool
has_name (const struct member_names *names, const char *name)
{
  for (char *const *one = names->ptr; *one != NULL; one++)
    if (strcmp (*one, name) == 0)
      return true;
  return false;
}

static int
find_member (struct package *package, const struct ovf_disk *from,
             struct found *found, struct error *err)
{
  if (strstr (from->href, "://") != NULL) {
    error_set (err, REASON_UNSUPPORTED,
               _("the disk's file is not in the OVA but at %s"), from->href);
    error_hint (err, _("download it into the directory of the unpacked OVA, "
                       "replace the URL in the .ovf file with the file's "
                       "name, and remove the manifest (.mf)"));
    return -1;
  }
  found->member = package_find_any (package, &from->names);
  if (found->member != NULL && !has_name (&from->names, found->member->name))
    say_instead (package, from->names.ptr[0], found->member);
  for (size_t i = 0; from->names.ptr[i] != NULL && found->member == NULL; i++)
    find_numbered (package, from->names.ptr[i], from, found);
  if (found->member == NULL)
    return error_set (err, REASON_NOT_FOUND,
                      _("the OVF names the disk '%s', which is not in %s"),
                      from->href, package->source);
  return 0;
}

static int
use_path (const char *path, struct disk *disk, struct error *err)
{
  disk->location.kind = LOCATION_FILE;
  return alloc_set (&disk->location.path, path, err);
}

/* FILE, which may be NULL, becomes the disk's. */
static int
use_file (struct local_file *file, struct disk *disk, struct error *err)
{
  if (file == NULL)
    return -1;
  disk->location.file = file;
  return use_path (file->path, disk, err);
}

/* The file that is open already, whatever its name leads to now. */
static int
use_opened (const struct package *package, struct disk *disk,
            struct error *err)
{
  const struct local_file *file = package->location.file;

  return file == NULL ? use_path (package->location.path, disk, err)
    : use_file (local_file_dup (file, err), disk, err);
}

/* Let the disk be a part of the package's own file, local or remote.  In an
 * archive that was not unpacked only the member's name is known.
 */
static int
use_package (struct package *package, const struct package_member *member,
             struct disk *disk, struct error *err)
{
  struct location *location = &disk->location;

  const bool local = package->location.kind == LOCATION_FILE;

  if (local ? use_opened (package, disk, err) == -1
      : location_parse (package->source, location, err) == -1 ||
        location_default_password (location, package->location.password,
                                   err) == -1)
    return -1;
  if (member->place == MEMBER_IN_PLACE) {
    /* A part of length 0 would mean the whole OVA. */
    if (member->size == 0)
      return error_set (err, REASON_UNSUPPORTED, _("'%s' is empty"),
                        member->name);
    location->part.offset = member->offset;
    location->part.length = member->size;
    return 0;
  }
  return alloc_set (&location->part.tar_entry, member->name, err);
}

static int
use_member (struct package *package, const struct package_member *member,
            struct disk *disk, struct error *err)
{
  return member->place == MEMBER_FILE
    ? use_file (package_member_file (package, member, err), disk, err)
    : use_package (package, member, disk, err);
}

/* What the OVF calls a VMDK is often something else, so that the file itself
 * is looked at, as virt-v2v does.  A file of no known format is raw.  The
 * user's word is held against the file when the disk is opened.
 */
static int
describe (struct package *package, struct reader *reader, const char *name,
          const struct ovf_disk *from, struct disk *disk, struct error *err)
{
  const char *format = package->request->format;
  CLEANUP_IMAGE struct image image = { .format = NULL };

  if (format != NULL && strcmp (format, "raw") != 0)
    return alloc_set (&disk->format, format, err);
  if (image_examine (reader, name, format, &image, err) == -1 ||
      image_check (&image, name, false, err) == -1)
    return -1;
  if (format == NULL && from->vmdk && image_is_raw (&image))
    events_say (package->request->events, EVENT_WARNING, -1,
                _("'%s' is not a VMDK, although the OVF says so; it is "
                  "read as raw"), name);
  if (ova_check_capacity (package, from, name, &image, format != NULL,
                          err) == -1)
    return -1;
  return alloc_set (&disk->format, image_format_name (&image), err);
}

/* nbdkit's gzip filter would make this copy unnecessary, but unpacks to a
 * temporary file of its own each time that nbdkit starts.
 */
static struct reader *
open_compressed (struct package *package, struct reader *packed,
                 const char *name, const struct ovf_disk *from,
                 struct disk *disk, struct error *err)
{
  CLEANUP_UNPACK struct unpack *unpack = NULL;
  CLEANUP_FREE char *path = package_new_path (package, "disk", err);

  if (path == NULL)
    return NULL;
  events_say (package->request->events, EVENT_MESSAGE, -1,
              _("Unpacking %s"), name);
  unpack = unpack_open (packed, UNPACK_COMPRESSED,
                        package->request->supervisor, err);
  if (unpack == NULL ||
      unpack_file (unpack, path, ovf_disk_limit (from), err) == -1) {
    error_wrap (err, "%s", name);
    return NULL;
  }
  return use_file (local_file_open (path, err), disk, err) == -1 ? NULL
    : reader_file_of (disk->location.file, err);
}

static struct reader *
open_compressed_member (struct package *package,
                        const struct package_member *member,
                        const struct ovf_disk *from, struct disk *disk,
                        struct error *err)
{
  const bool has_file = member->place == MEMBER_FILE;
  CLEANUP_LOCAL_FILE struct local_file *file = !has_file ? NULL
    : package_member_file (package, member, err);
  CLEANUP_READER struct reader *packed = error_is_set (err) ? NULL
    : has_file ? reader_file_of (file, err)
    : package_member_open (package, member, err);

  /* Else the package's own file is the origin. */
  if (package->reader == NULL)
    disk->location.origin.file = STEAL (file);
  return packed == NULL ? NULL
    : open_compressed (package, packed, member->name, from, disk, err);
}

/* A file that was cut after it had been compressed. */
static struct reader *
open_compressed_chunks (struct package *package, const struct found *found,
                        const struct ovf_disk *from, struct disk *disk,
                        struct error *err)
{
  struct disk joined = { .format = NULL };
  CLEANUP_READER struct reader *packed =
    ova_join_chunks (package, found->chunks_name, found->count, from, &joined,
                     err);

  location_reset (&joined.location); /* only its bytes are wanted */
  return packed == NULL ? NULL
    : open_compressed (package, packed, found->chunks_name, from, disk, err);
}

/* A dry run prints what a run starts: it reads the file that it unpacks. */
static int
use_unpacked (struct package *package, const struct found *found,
              const struct ovf_disk *from, struct disk *disk,
              struct error *err)
{
  const char *path = found->member->path;
  CLEANUP_FREE char *gunzipped = NULL;

  events_say (package->request->events, EVENT_MESSAGE, -1,
              _("%s would be unpacked first: the XXXXXX in its path stands "
                "for a name that is chosen only then"), found->member->name);
  if (from->compressed) {
    gunzipped = package_new_path (package, "disk", err);
    path = gunzipped;
  }
  else if (found->chunks_name != NULL)
    return ova_name_chunks (package, found->chunks_name, found->count, disk,
                            err);
  return path == NULL ? -1 : use_path (path, disk, err);
}

/* Without a scratch directory only the metadata is wanted, and nothing is
 * unpacked.
 */
static int
locate_packed (struct package *package, const struct found *found,
               const struct ovf_disk *from, struct disk *disk,
               struct error *err)
{
  const int r = package->request->dry_run
    ? use_unpacked (package, found, from, disk, err)
    : use_member (package, found->member, disk, err);

  if (r == -1)
    return -1;
  return from->vmdk ? alloc_set (&disk->format, "vmdk", err) : 0;
}

/* Set the disk's location, and open what it holds. */
static struct reader *
open_found (struct package *package, const struct found *found,
            const struct ovf_disk *from, struct disk *disk,
            struct error *err)
{
  if (found->chunks_name != NULL)
    return from->compressed
      ? open_compressed_chunks (package, found, from, disk, err)
      : ova_join_chunks (package, found->chunks_name, found->count, from,
                         disk, err);
  if (from->compressed)
    return open_compressed_member (package, found->member, from, disk, err);
  if (use_member (package, found->member, disk, err) == -1)
    return NULL;
  return found->member->place == MEMBER_FILE
    ? reader_file_of (disk->location.file, err)
    : package_member_open (package, found->member, err);
}

/* A disk without a file is created empty on deployment. */
static int
locate_empty (const struct ovf_disk *from, struct disk *disk,
              struct error *err)
{
  disk->location.kind = LOCATION_PLUGIN;
  if (alloc_set (&disk->location.plugin, "null", err) == -1 ||
      argv_appendf (&disk->location.params, err, "size=%" PRIu64,
                    from->capacity) == -1)
    return -1;
  return alloc_set (&disk->format, "raw", err);
}

/* A disk that was unpacked is known again by what it was unpacked from. */
static int
note_origin (const struct package *package, const struct found *found,
             struct disk *disk, struct error *err)
{
  struct location *location = &disk->location;
  const size_t len = package->unpack_dir != NULL
    ? strlen (package->unpack_dir) : 0;
  const char *path = NULL;

  if (len == 0 || location->path == NULL ||
      strncmp (location->path, package->unpack_dir, len) != 0)
    return 0;
  if (package->reader != NULL) {
    path = location_local_path (&package->location);
    if (path != NULL && package->location.file != NULL) {
      location->origin.file = local_file_dup (package->location.file, err);
      if (location->origin.file == NULL)
        return -1;
    }
  }
  else if (found->chunks_name == NULL)
    path = found->member->path;
  location->origin.name = format (err, "%s: %s", package->source,
                                  found->chunks_name != NULL
                                  ? found->chunks_name : found->member->name);
  return location->origin.name == NULL ? -1
    : alloc_set (&location->origin.path, path, err);
}

int
ova_locate_disk (struct package *package, const struct ovf_disk *from,
                 struct disk *disk, struct error *err)
{
  CLEANUP_READER struct reader *reader = NULL;
  struct found found = { .chunks_name = NULL };

  if (from->href == NULL)
    return locate_empty (from, disk, err);
  if (find_member (package, from, &found, err) == -1)
    return -1;
  if ((found.member->place == MEMBER_PACKED || from->compressed) &&
      package->request->scratch == NULL)
    return locate_packed (package, &found, from, disk, err);
  reader = open_found (package, &found, from, disk, err);
  if (reader == NULL || note_origin (package, &found, disk, err) == -1)
    return -1;
  return describe (package, reader, found.chunks_name != NULL
                   ? found.chunks_name : found.member->name, from, disk, err);
}
