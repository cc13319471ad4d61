/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The records.  Each disk has one, all with the same content, so that a run
 * with any of the disks meets it; but only that of disk 0 counts, which
 * appears last and goes first.
 */

#include <config.h>

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include <json-c/json.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/json.h"
#include "context.h"
#include "guest/guest.h"
#include "io/remove-tree.h"
#include "launch/launch.h"
#include "launch/overlay.h"
#include "settings.h"
#include "transfer/write-back-internal.h"

#define SUFFIX ".v2v-in-place"
#define PREFIX "v2v-in-place-"
#define STAGED ".new"
#define RECORD_MAX (1 << 20)
#define RECORD_VERSION 1

static char *
path_of (const char *place, bool is_file,
         const struct launch_context *context, struct error *err)
{
  char digest[DIGEST_HEX_MAX];
  char *path;
  int r;

  if (is_file)
    r = asprintf (&path, "%s" SUFFIX, place);
  else {
    if (digest_of (place, strlen (place), DIGEST_SHA256, digest,
                   err) == -1)
      return NULL;
    r = asprintf (&path, "%s/" PREFIX "%.32s",
                  context->settings->overlay_dir, digest);
  }
  if (r != -1)
    return path;
  error_nomem (err);
  return NULL;
}

char *
record_path (const struct write_back *wb, const char *place, bool is_file,
             struct error *err)
{
  return path_of (place, is_file, wb->context, err);
}

static char *
path_of_location (const struct location *location,
                  const struct launch_context *context, struct error *err)
{
  const char *path = location_local_path (location);
  CLEANUP_FREE char *resolved = NULL;
  struct stat st;

  if (path == NULL)
    return path_of (location_nbd_uri (location), false, context, err);
  if (stat (path, &st) == 0 && !S_ISREG (st.st_mode))
    return path_of (path, false, context, err);
  resolved = realpath (path, NULL);
  return path_of (resolved != NULL ? resolved : path, true, context, err);
}

int
write_back_refuse (const struct location *location,
                   const struct launch_context *context, struct error *err)
{
  CLEANUP_FREE char *path = NULL;

  if (location_local_path (location) == NULL &&
      location_nbd_uri (location) == NULL)
    return 0;
  path = path_of_location (location, context, err);
  if (path == NULL)
    return -1;
  if (access (path, F_OK) == -1)
    return 0;
  error_set (err, REASON_TARGET_BUSY,
             _("an interrupted --in-place run has left the disk incomplete "
               "(%s)"), path);
  error_hint (err, _("run the same command again, which finishes it"));
  return -1;
}

/*--- Writing. ---*/

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
  json_add (&object, "size", json_object_new_int64 ((int64_t) disk->size));
  return object;
}

static json_object *
to_json (const struct write_back *wb)
{
  json_object *object = json_object_new_object ();
  json_object *disks = json_object_new_array ();

  json_add (&object, "version", json_object_new_int (RECORD_VERSION));
  add_string (&object, "id", wb->id);
  add_string (&object, "command", wb->command);
  add_string (&object, "overlays", wb->dir);
  for (size_t i = 0; i < wb->disks.len; i++)
    json_append (&disks, disk_to_json (&wb->disks.ptr[i]));
  json_add (&object, "disks", disks);
  return object;
}

/* The step that counts.  Between the overlays being kept and the rename
 * nobody would remove them if we were killed, but the staged record tells
 * the next run.
 */
static int
commit_record (const char *path, const char *text, struct overlays *overlays,
               struct error *err)
{
  CLEANUP_FREE char *staged = NULL;

  if (asprintf (&staged, "%s" STAGED, path) == -1) {
    staged = NULL;
    return error_nomem (err);
  }
  if (file_store (staged, text, strlen (text), err) == -1)
    return -1;
  overlays_keep (overlays);
  return file_rename (staged, path, err);
}

int
record_store (const struct write_back *wb, struct overlays *overlays,
              struct error *err)
{
  json_object *object = to_json (wb);
  const char *text = object == NULL ? NULL : json_object_to_json_string_ext
    (object, JSON_C_TO_STRING_PRETTY|JSON_C_TO_STRING_NOSLASHESCAPE);
  int r = text != NULL ? 0 : error_nomem (err);

  for (size_t i = wb->disks.len; r == 0 && i > 1; i--)
    r = file_store (wb->disks.ptr[i - 1].record, text, strlen (text), err);
  if (r == 0)
    r = commit_record (wb->disks.ptr[0].record, text, overlays, err);
  json_object_put (object);
  return r;
}

/*--- Reading. ---*/

/* Only what we wrote: in a directory that all may write to, anybody could
 * leave a record for us to obey.
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
                      _("%s is in the way, and no record of this user's"),
                      path);
  return STEAL_FD (fd);
}

static json_object *
parse_own (const char *path, struct error *err)
{
  CLEANUP_FD int fd = open_own (path, err);
  json_object *object;

  if (fd == -1)
    return NULL;
  object = json_object_from_fd (fd);
  if (object != NULL)
    return object;
  error_set (err, REASON_TARGET_BUSY,
             _("the record %s of an --in-place run is damaged"), path);
  return NULL;
}

static char *
get_string (json_object *object, const char *key)
{
  json_object *value;

  if (!json_object_object_get_ex (object, key, &value) ||
      !json_object_is_type (value, json_type_string))
    return NULL;
  return strdup (json_object_get_string (value));
}

/* A name that needs no quoting anywhere, in the overlays' directory. */
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
  json_object *size;

  disk->lock = -1;
  disk->place = get_string (object, "disk");
  disk->format = get_string (object, "format");
  disk->record = get_string (object, "record");
  disk->overlay = get_string (object, "overlay");
  if (!json_object_object_get_ex (object, "size", &size) ||
      json_object_get_int64 (size) < 0)
    return false;
  disk->size = (uint64_t) json_object_get_int64 (size);
  return disk->place != NULL && disk->format != NULL &&
    disk->record != NULL && is_overlay_name (disk->overlay);
}

static bool
from_json (json_object *object, struct write_back *ret)
{
  CLEANUP_FREE char *command = get_string (object, "command");
  json_object *disks, *version;

  ret->id = get_string (object, "id");
  ret->dir = get_string (object, "overlays");
  if (command == NULL || ret->id == NULL || ret->dir == NULL ||
      !json_object_object_get_ex (object, "version", &version) ||
      json_object_get_int (version) != RECORD_VERSION ||
      !json_object_object_get_ex (object, "disks", &disks) ||
      !json_object_is_type (disks, json_type_array) ||
      json_object_array_length (disks) == 0)
    return false;
  snprintf (ret->command, sizeof ret->command, "%s", command);
  for (size_t i = 0; i < json_object_array_length (disks); i++) {
    struct write_back_disk disk = { .place = NULL };
    const bool good =
      disk_from_json (json_object_array_get_idx (disks, i), &disk);

    if (write_back_disks_append (&ret->disks, disk) == -1) {
      write_back_disk_reset (&disk);
      return false;
    }
    if (!good)
      return false;
  }
  return true;
}

static void
loaded_free (struct write_back *wb)
{
  write_back_free (wb);
}

V2V_DEFINE_CLEANUP (cleanup_loaded, struct write_back *, loaded_free);
#define CLEANUP_LOADED __attribute__ ((cleanup (cleanup_loaded)))

/* The record at PATH.  NULL without an error: there is none. */
static struct write_back *
load (const char *path, struct error *err)
{
  CLEANUP_LOADED struct write_back *wb = NULL;
  json_object *object;
  bool good;

  if (access (path, F_OK) == -1 && errno == ENOENT)
    return NULL;
  object = parse_own (path, err);
  if (object == NULL)
    return NULL;
  wb = calloc (1, sizeof *wb);
  good = wb != NULL && from_json (object, wb);
  json_object_put (object);
  if (good)
    return STEAL (wb);
  error_set (err, REASON_TARGET_BUSY,
             _("the record %s of an --in-place run cannot be understood"),
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

/* What died before it counted.  The directory is removed only if it looks
 * like what we make, and is ours.
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
               "be finished first (%s)"), loaded->disks.ptr[0].place,
             loaded->disks.len - 1, path);
  error_hint (err, _("run it again with the same disks in the same order"));
  return -1;
}

/* Take over what the record says. */
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

/* 1: it counts, and is ours. */
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
  /* It is met at disk 0, too. */
  return same_disks (wb, loaded) ? 0 : refuse_others (path, loaded, err);
}

/* A staged record never counts. */
static int
look_at_staged (const char *record, struct error *err)
{
  CLEANUP_LOADED struct write_back *staged = NULL;
  CLEANUP_FREE char *path = NULL;

  if (asprintf (&path, "%s" STAGED, record) == -1) {
    path = NULL;
    return error_nomem (err);
  }
  staged = load (path, err);
  if (staged == NULL)
    return error_is_set (err) ? -1 : 0;
  return remove_stale (path, staged, err);
}

int
write_back_find (struct write_back *wb, bool *found, bool *same_command,
                 struct error *err)
{
  *found = *same_command = false;
  for (size_t i = 0; i < wb->disks.len; i++) {
    const int r = look_at (wb, wb->disks.ptr[i].record, same_command, err);

    if (r == -1 ||
        (r == 0 && look_at_staged (wb->disks.ptr[i].record, err) == -1))
      return -1;
    if (r == 1) {
      *found = true;
      return 0;
    }
  }
  return 0;
}

/*--- Removing. ---*/

/* The first one goes first: the others mean nothing without it. */
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
