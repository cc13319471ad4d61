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
#include "base/hex.h"
#include "base/i18n.h"
#include "guest/guest.h"
#include "image/image-kind.h"
#include "input/input-request.h"
#include "input/ova/member-name.h"
#include "input/ova/ova.h"
#include "input/ova/ovf.h"
#include "input/ova/package-archive.h"
#include "input/ova/package.h"
#include "input/ova/unpack.h"
#include "io/reader.h"

/* How much larger than the disk's capacity its file may be: tables and markers
 * of a VMDK are less than a hundredth of it.
 */
#define OVERHEAD_MIN (UINT64_C (64) << 20)

uint64_t
ova_disk_limit (const struct ovf_disk *from)
{
  uint64_t limit = INT64_MAX;

  if (from->capacity > 0 &&
      from->capacity < INT64_MAX / 2)
    limit = from->capacity + from->capacity / 8 + OVERHEAD_MIN;
  else if (from->size > 0)
    limit = from->size;
  return limit > from->size ? limit : from->size;
}

char *
ova_href_decode (const char *href, struct error *err)
{
  char *ret = malloc (strlen (href) + 1), *out = ret;

  if (ret == NULL) {
    error_nomem (err);
    return NULL;
  }
  while (*href != '\0') {
    const int high = *href == '%' ? hex_digit (href[1]) : -1;
    const int low = high == -1 ? -1 : hex_digit (href[2]);

    if (low == -1 || high * 16 + low == 0)
      *out++ = *href++;
    else {
      *out++ = (char) (high * 16 + low);
      href += 3;
    }
  }
  *out = '\0';
  return ret;
}

/* Where a disk's file was found in the package. */
struct found {
  const struct package_member *member;
  char *chunks_name;            /* the name of chunks, MEMBER among them, or
                                   NULL */
  unsigned count;               /* of the chunks */
};

static void
cleanup_found (struct found *found)
{
  free (found->chunks_name);
}
#define CLEANUP_FOUND __attribute__ ((cleanup (cleanup_found)))

/* If there is no file called NAME there can be files NAME.000000000 and so on:
 * chunks, or what VMware leaves of a VM with snapshots, of which the last one
 * counts, as in virt-v2v.
 */
static int
find_numbered (struct package *package, const char *name,
               const struct ovf_disk *from, struct found *found,
               struct error *err)
{
  found->member = package_find_numbered (package, name, &found->count);
  if (found->member == NULL)
    return 0;
  if (from->chunked)
    return alloc_set (&found->chunks_name, name, err);
  events_say (package->request->events, EVENT_WARNING, -1,
              _("'%s' is not in the OVA; '%s' is used instead"), name,
              found->member->name);
  return 0;
}

static int
find_as (struct package *package, const char *ovf, const char *href,
         const struct ovf_disk *from, struct found *found, struct error *err)
{
  CLEANUP_FREE char *name = member_name_resolve (ovf, href, err);

  if (name == NULL)
    return -1;
  found->member = package_find (package, name);
  return found->member != NULL ? 0
    : find_numbered (package, name, from, found, err);
}

static int
find_member (struct package *package, const char *ovf,
             const struct ovf_disk *from, struct found *found,
             struct error *err)
{
  CLEANUP_FREE char *decoded = NULL;

  if (strstr (from->href, "://") != NULL)
    return error_set (err, REASON_UNSUPPORTED,
                      _("the disk's file is not in the OVA but at %s"),
                      from->href);
  if (find_as (package, ovf, from->href, from, found, err) == -1)
    return -1;
  if (found->member != NULL)
    return 0;
  decoded = ova_href_decode (from->href, err);
  if (decoded == NULL ||
      find_as (package, ovf, decoded, from, found, err) == -1)
    return -1;
  if (found->member == NULL)
    return error_set (err, REASON_NOT_FOUND,
                      _("the OVF names the disk '%s', which is not in %s"),
                      from->href, package->source);
  return 0;
}

static int
use_file (struct disk *disk, const char *path, struct error *err)
{
  disk->location.kind = LOCATION_FILE;
  return alloc_set (&disk->location.path, path, err);
}

/* Let the disk be a part of the package's own file, local or remote.  In an
 * archive that was not unpacked only the member's name is known.
 */
static int
use_package (struct package *package, const struct package_member *member,
             struct disk *disk, struct error *err)
{
  struct location *location = &disk->location;

  if (location_parse (package->source, location, err) == -1)
    return -1;
  if (location_default_password (location, package->location.password,
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

/* What the OVF calls a VMDK is often something else, so that the file itself
 * is looked at, as virt-v2v does.  A file of no known format is raw.
 */
static int
describe (struct package *package, struct reader *reader, const char *name,
          const struct ovf_disk *from, struct disk *disk, struct error *err)
{
  const char *format = package->request->format;

  if (format == NULL) {
    format = image_kind (reader, name, err);
    if (format == NULL)
      return -1;
    if (from->vmdk && strcmp (format, "raw") == 0)
      events_say (package->request->events, EVENT_WARNING, -1,
                  _("'%s' is not a VMDK, although the OVF says so; it is "
                    "read as raw"), name);
  }
  return alloc_set (&disk->format, format, err);
}

/* nbdkit's gzip filter would make this copy unnecessary, but unpacks to a
 * temporary file of its own each time that nbdkit starts.
 */
static int
locate_gzip (struct package *package, const struct package_member *member,
             const struct ovf_disk *from, struct disk *disk,
             struct error *err)
{
  CLEANUP_READER struct reader *packed = NULL, *unpacked = NULL;
  CLEANUP_FREE char *path = NULL;

  packed = package_member_open (package, member, err);
  path = packed == NULL ? NULL : package_new_path (package, "disk", err);
  if (path == NULL)
    return -1;
  events_say (package->request->events, EVENT_MESSAGE, -1,
              _("Unpacking %s"), member->name);
  if (unpack_gzip (packed, package->request->supervisor, path,
                   ova_disk_limit (from), err) == -1) {
    error_wrap (err, "%s", member->name);
    return -1;
  }
  unpacked = reader_file_new (path, err);
  if (unpacked == NULL || use_file (disk, path, err) == -1)
    return -1;
  return describe (package, unpacked, member->name, from, disk, err);
}

/* Without a scratch directory only the metadata is wanted, and nothing is
 * unpacked.
 */
static int
locate_packed (struct package *package, const struct package_member *member,
               const struct ovf_disk *from, struct disk *disk,
               struct error *err)
{
  const int r = member->place == MEMBER_FILE
    ? use_file (disk, member->path, err)
    : use_package (package, member, disk, err);

  if (r == -1)
    return -1;
  return from->vmdk ? alloc_set (&disk->format, "vmdk", err) : 0;
}

static int
locate_plain (struct package *package, const struct package_member *member,
              const struct ovf_disk *from, struct disk *disk,
              struct error *err)
{
  CLEANUP_READER struct reader *reader =
    package_member_open (package, member, err);
  int r;

  if (reader == NULL)
    return -1;
  r = member->place == MEMBER_FILE
    ? use_file (disk, member->path, err)
    : use_package (package, member, disk, err);
  return r == -1 ? -1
    : describe (package, reader, member->name, from, disk, err);
}

static int
locate_chunks (struct package *package, const struct found *found,
               const struct ovf_disk *from, struct disk *disk,
               struct error *err)
{
  CLEANUP_READER struct reader *reader = NULL;

  if (from->gzip) {
    error_set (err, REASON_UNSUPPORTED,
               _("'%s' is compressed and split into %u chunks"),
               found->chunks_name, found->count);
    error_hint (err, _("unpack the OVA, join the chunks with cat under the "
                       "file's own name, and use the directory"));
    return -1;
  }
  reader = ova_join_chunks (package, found->chunks_name, found->count, from,
                            disk, err);
  if (reader == NULL)
    return -1;
  return describe (package, reader, found->chunks_name, from, disk, err);
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

int
ova_locate_disk (struct package *package, const char *ovf,
                 const struct ovf_disk *from, struct disk *disk,
                 struct error *err)
{
  CLEANUP_FOUND struct found found = { .chunks_name = NULL };
  const struct package_member *member;

  if (from->href == NULL)
    return locate_empty (from, disk, err);
  if (find_member (package, ovf, from, &found, err) == -1)
    return -1;
  member = found.member;
  if ((member->place == MEMBER_PACKED || from->gzip) &&
      package->request->scratch == NULL)
    return locate_packed (package, member, from, disk, err);
  if (found.chunks_name != NULL)
    return locate_chunks (package, &found, from, disk, err);
  return from->gzip ? locate_gzip (package, member, from, disk, err)
                    : locate_plain (package, member, from, disk, err);
}
