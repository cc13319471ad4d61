/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Stores, finds and removes the records of runs that write back.  Each disk
 * has a record, all with the same content, so that a run with any of the
 * disks finds one; but only the record of disk 0 is valid, which is created
 * last and removed first.
 */

#include <config.h>

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/json.h"
#include "context.h"
#include "guest/location.h"
#include "launch/overlay.h"
#include "settings.h"
#include "transfer/write-back-disks.h"
#include "transfer/write-back-record.h"

#define RECORD_VERSION 1
#define STAGED ".new"
#define RECORD_MAX (1 << 20)

/*--- To JSON. ---*/

static void
add_string (json_object **object, const char *key, const char *value)
{
  json_add (object, key, json_object_new_string (value));
}

static json_object *
disk_to_json (const struct write_back_disk *disk)
{
  json_object *object = json_object_new_object ();

  add_string (&object, "disk", disk->place);
  add_string (&object, "format", disk->format);
  add_string (&object, "record", disk->record);
  add_string (&object, "overlay", disk->overlay);
  json_add_number (&object, "size", disk->size);
  return object;
}

static json_object *
to_json (const struct write_back *wb)
{
  json_object *object = json_object_new_object ();
  json_object *disks = json_object_new_array ();

  json_add_number (&object, "version", RECORD_VERSION);
  add_string (&object, "id", wb->id);
  add_string (&object, "command", wb->command);
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
disk_from_json (json_object *object, struct write_back_disk *disk)
{
  json_object *size = json_get (object, "size", json_type_int);
  const int64_t bytes = json_object_get_int64 (size);

  disk->place = get_string (object, "disk");
  disk->format = get_string (object, "format");
  disk->record = get_string (object, "record");
  disk->overlay = get_string (object, "overlay");
  disk->size = (uint64_t) bytes;
  return disk->place != NULL && disk->format != NULL &&
    disk->record != NULL && is_overlay_name (disk->overlay) &&
    size != NULL && bytes >= 0;
}

static bool
from_json (json_object *object, struct write_back *ret)
{
  CLEANUP_FREE char *command = get_string (object, "command");
  json_object *disks = json_get (object, "disks", json_type_array);
  json_object *version = json_get (object, "version", json_type_int);
  const size_t n = disks != NULL ? json_object_array_length (disks) : 0;

  ret->id = get_string (object, "id");
  ret->dir = get_string (object, "overlays");
  if (command == NULL || ret->id == NULL || ret->dir == NULL || n == 0 ||
      json_object_get_int (version) != RECORD_VERSION)
    return false;
  snprintf (ret->command, sizeof ret->command, "%s", command);
  for (size_t i = 0; i < n; i++) {
    struct write_back_disk *disk = write_back_append (ret);

    if (disk == NULL ||
        !disk_from_json (json_object_array_get_idx (disks, i), disk))
      return false;
  }
  return true;
}

int
write_back_refuse (const struct location *location,
                   const struct launch_context *context, struct error *err)
{
  CLEANUP_FREE char *path = NULL;

  if (location_local_path (location) == NULL &&
      location_nbd_uri (location) == NULL)
    return 0;
  path = write_back_record_path (location, context, err);
  if (path == NULL)
    return -1;
  if (access (path, F_OK) == -1)
    return 0;
  error_set (err, REASON_TARGET_BUSY,
             _("an interrupted --in-place run has left the disk incomplete "
               "(%s)"), path);
  error_hint (err, _("run the same command again to complete it"));
  return -1;
}

/*--- Writing. ---*/

/* The rename is what makes the records valid.  If we are killed after the
 * overlays are kept and before the rename, the next run finds the staged
 * record and removes them.
 */
static int
commit_record (const char *path, const char *text, struct overlays *overlays,
               struct error *err)
{
  CLEANUP_FREE char *staged = format (err, "%s" STAGED, path);

  if (staged == NULL ||
      file_store (staged, text, strlen (text), err) == -1 ||
      overlays_keep (overlays, err) == -1)
    return -1;
  return file_rename (staged, path, err);
}

int
record_store (const struct write_back *wb, struct overlays *overlays,
              struct error *err)
{
  CLEANUP_JSON json_object *object = to_json (wb);
  const char *text = object == NULL ? NULL : json_object_to_json_string_ext
    (object, JSON_C_TO_STRING_PRETTY|JSON_C_TO_STRING_NOSLASHESCAPE);
  int r = text != NULL ? 0 : error_nomem (err);

  for (size_t i = wb->disks.len; r == 0 && i > 1; i--)
    r = file_store (wb->disks.ptr[i - 1].record, text, strlen (text), err);
  if (r == 0)
    r = commit_record (wb->disks.ptr[0].record, text, overlays, err);
  return r;
}

/*--- Reading. ---*/

/* Open a record that this user wrote: in a directory that is writable for
 * others, anybody could create one.
 */
static int
open_own (const char *path, struct error *err)
{
  CLEANUP_FD int fd = open (path, O_RDONLY|O_NOFOLLOW|O_CLOEXEC|O_NOCTTY|
                            O_NONBLOCK);
  struct stat st;

  if (fd == -1)
    return error_errno (err, REASON_TARGET_BUSY, "%s", path);
  if (fstat (fd, &st) == -1 || !S_ISREG (st.st_mode) ||
      st.st_uid != geteuid () || (st.st_mode & 022) != 0 ||
      st.st_size > RECORD_MAX)
    return error_set (err, REASON_TARGET_BUSY,
                      _("%s exists, but it is not a record written by this "
                        "user"),
                      path);
  return STEAL_FD (fd);
}

V2V_DEFINE_CLEANUP (cleanup_loaded, struct write_back *, write_back_free);
#define CLEANUP_LOADED __attribute__ ((cleanup (cleanup_loaded)))

/* The record at PATH.  NULL without an error: there is none. */
static struct write_back *
load (const char *path, struct error *err)
{
  CLEANUP_FD int fd = -1;
  CLEANUP_JSON json_object *object = NULL;
  CLEANUP_LOADED struct write_back *wb = NULL;

  if (access (path, F_OK) == -1 && errno == ENOENT)
    return NULL;
  fd = open_own (path, err);
  if (fd == -1)
    return NULL;
  object = json_object_from_fd (fd);
  if (object == NULL) {
    error_set (err, REASON_TARGET_BUSY,
               _("the record %s of an --in-place run is damaged"), path);
    return NULL;
  }
  wb = alloc_zero (sizeof *wb, err);
  if (wb != NULL && from_json (object, wb))
    return STEAL (wb);
  error_set (err, REASON_TARGET_BUSY,
             _("the record %s of an --in-place run has an unknown format"),
             path);
  return NULL;
}

/*--- Finding. ---*/

static bool
same_disks (const struct write_back *a, const struct write_back *b)
{
  if (a->disks.len != b->disks.len)
    return false;
  for (size_t i = 0; i < a->disks.len; i++)
    if (strcmp (a->disks.ptr[i].place, b->disks.ptr[i].place) != 0 ||
        strcmp (a->disks.ptr[i].format, b->disks.ptr[i].format) != 0)
      return false;
  return true;
}

/* Remove a record that never became valid.  Its directory is removed only if
 * it has a name as we make them and belongs to this user.
 */
static int
remove_stale (const char *path, const struct write_back *stale,
              struct error *err)
{
  const char *base = strrchr (stale->dir, '/');
  struct stat st;

  if (base != NULL && strncmp (base, "/v2v.", 5) == 0 &&
      lstat (stale->dir, &st) == 0 && S_ISDIR (st.st_mode) &&
      st.st_uid == geteuid ())
    remove_tree (stale->dir);
  return file_remove (path, err);
}

static int
refuse_others (const char *path, const struct write_back *loaded,
               struct error *err)
{
  error_set (err, REASON_TARGET_BUSY,
             _("an interrupted --in-place run of %s and %zu other disks must "
               "be completed first (%s)"), loaded->disks.ptr[0].place,
             loaded->disks.len - 1, path);
  error_hint (err, _("run it again with the same disks in the same order"));
  return -1;
}

/* Continue with the overlays that the record names. */
static int
adopt (struct write_back *wb, struct write_back *loaded, bool *same_command)
{
  *same_command = strcmp (wb->command, loaded->command) == 0;
  wb->id = STEAL (loaded->id);
  wb->dir = STEAL (loaded->dir);
  for (size_t i = 0; i < wb->disks.len; i++) {
    wb->disks.ptr[i].overlay = STEAL (loaded->disks.ptr[i].overlay);
    wb->disks.ptr[i].size = loaded->disks.ptr[i].size;
  }
  return 1;
}

/* Look at the record at PATH.  1: it is valid, and for the same disks. */
static int
look_at (struct write_back *wb, const char *path, bool *same_command,
         struct error *err)
{
  CLEANUP_LOADED struct write_back *loaded = load (path, err);
  CLEANUP_LOADED struct write_back *first = NULL;

  if (loaded == NULL)
    return error_is_set (err) ? -1 : 0;
  if (strcmp (path, loaded->disks.ptr[0].record) == 0)
    return same_disks (wb, loaded) ? adopt (wb, loaded, same_command)
                                   : refuse_others (path, loaded, err);
  first = load (loaded->disks.ptr[0].record, err);
  if (first == NULL && error_is_set (err))
    return -1;
  if (first == NULL || strcmp (first->id, loaded->id) != 0)
    return remove_stale (path, loaded, err);
  /* It is found through the record of disk 0, too. */
  return same_disks (wb, loaded) ? 0 : refuse_others (path, loaded, err);
}

/* A staged record is never valid. */
static int
look_at_staged (const char *record, struct error *err)
{
  CLEANUP_FREE char *path = format (err, "%s" STAGED, record);
  CLEANUP_LOADED struct write_back *staged =
    path != NULL ? load (path, err) : NULL;

  if (staged == NULL)
    return error_is_set (err) ? -1 : 0;
  return remove_stale (path, staged, err);
}

int
write_back_find (struct write_back *wb, bool *same_command, struct error *err)
{
  for (size_t i = 0; i < wb->disks.len; i++) {
    const char *record = wb->disks.ptr[i].record;
    int r = look_at (wb, record, same_command, err);

    if (r == 0)
      r = look_at_staged (record, err);
    if (r != 0)
      return r;
  }
  return 0;
}

/*--- Removing. ---*/

/* The record of disk 0 is removed first: without it the others are invalid. */
int
record_remove (const struct write_back *wb, struct error *err)
{
  for (size_t i = 0; i < wb->disks.len; i++)
    if (file_remove (wb->disks.ptr[i].record, err) == -1)
      return -1;
  if (!wb->context->settings->keep_overlay)
    remove_tree (wb->dir);
  return 0;
}
