/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Keeps account of the disks of a copy, and its journal up to date while
 * threads of the copy report what they have stored.  Whether a copy is resumed
 * at all is left to resume.c, what the journal holds and how it is written to
 * journal.c and journal-file.c.
 */

#include <config.h>

#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/events.h"
#include "base/i18n.h"
#include "base/ranges.h"
#include "context.h"
#include "copy/blkhash.h"
#include "io/guard.h"
#include "io/owner.h"
#include "transfer/journal.h"
#include "transfer/resume-internal.h"

/* A multiple of file systems' block sizes, and more than most journals
 * need.
 */
#define RESERVE (256 << 10)

/* A journal has one kind for all disks: one that begins again has that of
 * those that continue, with which a copy can be compared, too.
 */
static enum blkhash_kind
choose_kind (const struct resume *resume, unsigned index,
             enum resume_digests digests)
{
  const struct blkhash *before = resume->journal.disks[index].hash;

  if (digests == RESUME_DIGESTS_WHOLE)
    return BLKHASH_SHA256;
  return resume->continues && before != NULL ? blkhash_kind (before)
    : digests == RESUME_DIGESTS_SURE ? BLKHASH_SHA256 : BLKHASH_XXH3;
}

static int
new_disk (struct resume *resume, unsigned index, uint64_t size,
          enum resume_digests digests, struct error *err)
{
  struct blkhash *hash = NULL;

  if (resume->place.path != NULL || digests != RESUME_DIGESTS_FAST) {
    hash = blkhash_new (size, choose_kind (resume, index, digests),
                        digests == RESUME_DIGESTS_WHOLE, err);
    if (hash == NULL)
      return -1;
  }
  /* The file says which digests it has: it is made anew. */
  resume->journal.len = 0;
  return journal_set_size (&resume->journal.disks[index], size, hash, err);
}

int
resume_check_size (const struct resume *resume, unsigned index,
                   uint64_t size, struct error *err)
{
  const struct journal_disk *disk = &resume->journal.disks[index];

  if (!resume->continues || disk->size == size)
    return 0;
  error_set (err, REASON_SOURCE_CHANGED,
             _("cannot resume: the size of the disk changed from %" PRIu64
               " to %" PRIu64 " bytes"), disk->size, size);
  resume_hint_again (resume, err);
  err->disk = (int) index;
  return -1;
}

int
resume_set_disk (struct resume *resume, unsigned index, uint64_t size,
                 enum resume_digests digests, struct error *err)
{
  const struct journal_disk *disk = &resume->journal.disks[index];

  if (resume_check_size (resume, index, size, err) == -1)
    return -1;
  return !resume->continues ||
    (digests == RESUME_DIGESTS_WHOLE &&
     blkhash_kind (disk->hash) != BLKHASH_SHA256)
    ? new_disk (resume, index, size, digests, err) : 0;
}

int
resume_renew_disk (struct resume *resume, unsigned index, uint64_t size,
                   enum resume_digests digests, struct error *err)
{
  return new_disk (resume, index, size, digests, err);
}

struct blkhash *
resume_hash (const struct resume *resume, unsigned index)
{
  return resume->journal.disks[index].hash;
}

bool
resume_is_stored (const struct resume *resume, unsigned index, size_t i)
{
  return resume->journal.disks[index].chunks[i].stored;
}

uint64_t
resume_size (const struct resume *resume, unsigned index)
{
  return resume->journal.disks[index].size;
}

int
resume_missing (const struct resume *resume, unsigned index,
                struct ranges *ret, struct error *err)
{
  return journal_missing (&resume->journal.disks[index], ret, err);
}

void
resume_empty_disk (struct resume *resume, unsigned index)
{
  struct journal_disk *disk = &resume->journal.disks[index];

  for (size_t i = 0; i < disk->n; i++)
    journal_forget (disk, i);
}

void
resume_forget_chunk (struct resume *resume, unsigned index, size_t i)
{
  journal_forget (&resume->journal.disks[index], i);
}

void
resume_forget_hashes (struct resume *resume, unsigned index)
{
  const struct journal_disk *disk = &resume->journal.disks[index];

  for (size_t i = 0; disk->hash != NULL && i < disk->n; i++)
    if (!disk->chunks[i].stored)
      blkhash_forget (disk->hash, i);
}

size_t
resume_count (const struct resume *resume)
{
  return journal_count (&resume->journal);
}

/*--- The journal. ---*/

static char *
reserve_name (const struct resume *resume)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;

  return format (&ignored, "%s" RESUME_RESERVE,
                 resume_place_at (&resume->place).name);
}

void
resume_drop_reserve (struct resume *resume)
{
  CLEANUP_FREE char *name = resume->reserved ? reserve_name (resume) : NULL;

  if (name == NULL)
    return;
  unlinkat (resume->place.dir_fd, name, 0);
  guard_forget_at (resume->context->guard, resume->place.dir_fd, name);
  resume->reserved = false;
}

/* 1: it is told to the guard already, or nothing is kept. */
static int
is_needed (struct resume *resume, const char *path, struct error *err)
{
  if (resume->place.path == NULL || argv_contains (&resume->needed, path))
    return 1;
  return argv_append (&resume->needed, path, err);
}

int
resume_needs_file (struct resume *resume, struct file_at at,
                   struct error *err)
{
  const int r = is_needed (resume, at.path, err);

  if (r == 0 && !resume_is_kept (resume))
    guard_at_unless (resume->context->guard, at.dir_fd, at.name,
                     resume->place.dir_fd,
                     resume_place_at (&resume->place).name);
  return r == -1 ? -1 : 0;
}

int
resume_needs_dir (struct resume *resume, const char *path, struct error *err)
{
  const int r = is_needed (resume, path, err);

  if (r == 0) {
    owner_spare (path, resume->place.needed);
    guard_dir_unless (resume->context->guard, path, resume->place.dir_fd,
                      resume_place_at (&resume->place).name);
  }
  return r == -1 ? -1 : 0;
}

void
resume_reserve (struct resume *resume)
{
  CLEANUP_FD int fd = -1;
  CLEANUP_FREE char *name = NULL;

  if (resume->place.path == NULL || resume->reserved)
    return;
  name = reserve_name (resume);
  if (name == NULL)
    return;
  unlinkat (resume->place.dir_fd, name, 0);
  fd = openat (resume->place.dir_fd, name,
               O_RDWR|O_CREAT|O_EXCL|O_CLOEXEC|O_NOFOLLOW, 0600);
  if (fd == -1)
    return;
  guard_at (resume->context->guard, resume->place.dir_fd, name);
  resume->reserved = true;
  if (posix_fallocate (fd, 0, RESERVE) != 0)
    resume_drop_reserve (resume);
}

static int
write_journal (struct resume *resume, struct error *err)
{
  CLEANUP_ERROR struct error first = ERROR_INIT;
  const struct file_at at = resume_place_at (&resume->place);

  if (journal_write (at, &resume->journal, &first) == 0)
    return 0;
  if (first.reason == REASON_SPACE && resume->reserved) {
    resume_drop_reserve (resume);
    return journal_write (at, &resume->journal, err);
  }
  error_move (err, &first);
  return -1;
}

static int
save (struct resume *resume, struct error *err)
{
  if (resume->place.path == NULL ||
      (!resume->kept && resume_count (resume) == 0) ||
      (!resume->kept && resume->is_source && !resume->keeps_source))
    return 0;
  if (write_journal (resume, err) == -1)
    return -1;
  resume->kept = true;
  return 0;
}

int
resume_save (struct resume *resume, struct error *err)
{
  int r;

  pthread_mutex_lock (&resume->mutex);
  r = save (resume, err);
  pthread_mutex_unlock (&resume->mutex);
  return r;
}

int
resume_save_or_drop (struct resume *resume, struct error *err)
{
  CLEANUP_ERROR struct error failure = ERROR_INIT;

  if (resume_save (resume, &failure) == 0)
    return 0;
  events_say (resume->context->events, EVENT_DEBUG, -1,
              "the copy cannot be resumed for now: %s", failure.message);
  return resume_finish (resume, err);
}

int
resume_stored (struct resume *resume, unsigned index,
               const struct ranges *ranges,
               struct error *err __attribute__ ((unused)))
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;

  pthread_mutex_lock (&resume->mutex);
  for (size_t i = 0; i < ranges->len; i++)
    journal_mark (&resume->journal.disks[index], &ranges->ptr[i]);
  /* A copy that cannot be resumed is still worth finishing. */
  save (resume, &ignored);
  pthread_mutex_unlock (&resume->mutex);
  return 0;
}
