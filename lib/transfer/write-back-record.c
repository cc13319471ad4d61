/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Creates and removes the records, in the order that lets a run find after any
 * crash either complete disks or a record that can be finished.  Their text is
 * left to write-back-json.c, finding them to write-back-find.c.
 */

#include <config.h>

#include <libgen.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/file.h"
#include "context.h"
#include "io/disk-identity.h"
#include "launch/overlay.h"
#include "settings.h"
#include "transfer/write-back-disks.h"
#include "transfer/write-back-json.h"
#include "transfer/write-back-record.h"

/* What tells the directory of the first record from another one.  Where that
 * record is missing, it has been removed, unless the directory is not there:
 * then nobody can say what became of it.
 */
static char *
identify_directory (const char *path, struct error *err)
{
  CLEANUP_FREE char *copy = alloc_copy (path, err);

  return copy == NULL ? NULL
    : disk_identity_of_path (dirname (copy), DISK_IDENTITY_DISK, err);
}

static const char *
text_of (json_object *object, struct error *err)
{
  const char *text = object == NULL ? NULL : json_object_to_json_string_ext
    (object, JSON_C_TO_STRING_PRETTY|JSON_C_TO_STRING_NOSLASHESCAPE);

  if (text == NULL)
    error_nomem (err);
  return text;
}

/* The rename is what makes the records valid.  If we are killed after the
 * overlays are kept and before the rename, the next run finds the staged
 * record and removes them.
 */
static int
commit_record (const char *path, const char *text, struct overlays *overlays,
               struct error *err)
{
  CLEANUP_FREE char *staged = format (err, "%s" RECORD_STAGED, path);

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
  const char *first = wb->records.ptr[0];
  CLEANUP_FREE char *directory = identify_directory (first, err);
  CLEANUP_JSON json_object *object = NULL;
  CLEANUP_JSON json_object *deciding = NULL;
  const char *text;

  if (directory == NULL)
    return -1;
  object = write_back_to_json (wb, false, directory);
  text = text_of (object, err);
  for (size_t i = wb->records.len; text != NULL && i > 1; i--)
    if (file_store (wb->records.ptr[i - 1], text, strlen (text), err) == -1)
      return -1;
  deciding = write_back_to_json (wb, true, directory);
  text = text_of (deciding, err);
  return text != NULL ? commit_record (first, text, overlays, err) : -1;
}

/* Another run's record may have taken the place of one of ours, where a disk
 * has got another name since.
 */
static int
remove_own (const char *path, const char *id, struct error *err)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_RECORD struct record record = { .path = NULL };

  if (record_load (path, &record, &ignored) != 1 || !record.is_known ||
      strcmp (record.wb->id, id) != 0)
    return 0;
  return file_remove (path, err);
}

static int
remove_others (const struct write_back *wb, struct error *err)
{
  for (size_t i = 1; i < wb->records.len; i++)
    if (remove_own (wb->records.ptr[i], wb->id, err) == -1)
      return -1;
  return 0;
}

/* The records are not valid any more when the first one is staged again; the
 * next run sweeps what is left if we are killed after that.
 */
int
record_remove (const struct write_back *wb, struct error *err)
{
  const char *first = wb->records.ptr[0];
  CLEANUP_FREE char *staged = format (err, "%s" RECORD_STAGED, first);

  if (staged == NULL)
    return -1;
  if (wb->context->settings->keep_overlay) {
    overlays_tell_kept (wb->dir, wb->context);
    return file_remove (first, err) == -1 ? -1 : remove_others (wb, err);
  }
  if (file_rename (first, staged, err) == -1 || remove_others (wb, err) == -1)
    return -1;
  remove_tree (wb->dir);
  return file_remove (staged, err);
}
