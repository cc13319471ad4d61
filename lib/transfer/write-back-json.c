/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The text of a record: a write_back as JSON.  Where records are and which of
 * them are valid is left to write-back-record.c and write-back-find.c.
 */

#include <config.h>

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/argv.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/json.h"
#include "io/disk-identity.h"
#include "transfer/write-back-disks.h"
#include "transfer/write-back-json.h"

/* 1: of releases that did not note which disk it was. */
#define RECORD_VERSION 2
#define RECORD_MAX (1 << 20)

/*--- To JSON. ---*/

static void
add_string (json_object **object, const char *key, const char *value)
{
  json_add (object, key, json_object_new_string (value));
}

static json_object *
samples_to_json (const struct samples *samples)
{
  json_object *object = json_object_new_object ();
  json_object *ranges = json_object_new_array ();

  for (size_t i = 0; i < samples->ranges.len; i++) {
    json_object *range = json_object_new_object ();

    json_add_number (&range, "start", samples->ranges.ptr[i].offset);
    json_add_number (&range, "length", samples->ranges.ptr[i].len);
    json_append (&ranges, range);
  }
  add_string (&object, "sha256", samples->digest);
  json_add (&object, "blocks", ranges);
  return object;
}

static json_object *
disk_to_json (const struct write_back_disk *disk)
{
  json_object *object = json_object_new_object ();

  add_string (&object, "disk", disk->place);
  add_string (&object, "kind", disk->is_nbd ? "nbd"
              : disk->beside != NULL ? "file" : "device");
  add_string (&object, "identity", disk->identity);
  json_add_text (&object, "device", disk->device);
  add_string (&object, "format", disk->format);
  json_add_number (&object, "size", disk->size);
  add_string (&object, "overlay", disk->overlay);
  add_string (&object, "overlay_identity", disk->overlay_identity);
  if (disk->samples.digest[0] != '\0')
    json_add (&object, "unchanged", samples_to_json (&disk->samples));
  if (disk->names[0] != '\0')
    add_string (&object, "names", disk->names);
  return object;
}

json_object *
write_back_to_json (const struct write_back *wb, bool decides,
                    const char *directory)
{
  json_object *object = json_object_new_object ();
  json_object *disks = json_object_new_array ();
  json_object *records = json_object_new_array ();

  json_add_number (&object, "version", RECORD_VERSION);
  add_string (&object, "release", PACKAGE_VERSION);
  add_string (&object, "id", wb->id);
  json_add_bool (&object, "decides", decides);
  for (size_t i = 0; i < wb->records.len; i++)
    json_append (&records, json_object_new_string (wb->records.ptr[i]));
  json_add (&object, "records", records);
  add_string (&object, "directory", directory);
  add_string (&object, "command", wb->command);
  add_string (&object, "copied", wb->copied);
  add_string (&object, "overlays", wb->dir);
  for (size_t i = 0; i < wb->disks.len; i++)
    json_append (&disks, disk_to_json (&wb->disks.ptr[i]));
  json_add (&object, "disks", disks);
  return object;
}

/*--- From JSON. ---*/

static char *
get_string (json_object *object, const char *key)
{
  json_object *value = json_get (object, key, json_type_string);

  return value == NULL ? NULL : strdup (json_object_get_string (value));
}

static bool
get_digest (json_object *object, const char *key, char ret[DIGEST_HEX_MAX])
{
  json_object *value = json_get (object, key, json_type_string);

  return value != NULL &&
    snprintf (ret, DIGEST_HEX_MAX, "%s", json_object_get_string (value)) <
    DIGEST_HEX_MAX;
}

static bool
get_bytes (json_object *object, const char *key, uint64_t *ret)
{
  json_object *value = json_get (object, key, json_type_int);
  const int64_t bytes = json_object_get_int64 (value);

  *ret = (uint64_t) bytes;
  return value != NULL && bytes >= 0;
}

/* A name of a file in the overlays' directory, which needs no quoting in the
 * json: name for qemu-nbd.
 */
static bool
is_overlay_name (const char *name)
{
  static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789.";

  return name != NULL && name[0] != '.' && name[0] != '\0' &&
    name[strspn (name, letters)] == '\0';
}

static bool
samples_from_json (json_object *object, struct samples *samples)
{
  json_object *blocks = json_get (object, "blocks", json_type_array);
  const size_t n = blocks != NULL ? json_object_array_length (blocks) : 0;

  if (object == NULL)
    return true;
  for (size_t i = 0; i < n; i++) {
    json_object *block = json_object_array_get_idx (blocks, i);
    struct range range;

    /* samples_digest has a buffer for blocks of this size. */
    if (!get_bytes (block, "start", &range.offset) ||
        !get_bytes (block, "length", &range.len) ||
        range.len > SAMPLE_MAX ||
        ranges_append (&samples->ranges, range) == -1)
      return false;
  }
  return get_digest (object, "sha256", samples->digest);
}

/* What a record of another version may have as well: which disk it is. */
static bool
name_from_json (json_object *object, struct write_back_disk *disk)
{
  CLEANUP_FREE char *kind = get_string (object, "kind");

  disk->place = get_string (object, "disk");
  disk->identity = get_string (object, "identity");
  disk->device = get_string (object, "device");
  disk->is_nbd = kind != NULL && strcmp (kind, "nbd") == 0;
  return disk->place != NULL && disk->identity != NULL;
}

static bool
disk_from_json (json_object *object, struct write_back_disk *disk)
{
  disk->format = get_string (object, "format");
  disk->overlay = get_string (object, "overlay");
  disk->overlay_identity = get_string (object, "overlay_identity");
  get_digest (object, "names", disk->names);
  return disk->format != NULL && is_overlay_name (disk->overlay) &&
    disk->overlay_identity != NULL &&
    get_bytes (object, "size", &disk->size) &&
    samples_from_json (json_get (object, "unchanged", json_type_object),
                       &disk->samples);
}

static bool
disks_from_json (json_object *object, struct record *ret, struct error *err)
{
  json_object *disks = json_get (object, "disks", json_type_array);
  const size_t n = disks != NULL ? json_object_array_length (disks) : 0;

  for (size_t i = 0; i < n; i++) {
    json_object *entry = json_object_array_get_idx (disks, i);
    struct write_back_disk *disk = write_back_append (ret->wb, err);

    if (disk == NULL || !name_from_json (entry, disk))
      return false;
    if (ret->is_known && !disk_from_json (entry, disk))
      return false;
  }
  return n > 0;
}

static bool
records_from_json (json_object *object, struct record *ret, struct error *err)
{
  json_object *records = json_get (object, "records", json_type_array);
  const size_t n = records != NULL ? json_object_array_length (records) : 0;

  for (size_t i = 0; i < n; i++) {
    json_object *path = json_object_array_get_idx (records, i);

    if (!json_object_is_type (path, json_type_string) ||
        argv_append (&ret->wb->records, json_object_get_string (path),
                     err) == -1)
      return false;
  }
  return n > 0;
}

static bool
from_json (json_object *object, struct record *ret, struct error *err)
{
  struct write_back *wb = ret->wb;
  json_object *decides = json_get (object, "decides", json_type_boolean);
  json_object *version = json_get (object, "version", json_type_int);

  ret->is_known = json_object_get_int (version) == RECORD_VERSION;
  if (!disks_from_json (object, ret, err))
    return false;
  if (!ret->is_known)
    return version != NULL;
  ret->decides = json_object_get_boolean (decides);
  ret->directory = get_string (object, "directory");
  wb->id = get_string (object, "id");
  wb->dir = get_string (object, "overlays");
  return wb->id != NULL && wb->dir != NULL && wb->dir[0] == '/' &&
    ret->directory != NULL &&
    get_digest (object, "command", wb->command) &&
    get_digest (object, "copied", wb->copied) &&
    records_from_json (object, ret, err);
}

/*--- Reading. ---*/

static int
refuse_damaged (const char *path, struct error *err)
{
  error_set (err, REASON_TARGET_CHANGED,
             _("the record %s of an --in-place run is damaged"), path);
  error_hint (err, _("the disks of that run may be incomplete; remove the "
                     "record when they have been restored"));
  return -1;
}

/* Open a record that this user wrote, as file_open_own. */
static int
open_own (const char *path, int *fd, struct error *err)
{
  CLEANUP_ERROR struct error why = ERROR_INIT;
  struct stat st;
  int r;

  /* Nor need there be the directory. */
  if (lstat (path, &st) == -1 && errno == ENOENT)
    return 0;
  r = file_open_own (path, O_RDONLY, fd, &why);
  if (r == -1)
    return error_set (err, REASON_TARGET_CHANGED,
                      _("%s exists, but it is not a record written by this "
                        "user: %s"), path, why.message);
  return r == 1 && (fstat (*fd, &st) == -1 || st.st_size > RECORD_MAX)
    ? refuse_damaged (path, err) : r;
}

static int
refuse_old (const char *path, struct error *err)
{
  error_set (err, REASON_TARGET_CHANGED,
             _("the record %s was left by an earlier release, which did not "
               "note which disk it is for"), path);
  error_hint (err, _("complete the interrupted --in-place run with that "
                     "release, or restore the disk and remove the record"));
  return -1;
}

int
record_load (const char *path, struct record *ret, struct error *err)
{
  CLEANUP_FD int fd = -1;
  CLEANUP_JSON json_object *object = NULL;
  const int r = open_own (path, &fd, err);

  if (r != 1)
    return r;
  ret->path = alloc_copy (path, err);
  ret->wb = alloc_zero (sizeof *ret->wb, err);
  if (ret->path == NULL || ret->wb == NULL)
    return -1;
  object = json_object_from_fd (fd);
  if (json_object_get_int (json_get (object, "version",
                                     json_type_int)) == 1)
    return refuse_old (path, err);
  return from_json (object, ret, err) ? 1 : refuse_damaged (path, err);
}

void
record_reset (struct record *record)
{
  write_back_free (record->wb);
  free (record->path);
  free (record->directory);
  *record = (struct record) { .wb = NULL };
}
