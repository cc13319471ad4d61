/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Remembers a run that has finished, by its disks, whatever they are called.
 * A file tells when it was written to; of devices and NBD exports, which do
 * not, blocks all over the disk are read again.
 */

#include <config.h>

#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"
#include "io/disk-identity.h"
#include "io/reader.h"
#include "transfer/transfer-request.h"
#include "transfer/write-back-disks.h"
#include "transfer/write-back-done.h"
#include "transfer/write-back-find.h"
#include "transfer/write-back-json.h"
#include "transfer/write-back-record.h"

/* The record's path; NULL without an error: there is no place for it. */
static char *
done_path (const struct write_back *wb, struct error *err)
{
  return wb->state_dir == NULL ? NULL
    : write_back_state_file (wb, RECORD_DONE, err);
}

static char *
identity_now (const struct write_back_disk *disk, struct error *err)
{
  return disk->is_nbd ? alloc_copy (disk->identity, err)
    : disk_identity_of_fd (disk->fd, DISK_IDENTITY_CONTENT, err);
}

static int
digest_now (const struct write_back *wb, const struct write_back_disk *disk,
            const struct samples *samples, char ret[DIGEST_HEX_MAX],
            struct error *err)
{
  CLEANUP_READER struct reader *reader = write_back_read (wb, disk, err);

  return reader == NULL ? -1 : samples_digest (samples, reader, ret, err);
}

/*--- Comparing. ---*/

static int
refuse_changed (const struct write_back_disk *disk, const char *path,
                struct error *err)
{
  error_set (err, REASON_TARGET_CHANGED,
             _("the same run has finished, but %s is now another disk, or "
               "has been written to since (%s)"), disk->place, path);
  error_hint (err, _("nothing was written; without --resume the disks are "
                     "converted again, as they are"));
  return -1;
}

static int
compare_disk (const struct write_back *wb, size_t index,
              const struct record *record, struct error *err)
{
  const struct write_back_disk *ours = &wb->disks.ptr[index];
  const struct write_back_disk *theirs = &record->wb->disks.ptr[index];
  CLEANUP_FREE char *now = identity_now (ours, err);
  char digest[DIGEST_HEX_MAX];

  if (now == NULL)
    return -1;
  if (!disk_identity_same (theirs->identity, now))
    return refuse_changed (ours, record->path, err);
  if (theirs->samples.digest[0] == '\0')
    return 0;
  if (digest_now (wb, ours, &theirs->samples, digest, err) == -1)
    return -1;
  return strcmp (theirs->samples.digest, digest) == 0 ? 0
    : refuse_changed (ours, record->path, err);
}

static int
compare (const struct write_back *wb, const struct record *record,
         struct transfer_disk *ret, struct error *err)
{
  for (size_t i = 0; i < wb->disks.len; i++) {
    if (compare_disk (wb, i, record, err) == -1) {
      err->disk = (int) i;
      return -1;
    }
    ret[i] = (struct transfer_disk) {
      .size = record->wb->disks.ptr[i].size,
      .target = wb->disks.ptr[i].place,
      .format = wb->disks.ptr[i].format,
    };
  }
  return 0;
}

static bool
is_same_request (const struct write_back *a, const struct write_back *b)
{
  return strcmp (a->command, b->command) == 0 &&
    strcmp (a->copied, b->copied) == 0 && same_disks (a, b);
}

int
write_back_was_done (struct write_back *wb, struct transfer_disk *ret,
                     bool *done, struct error *err)
{
  CLEANUP_SEARCH struct search search = { .wb = wb, .finished = true };
  CLEANUP_RECORD struct record record = { .path = NULL };
  CLEANUP_FREE char *path = done_path (wb, err);

  *done = false;
  if (path == NULL)
    return error_is_set (err) ? -1 : 0;
  /* That of these very names must not be damaged. */
  if (record_load (path, &record, err) == -1 ||
      search_look (&search, err) == -1)
    return -1;
  for (size_t i = 0; i < search.records.len && !*done; i++) {
    *done = is_same_request (wb, search.records.ptr[i].wb);
    if (*done && compare (wb, &search.records.ptr[i], ret, err) == -1)
      return -1;
  }
  return 0;
}

/*--- Recording. ---*/

static int
describe (const struct write_back *wb, struct write_back_disk *disk,
          struct error *err)
{
  static const struct ranges nothing = { .ptr = NULL };
  CLEANUP_FREE char *identity = identity_now (disk, err);

  if (identity == NULL || alloc_set (&disk->identity, identity, err) == -1)
    return -1;
  samples_reset (&disk->samples);
  if (disk->beside != NULL)
    return 0;
  return samples_choose (&nothing, disk->size, &disk->samples, err) == -1 ? -1
    : digest_now (wb, disk, &disk->samples, disk->samples.digest, err);
}

int
write_back_store_done (struct write_back *wb, struct error *err)
{
  CLEANUP_FREE char *path = done_path (wb, err);
  CLEANUP_JSON json_object *object = NULL;
  const char *text;

  if (path == NULL)
    return error_is_set (err) ? -1 : 0;
  for (size_t i = 0; i < wb->disks.len; i++)
    if (describe (wb, &wb->disks.ptr[i], err) == -1)
      return -1;
  object = write_back_to_json (wb, true, "");
  text = object == NULL ? NULL : json_object_to_json_string_ext
    (object, JSON_C_TO_STRING_PRETTY|JSON_C_TO_STRING_NOSLASHESCAPE);
  return text == NULL ? error_nomem (err)
    : file_store (path, text, strlen (text), err);
}

int
write_back_forget_done (const struct write_back *wb, struct error *err)
{
  CLEANUP_SEARCH struct search search = { .wb = wb, .finished = true };
  CLEANUP_FREE char *path = done_path (wb, err);

  if (path == NULL)
    return error_is_set (err) ? -1 : 0;
  if (search_look (&search, err) == -1)
    return -1;
  for (size_t i = 0; i < search.records.len; i++)
    if (file_remove (search.records.ptr[i].path, err) == -1)
      return -1;
  return access (path, F_OK) == -1 && errno == ENOENT ? 0
    : file_remove (path, err);
}
