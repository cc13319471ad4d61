/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Finds the records of disks, by their names and by what the disks are, and
 * tells records that are valid from those of runs that died before or after
 * they wrote to the disks.  Whether the run of a record can be finished is
 * left to write-back-judge.c.
 */

#include <config.h>

#include <dirent.h>
#include <libgen.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"
#include "context.h"
#include "io/disk-identity.h"
#include "io/state-dir.h"
#include "io/tempdir.h"
#include "output/place.h"
#include "settings.h"
#include "transfer/write-back-disks.h"
#include "transfer/write-back-find.h"
#include "transfer/write-back-json.h"
#include "transfer/write-back-record.h"

void
search_reset (struct search *search)
{
  for (size_t i = 0; i < search->records.len; i++)
    record_reset (&search->records.ptr[i]);
  records_reset (&search->records);
}

bool
same_name (const struct write_back_disk *a, const struct write_back_disk *b)
{
  return strcmp (a->place, b->place) == 0 ||
    (a->device != NULL && b->device != NULL &&
     strcmp (a->device, b->device) == 0);
}

bool
same_disk (const struct write_back_disk *a, const struct write_back_disk *b)
{
  if (a->is_nbd || b->is_nbd)
    return a->is_nbd && b->is_nbd && place_same_uri (a->place, b->place);
  return a->identity != NULL && b->identity != NULL &&
    disk_identity_same (a->identity, b->identity);
}

bool
same_disks (const struct write_back *ours, const struct write_back *theirs)
{
  if (ours->disks.len != theirs->disks.len)
    return false;
  for (size_t i = 0; i < ours->disks.len; i++) {
    const struct write_back_disk *a = &ours->disks.ptr[i];
    const struct write_back_disk *b = &theirs->disks.ptr[i];

    if ((!same_name (a, b) && !same_disk (a, b)) ||
        strcmp (a->format, b->format) != 0)
      return false;
  }
  return true;
}

static bool
have_one_in_common (const struct write_back *a, const struct write_back *b)
{
  for (size_t i = 0; i < a->disks.len; i++)
    for (size_t j = 0; j < b->disks.len; j++)
      if (same_name (&a->disks.ptr[i], &b->disks.ptr[j]) ||
          same_disk (&a->disks.ptr[i], &b->disks.ptr[j]))
        return true;
  return false;
}

/*--- Looking for records. ---*/

static int
refuse_later_release (const char *path, struct error *err)
{
  error_set (err, REASON_TARGET_CHANGED,
             _("the record %s was left by another release, whose records "
               "this one cannot read"), path);
  error_hint (err, _("complete the interrupted --in-place run with that "
                     "release"));
  return -1;
}

/* Add the record at PATH, if there is one, and if it is of a disk of ours:
 * ANYBODY_S, or else it is beside one.
 */
static int
look_at (struct search *search, const char *path, bool anybody_s,
         struct error *err)
{
  CLEANUP_RECORD struct record record = { .path = NULL };
  const int r = record_load (path, &record, err);

  if (r != 1)
    return r;
  if (anybody_s && !have_one_in_common (search->wb, record.wb))
    return 0;
  if (!record.is_known)
    return refuse_later_release (path, err);
  if (records_append (&search->records, record) == -1)
    return error_nomem (err);
  record = (struct record) { .path = NULL };
  return 0;
}

static int
look_beside (struct search *search, const char *path, struct error *err)
{
  CLEANUP_FREE char *staged = format (err, "%s" RECORD_STAGED, path);

  if (staged == NULL || look_at (search, path, false, err) == -1)
    return -1;
  return look_at (search, staged, false, err);
}

/* Where earlier releases kept the records of devices and NBD exports. */
static int
look_in_old_place (struct search *search, const char *dir,
                   const struct write_back_disk *disk, struct error *err)
{
  CLEANUP_FREE char *path = NULL;
  char digest[DIGEST_HEX_MAX];

  if (digest_of (disk->place, strlen (disk->place), DIGEST_SHA256, digest,
                 err) == -1)
    return -1;
  path = format (err, "%s/v2v-in-place-%.32s", dir, digest);
  return path == NULL ? -1 : look_at (search, path, false, err);
}

static bool
ends_with (const char *name, const char *end)
{
  const size_t len = strlen (name), end_len = strlen (end);

  return len >= end_len && strcmp (name + len - end_len, end) == 0;
}

/* That of a run that has finished is of use only as it is. */
static int
look_at_finished (struct search *search, const char *path, struct error *err)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_RECORD struct record record = { .path = NULL };

  if (record_load (path, &record, &ignored) != 1 || !record.is_known ||
      !have_one_in_common (search->wb, record.wb))
    return 0;
  if (records_append (&search->records, record) == -1)
    return error_nomem (err);
  record = (struct record) { .path = NULL };
  return 0;
}

static int
look_at_entry (struct search *search, const char *path, struct error *err)
{
  if (ends_with (path, RECORD_DONE))
    return search->finished ? look_at_finished (search, path, err) : 0;
  return !search->finished &&
    (ends_with (path, RECORD_IN_STATE_DIR) ||
     ends_with (path, RECORD_IN_STATE_DIR RECORD_STAGED))
    ? look_at (search, path, true, err) : 0;
}

static int
look_in_state_dir (struct search *search, const char *dir, struct error *err)
{
  DIR *stream = opendir (dir);
  const struct dirent *entry;
  int r = 0;

  if (stream == NULL)
    return error_errno (err, REASON_READ, "%s", dir);
  while (r == 0 && (errno = 0, entry = readdir (stream)) != NULL) {
    CLEANUP_FREE char *path = format (err, "%s/%s", dir, entry->d_name);

    r = path == NULL ? -1 : look_at_entry (search, path, err);
  }
  if (r == 0 && errno != 0)
    r = error_errno (err, REASON_READ, "%s", dir);
  closedir (stream);
  return r;
}

int
search_look (struct search *search, struct error *err)
{
  const struct write_back *wb = search->wb;
  const char *overlays = wb->context->settings->overlay_dir;

  for (size_t i = 0; i < wb->disks.len && !search->finished; i++) {
    const struct write_back_disk *disk = &wb->disks.ptr[i];
    int r;

    if (disk->beside != NULL)
      r = look_beside (search, disk->beside, err);
    else if ((r = look_in_old_place (search, overlays, disk, err)) == 0)
      r = look_in_old_place (search, "/var/tmp", disk, err);
    if (r == -1)
      return -1;
  }
  return wb->state_dir == NULL ? 0
    : look_in_state_dir (search, wb->state_dir, err);
}

/*--- Which records are valid. ---*/

static bool
is_staged (const struct record *record)
{
  return ends_with (record->path, RECORD_STAGED);
}

/* Is the first record's directory the one that it was created in? */
static bool
directory_is_there (const struct record *record)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_FREE char *copy = alloc_copy (record->wb->records.ptr[0], &ignored);
  CLEANUP_FREE char *now = copy == NULL ? NULL
    : disk_identity_of_path (dirname (copy), DISK_IDENTITY_DISK, &ignored);

  return now != NULL && disk_identity_same (record->directory, now);
}

static int
refuse_doubt (const struct record *record, struct error *err)
{
  error_set (err, REASON_TARGET_BUSY,
             _("the record %s of an --in-place run was found, but the record "
               "%s, which says whether the disks are complete, cannot be "
               "reached"),
             record->path, record->wb->records.ptr[0]);
  error_hint (err, _("mount the file system with that record, or complete "
                     "the run on the host where it was started; if that is "
                     "not possible, restore the disks and remove the record"));
  err->needs_resume = true;     /* time alone will not change that */
  return -1;
}

/* Look where the first record should be.  It is added if it is there. */
static int
look_for_first (struct search *search, size_t index, struct error *err)
{
  struct record record = { .path = NULL };
  const struct record *asking = &search->records.ptr[index];
  const int r = record_load (asking->wb->records.ptr[0], &record, err);

  if (r == 1 && record.is_known && record.decides &&
      strcmp (record.wb->id, asking->wb->id) == 0) {
    if (records_append (&search->records, record) == 0)
      return 1;
    error_nomem (err);
  }
  record_reset (&record);
  if (r == -1 || error_is_set (err))
    return -1;
  return r == 1 || directory_is_there (asking) ? 0
    : refuse_doubt (asking, err);
}

/* 1: the record is valid, because of the one at *FIRST, which decides.  0: it
 * is not.
 */
static int
resolve (struct search *search, size_t index, size_t *first,
         struct error *err)
{
  const struct records *records = &search->records;
  int r;

  if (is_staged (&records->ptr[index]))
    return 0;
  for (size_t i = 0; i < records->len; i++)
    if (records->ptr[i].decides && !is_staged (&records->ptr[i]) &&
        strcmp (records->ptr[i].wb->id, records->ptr[index].wb->id) == 0) {
      *first = i;
      return 1;
    }
  r = look_for_first (search, index, err);
  *first = records->len - 1;
  return r;
}

int
search_valid (struct search *search, size_t *from, struct error *err)
{
  while (*from < search->records.len) {
    size_t first;
    const int r = resolve (search, (*from)++, &first, err);

    if (r == -1)
      return -1;
    if (r == 1) {
      search->found = first;
      return 1;
    }
  }
  return 0;
}

/*--- Removing what is not valid. ---*/

/* The directory is removed only if it has a name as we make them, and is this
 * user's.
 */
static int
remove_stale (const struct record *record, struct error *err)
{
  const char *dir = record->wb->dir;
  const char *base = strrchr (dir, '/');
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  struct stat st;

  if (base != NULL && strncmp (base, "/v2v.", 5) == 0 &&
      lstat (dir, &st) == 0 && S_ISDIR (st.st_mode) &&
      tempdir_check (dir, &ignored) == 0)
    remove_tree (dir);
  return file_remove (record->path, err);
}

int
write_back_sweep (const struct write_back *wb, struct error *err)
{
  CLEANUP_SEARCH struct search search = { .wb = wb };
  size_t first;

  if (search_look (&search, err) == -1)
    return -1;
  for (size_t i = 0; i < search.records.len; i++) {
    const int r = resolve (&search, i, &first, err);

    if (r == -1 ||
        (r == 0 && remove_stale (&search.records.ptr[i], err) == -1))
      return -1;
  }
  return 0;
}
