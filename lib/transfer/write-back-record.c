/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Stores, finds and removes the records of runs that write back.  Each disk
 * has a record, all with the same content, so that a run with any of the
 * disks finds one; but only the record of disk 0 is valid, which is created
 * last and removed first.  The content is left to write-back-data.c.
 */

#include <config.h>

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include <json-c/json.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"
#include "context.h"
#include "guest/location.h"
#include "launch/overlay.h"
#include "settings.h"
#include "transfer/write-back-data.h"
#include "transfer/write-back-record.h"

#define SUFFIX ".v2v-in-place"
#define PREFIX "v2v-in-place-"
#define STAGED ".new"
#define RECORD_MAX (1 << 20)

char *
record_path (const char *place, bool is_file,
             const struct launch_context *context, struct error *err)
{
  char digest[DIGEST_HEX_MAX];

  if (is_file)
    return format (err, "%s" SUFFIX, place);
  return digest_of (place, strlen (place), DIGEST_SHA256, digest, err) == -1
    ? NULL : format (err, "%s/" PREFIX "%.32s",
                     context->settings->overlay_dir, digest);
}

static char *
path_of_location (const struct location *location,
                  const struct launch_context *context, struct error *err)
{
  const char *path = location_local_path (location);
  CLEANUP_FREE char *resolved = NULL;
  struct stat st;

  if (path == NULL)
    return record_path (location_nbd_uri (location), false, context, err);
  if (stat (path, &st) == 0 && !S_ISREG (st.st_mode))
    return record_path (path, false, context, err);
  resolved = realpath (path, NULL);
  return record_path (resolved != NULL ? resolved : path, true, context, err);
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
      file_store (staged, text, strlen (text), err) == -1)
    return -1;
  overlays_keep (overlays);
  return file_rename (staged, path, err);
}

int
record_store (const struct write_back *wb, struct overlays *overlays,
              struct error *err)
{
  json_object *object = write_back_to_json (wb);
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
                      _("%s exists, and is not a record that this user wrote"),
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
  struct write_back *wb;
  json_object *object;

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
  wb = write_back_from_json (object);
  json_object_put (object);
  if (wb == NULL)
    error_set (err, REASON_TARGET_BUSY,
               _("the record %s of an --in-place run has an unknown format"),
               path);
  return wb;
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
