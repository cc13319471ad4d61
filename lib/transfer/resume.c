/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Decides whether a copy is new or resumes an earlier one, and keeps its
 * journal up to date while threads of the copy report what they have stored.
 * What the journal holds and how it is written is left to journal.c and
 * journal-file.c, and which facts about a copy must not change to facts.c
 * and resume-facts.c.
 */

#include <config.h>

#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/events.h"
#include "base/file.h"
#include "base/i18n.h"
#include "context.h"
#include "copy/blkhash.h"
#include "copy/ranges.h"
#include "io/guard.h"
#include "output/output.h"
#include "transfer/facts.h"
#include "transfer/journal.h"
#include "transfer/resume-place.h"
#include "transfer/resume.h"

/* A multiple of file systems' block sizes, and more than most journals
 * need.
 */
#define RESERVE (256 << 10)

struct resume {
  const struct launch_context *context;
  char *path;                   /* of the journal, or NULL */
  char *reserve;                /* path of a file that takes up space, or
                                   NULL */
  bool continues;
  bool kept;                    /* there is a journal to resume from */
  struct argv needed;           /* paths of files that resuming needs */
  pthread_mutex_t mutex;        /* protects the journal */
  struct journal journal;
};

/*--- Beginning or resuming. ---*/

static int
refuse_journal (const struct resume *resume, const char *what,
                struct error *err)
{
  error_set (err, REASON_TARGET_BUSY,
             _("an interrupted copy to %s can be resumed; its journal is "
               "%s"), what, resume->path);
  error_hint (err, _("use --resume to complete it, or remove the journal "
                     "(and the .part files beside it) to begin again"));
  return -1;
}

static int
read_journal (struct resume *resume, const char *what, enum resume_how how,
              struct error *err)
{
  const unsigned n = resume->journal.n;
  struct journal found = { .n = 0 };
  int r;

  r = journal_read (resume->path, &found, err);
  if (r != 0 && how == RESUME_NEW) {
    journal_reset (&found);
    error_reset (err);
    return refuse_journal (resume, what, err);
  }
  if (r == -1)
    error_hint (err, _("to begin again, remove the journal (and the .part "
                       "files beside it)"));
  if (r != 1)
    return r;
  journal_reset (&resume->journal);
  resume->journal = found;
  resume->continues = resume->kept = true;
  return found.n == n ? 0
    : error_set (err, REASON_SOURCE_CHANGED,
                 _("cannot resume: the interrupted copy had %u disks, but "
                   "the guest has %u"), found.n, n);
}

static int
begin (struct resume *resume, const struct output *output, enum resume_how how,
       struct error *err)
{
  if (resume_place_find (output, resume->context, &resume->path, err) == -1)
    return -1;
  if (how == RESUME_NEVER) {
    free (resume->path);
    resume->path = NULL;
  }
  return resume->path == NULL ? 0
    : read_journal (resume, output_target (output, 0), how, err);
}

struct resume *
resume_new (const struct output *output, enum resume_how how,
            const struct launch_context *context, struct error *err)
{
  struct resume *resume = alloc_zero (sizeof *resume, err);
  const unsigned n = output_disk_count (output);

  if (resume == NULL)
    return NULL;
  pthread_mutex_init (&resume->mutex, NULL);
  resume->context = context;
  if (journal_set_disks (&resume->journal, n, err) == 0 &&
      begin (resume, output, how, err) == 0)
    return resume;
  resume_free (resume);
  return NULL;
}

static void
drop_reserve (struct resume *resume)
{
  if (resume->reserve == NULL)
    return;
  unlink (resume->reserve);
  guard_forget (resume->context->guard, resume->reserve);
  free (resume->reserve);
  resume->reserve = NULL;
}

void
resume_free (struct resume *resume)
{
  if (resume == NULL)
    return;
  drop_reserve (resume);
  journal_reset (&resume->journal);
  argv_reset (&resume->needed);
  pthread_mutex_destroy (&resume->mutex);
  free (resume->path);
  free (resume);
}

bool
resume_continues (const struct resume *resume)
{
  return resume->continues;
}

bool
resume_is_kept (const struct resume *resume)
{
  return resume->kept;
}

static void
forget_disk (struct resume *resume, unsigned index)
{
  struct journal_disk *disk = &resume->journal.disks[index];

  for (size_t i = 0; i < disk->n; i++)
    journal_forget (disk, i);
}

/*--- What must stay as it is. ---*/

void
resume_hint_again (const struct resume *resume, struct error *err)
{
  error_hint (err, _("to begin again, remove the journal %s (and the .part "
                     "files beside it)"), resume->path);
}

int
resume_compare (struct resume *resume, const struct argv *now,
                struct error *err)
{
  struct journal *journal = &resume->journal;

  if (resume->continues && facts_compare (&journal->facts, now, err) == -1) {
    error_wrap (err, _("cannot resume"));
    resume_hint_again (resume, err);
    return -1;
  }
  for (size_t i = 0; i < now->len; i++)
    if (facts_copy (&journal->facts, now->ptr[i], err) == -1)
      return -1;
  return 0;
}

bool
resume_knows_facts (const struct resume *resume)
{
  return resume->journal.facts.len > 0;
}

int
resume_differs (const struct resume *resume, const struct argv *now,
                struct error *err)
{
  return facts_compare (&resume->journal.facts, now, err);
}

int
resume_note (struct resume *resume, const char *key, const char *value,
             struct error *err)
{
  return facts_set (&resume->journal.facts, key, value, err);
}

int
resume_note_disk (struct resume *resume, unsigned index, const char *what,
                  const char *value, struct error *err)
{
  return facts_set_disk (&resume->journal.facts, index, what, value, err);
}

const char *
resume_recall (const struct resume *resume, const char *key)
{
  return resume->continues ? facts_get (&resume->journal.facts, key) : NULL;
}

const char *
resume_recall_disk (const struct resume *resume, unsigned index,
                    const char *what)
{
  return resume->continues
    ? facts_get_disk (&resume->journal.facts, index, what) : NULL;
}

int
resume_finish (struct resume *resume, struct error *err)
{
  /* The removal of this one is made durable with that of the journal. */
  drop_reserve (resume);
  if (!resume->kept)
    return 0;
  if (journal_finish (resume->path, &resume->journal, err) == -1) {
    error_wrap (err, _("the journal %s cannot be removed"), resume->path);
    error_hint (err, _("remove it: a later copy to the same target must not "
                       "be resumed from it"));
    return -1;
  }
  resume->kept = false;
  return 0;
}

int
resume_discard (struct resume *resume, struct error *err)
{
  if (resume_finish (resume, err) == -1)
    return -1;
  resume->continues = false;
  for (unsigned i = 0; i < resume->journal.n; i++)
    forget_disk (resume, i);
  return 0;
}

/*--- Disks. ---*/

static int
new_disk (struct resume *resume, unsigned index, uint64_t size,
          enum resume_digests digests, struct error *err)
{
  const bool fast = digests == RESUME_DIGESTS_FAST;
  struct blkhash *hash = NULL;

  if (resume->path != NULL || !fast) {
    hash = blkhash_new (size, fast ? BLKHASH_XXH3 : BLKHASH_SHA256,
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
                struct copy_ranges *ret, struct error *err)
{
  return journal_missing (&resume->journal.disks[index], ret, err);
}

void
resume_forget_chunk (struct resume *resume, unsigned index, size_t i)
{
  journal_forget (&resume->journal.disks[index], i);
}

int
resume_forget_disk (struct resume *resume, unsigned index, struct error *err)
{
  forget_disk (resume, index);
  return resume_save (resume, err);
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

int
resume_needs (struct resume *resume, const char *path, struct error *err)
{
  if (resume->path == NULL || argv_contains (&resume->needed, path))
    return 0;
  if (!resume_is_kept (resume))
    guard_path_unless (resume->context->guard, path, resume->path);
  return argv_append (&resume->needed, path, err);
}

void
resume_reserve (struct resume *resume)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_FD int fd = -1;
  CLEANUP_FREE char *path = NULL;

  if (resume->path == NULL || resume->reserve != NULL)
    return;
  path = format (&ignored, "%s.reserve", resume->path);
  if (path == NULL)
    return;
  fd = open (path, O_RDWR|O_CREAT|O_TRUNC|O_CLOEXEC|O_NOFOLLOW, 0600);
  if (fd == -1)
    return;
  guard_path (resume->context->guard, path);
  resume->reserve = STEAL (path);
  if (posix_fallocate (fd, 0, RESERVE) != 0)
    drop_reserve (resume);
}

static int
write_journal (struct resume *resume, struct error *err)
{
  CLEANUP_ERROR struct error first = ERROR_INIT;

  if (journal_write (resume->path, &resume->journal, &first) == 0)
    return 0;
  if (first.reason == REASON_SPACE && resume->reserve != NULL) {
    drop_reserve (resume);
    return journal_write (resume->path, &resume->journal, err);
  }
  error_move (err, &first);
  return -1;
}

static int
save (struct resume *resume, struct error *err)
{
  if (resume->path == NULL ||
      (!resume->kept && resume_count (resume) == 0))
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
resume_stored (struct resume *resume, unsigned index,
               const struct copy_ranges *ranges,
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
