/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Decides what a valid record means for a run: it can be finished, because the
 * run has the very disks that it was made for; or it cannot, and nothing else
 * must be done with the disks.
 */

#include <config.h>

#include <inttypes.h>
#include <string.h>

#include "base/alloc.h"
#include "base/argv.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "context.h"
#include "io/reader.h"
#include "io/state-dir.h"
#include "io/tempdir.h"
#include "settings.h"
#include "transfer/write-back-disks.h"
#include "transfer/write-back-find.h"
#include "transfer/write-back-record.h"

/*--- Reasons to refuse. ---*/

static int
refuse_others (const struct record *record, struct error *err)
{
  const struct write_back_disks *disks = &record->wb->disks;

  error_set (err, REASON_TARGET_BUSY,
             _("an interrupted --in-place run of %s and %zu other disks must "
               "be completed first (%s)"), disks->ptr[0].place,
             disks->len - 1, record->path);
  error_hint (err, _("run it again with the same disks in the same order"));
  err->needs_resume = true;     /* time alone will not complete it */
  return -1;
}

static void
hint_to_discard (const struct record *record, struct error *err)
{
  error_hint (err, _("nothing was written; if the disk that the record was "
                     "made for is gone for good, remove %s and the directory "
                     "%s"), record->path, record->wb->dir);
}

/* DISK, one of ours, is not the one that the record is for. */
static int
refuse_another (const struct record *record,
                const struct write_back_disk *disk, struct error *err)
{
  error_set (err, REASON_TARGET_CHANGED,
             _("the record %s of an interrupted --in-place run is for "
               "another disk than the one that is now %s"), record->path,
             disk->place);
  hint_to_discard (record, err);
  if (disk->device != NULL)
    error_add_hint (err, _("a device without a serial number or another "
                           "unique ID cannot be recognized after it was "
                           "detached or the host was rebooted"));
  return -1;
}

static int
refuse_changed (const struct record *record, const char *name,
                struct error *err)
{
  error_set (err, REASON_TARGET_CHANGED,
             _("%s is not the disk for which the record %s of an interrupted "
               "--in-place run was made, or was written to since"), name,
             record->path);
  hint_to_discard (record, err);
  return -1;
}

static int
refuse_copy (const struct record *record, struct error *err)
{
  error_set (err, REASON_TARGET_CHANGED,
             _("an interrupted run with other extents, another source or "
               "another command has begun to convert these disks (%s): "
               "extents of the source must not be copied over converted "
               "disks"), record->path);
  error_hint (err, _("to complete that run, repeat its command; to have what "
                     "the source has now, copy the whole disks again to new "
                     "targets"));
  return -1;
}

/*--- Are these the disks? ---*/

static bool
has_disk (const struct write_back *wb, const struct write_back_disk *disk)
{
  for (size_t i = 0; i < wb->disks.len; i++)
    if (same_disk (&wb->disks.ptr[i], disk))
      return true;
  return false;
}

/* The first of our disks that the record is beside, or has the name of, but is
 * not for; NULL: there is none.
 */
static const struct write_back_disk *
impostor (const struct write_back *wb, const struct record *record)
{
  for (size_t i = 0; i < wb->disks.len; i++) {
    const struct write_back_disk *disk = &wb->disks.ptr[i];
    bool named = disk->beside != NULL &&
      strcmp (disk->beside, record->path) == 0;

    for (size_t j = 0; j < record->wb->disks.len && !named; j++)
      named = same_name (disk, &record->wb->disks.ptr[j]);
    if (named && !has_disk (record->wb, disk))
      return disk;
  }
  return NULL;
}

static int
check_samples (const struct write_back *wb, size_t index,
               const struct record *record, struct error *err)
{
  const struct write_back_disk *ours = &wb->disks.ptr[index];
  const struct write_back_disk *theirs = &record->wb->disks.ptr[index];
  CLEANUP_READER struct reader *reader = NULL;
  char digest[DIGEST_HEX_MAX];

  if (theirs->samples.digest[0] == '\0')
    return 0;
  reader = write_back_read (wb, ours, err);
  if (reader == NULL)
    return -1;
  if (reader->size < theirs->size)
    return refuse_changed (record, ours->place, err);
  if (samples_digest (&theirs->samples, reader, digest, err) == -1)
    return -1;
  return strcmp (digest, theirs->samples.digest) == 0 ? 0
    : refuse_changed (record, ours->place, err);
}

static int
check_overlay (const struct record *record, size_t index, struct error *err)
{
  const struct write_back *wb = record->wb;
  const struct write_back_disk *disk = &wb->disks.ptr[index];
  CLEANUP_ERROR struct error why = ERROR_INIT;
  CLEANUP_FREE char *now = write_back_overlay_identity (wb, index, &why);

  if (now == NULL && why.reason != REASON_NOT_FOUND) {
    error_move (err, &why);
    return -1;
  }
  if (now != NULL && write_back_same_overlay (disk->overlay_identity, now))
    return 0;
  error_set (err, REASON_TARGET_CHANGED,
             now == NULL
             ? _("an interrupted --in-place run left %s incomplete, and the "
                 "overlay %s/%s, which it needs, is gone")
             : _("an interrupted --in-place run left %s incomplete, and the "
                 "overlay %s/%s, which it needs, was changed since"),
             disk->place, wb->dir, disk->overlay);
  error_hint (err, _("restore all disks of the guest, then remove %s"),
              record->path);
  return -1;
}

static int
check_disk (const struct write_back *wb, size_t index,
            const struct record *record, struct error *err)
{
  const struct write_back_disk *ours = &wb->disks.ptr[index];
  const struct write_back_disk *theirs = &record->wb->disks.ptr[index];

  if (!same_disk (ours, theirs))
    return refuse_another (record, ours, err);
  if (ours->is_nbd && strcmp (ours->identity, theirs->identity) != 0)
    return refuse_changed (record, ours->place, err);
  if (check_samples (wb, index, record, err) == -1)
    return -1;
  return check_overlay (record, index, err);
}

static int
check_disks (const struct write_back *wb, const struct record *record,
             struct error *err)
{
  const struct write_back_disk *other = impostor (wb, record);

  if (other != NULL)
    return refuse_another (record, other, err);
  if (!same_disks (wb, record->wb))
    return refuse_others (record, err);
  if (tempdir_check (record->wb->dir, err) == -1) {
    error_hint (err, _("restore all disks of the guest, then remove %s"),
                record->path);
    return -1;
  }
  for (size_t i = 0; i < wb->disks.len; i++)
    if (check_disk (wb, i, record, err) == -1) {
      err->disk = (int) i;
      return -1;
    }
  return 0;
}

/*--- Finding. ---*/

/* Continue with the overlays that the record names.  Disks may have got other
 * names: their records are where they were.
 */
static int
adopt (struct write_back *wb, struct record *record, struct error *err)
{
  struct write_back *theirs = record->wb;
  CLEANUP_ARGV struct argv own = wb->records;

  wb->records = (struct argv) { .ptr = NULL };
  if (argv_append (&wb->records, record->path, err) == -1)
    return -1;
  for (size_t i = 0; i < theirs->records.len; i++)
    if (argv_append (&wb->records, theirs->records.ptr[i], err) == -1)
      return -1;
  for (size_t i = 0; i < own.len; i++)
    if (argv_append (&wb->records, own.ptr[i], err) == -1)
      return -1;
  wb->id = STEAL (theirs->id);
  wb->dir = STEAL (theirs->dir);
  for (size_t i = 0; i < wb->disks.len; i++) {
    wb->disks.ptr[i].overlay = STEAL (theirs->disks.ptr[i].overlay);
    wb->disks.ptr[i].overlay_identity =
      STEAL (theirs->disks.ptr[i].overlay_identity);
    wb->disks.ptr[i].size = theirs->disks.ptr[i].size;
  }
  return 0;
}

int
write_back_find (struct write_back *wb, enum write_back_found *ret,
                 struct error *err)
{
  CLEANUP_SEARCH struct search search = { .wb = wb };
  struct record *record;
  bool same;
  size_t from = 0;
  int r;

  *ret = WRITE_BACK_NOTHING;
  if (search_look (&search, err) == -1)
    return -1;
  r = search_valid (&search, &from, err);
  if (r != 1)
    return r;
  record = &search.records.ptr[search.found];
  same = strcmp (wb->command, record->wb->command) == 0;
  if (check_disks (wb, record, err) == -1)
    return -1;
  if (wb->copied[0] != '\0' &&
      (!same || strcmp (wb->copied, record->wb->copied) != 0))
    return refuse_copy (record, err);
  *ret = same ? WRITE_BACK_SAME : WRITE_BACK_OTHER;
  return adopt (wb, record, err);
}

/*--- Runs that do not write back. ---*/

static int
refuse_incomplete (const struct write_back *wb, const struct record *record,
                   struct error *err)
{
  const struct write_back_disk *disk = &wb->disks.ptr[0];

  if (!has_disk (record->wb, disk))
    return refuse_another (record, disk, err);
  error_set (err, REASON_TARGET_BUSY,
             _("an interrupted --in-place run has left the disk incomplete "
               "(%s)"), record->path);
  error_hint (err, _("run the interrupted --in-place command again to "
                     "complete it"));
  err->needs_resume = true;
  return -1;
}

int
write_back_refuse (const struct location *location,
                   const struct launch_context *context, struct error *err)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_WRITE_BACK struct write_back *wb = alloc_zero (sizeof *wb, err);
  CLEANUP_SEARCH struct search search = { .wb = wb };
  size_t from = 0;
  int r;

  if (wb == NULL)
    return -1;
  wb->context = context;
  if (write_back_add_named (wb, location, err) == -1)
    return -1;
  if (wb->disks.len == 0)
    return 0;
  wb->state_dir = state_dir_open (context->settings, &ignored);
  if (search_look (&search, err) == -1)
    return -1;
  r = search_valid (&search, &from, err);
  return r == 1 ? refuse_incomplete (wb, &search.records.ptr[search.found],
                                     err) : r;
}
