/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Decides whether a copy is new or resumes an earlier one, and compares it
 * with that.  The disks and the journal are left to resume-disks.c, the facts
 * about a copy that must not change to facts.c and resume-facts.c.
 */

#include <config.h>

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/file-at.h"
#include "base/i18n.h"
#include "base/lock.h"
#include "base/visible.h"
#include "context.h"
#include "output/output.h"
#include "transfer/facts.h"
#include "transfer/finished.h"
#include "transfer/journal.h"
#include "transfer/resume-place.h"
#include "transfer/resume-internal.h"

/*--- Beginning or resuming. ---*/

/* The journal of -o disk is in a directory with all else that was left. */
void
resume_hint_again (const struct resume *resume, struct error *err)
{
  const struct resume_place *place = &resume->place;
  CLEANUP_FREE char *quoted = shell_quoted (place->needed, err);
  CLEANUP_FREE char *hint = quoted == NULL ? NULL
    : format (err, strcmp (place->needed, place->path) == 0
              ? _("to begin again, remove the journal: rm %s")
              : _("to begin again, remove the journal and the unfinished "
                  "disks: rm -r %s"), quoted);

  if (hint != NULL)
    error_add_hint (err, hint);
}

static int
refuse_journal (const struct resume *resume, const char *what,
                struct error *err)
{
  error_set (err, REASON_TARGET_BUSY,
             _("an interrupted copy to %s can be resumed; its journal is "
               "%s"), what, resume->place.path);
  err->resumable = err->needs_resume = true;
  error_hint (err, _("use --resume to complete it"));
  resume_hint_again (resume, err);
  return -1;
}

static int
read_journal (struct resume *resume, const char *what, enum resume_how how,
              struct error *err)
{
  const unsigned n = resume->journal.n;
  struct journal found = { .n = 0 };
  int r;

  r = journal_read (resume_place_at (&resume->place), &found, err);
  /* One that is not ours is nothing to resume, and nothing to remove. */
  if (r == -1 && err->reason == REASON_TARGET_CHANGED)
    return -1;
  if (r != 0 && how == RESUME_NEW) {
    journal_reset (&found);
    error_reset (err);
    return refuse_journal (resume, what, err);
  }
  if (r == -1)
    resume_hint_again (resume, err);
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

static bool
has_journal (const struct resume *resume)
{
  struct file_at at;
  struct stat st;

  if (resume->place.path == NULL)
    return false;
  at = resume_place_at (&resume->place);
  return fstatat (at.dir_fd, at.name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* A run that has finished may have been killed before it removed its journal
 * and what belongs to that.
 */
static int
drop_stale (const struct resume *resume, const struct output *output,
            struct error *err)
{
  const bool journal = has_journal (resume);

  if ((!journal && !output_has_left (output)) ||
      !finished_is_recorded (output, resume->context))
    return 0;
  output_drop_left (output);
  return journal ? file_at_remove (resume_place_at (&resume->place), err) : 0;
}

static int
begin (struct resume *resume, const struct output *output, enum resume_how how,
       struct error *err)
{
  if (resume_place_find (output, resume->context, &resume->place, err) == -1)
    return -1;
  if (drop_stale (resume, output, err) == -1)
    return -1;
  if (how == RESUME_NEVER) {
    /* Its target is incomplete. */
    if (has_journal (resume))
      return refuse_journal (resume, output_target (output, 0), err);
    resume_place_reset (&resume->place);
  }
  return resume->place.path == NULL ? 0
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
  resume->only_looks = how == RESUME_LOOK;
  /* What is on a device stays there, whatever becomes of the run. */
  resume->keeps_source = how == RESUME_CONTINUE ||
    !output_makes_files (output);
  resume->place.dir_fd = -1;
  if (journal_set_disks (&resume->journal, n, err) == 0 &&
      begin (resume, output, how, err) == 0)
    return resume;
  resume_free (resume);
  return NULL;
}

void
resume_free (struct resume *resume)
{
  if (resume == NULL)
    return;
  resume_drop_reserve (resume);
  journal_reset (&resume->journal);
  argv_reset (&resume->needed);
  pthread_mutex_destroy (&resume->mutex);
  resume_place_reset (&resume->place);
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

/*--- What must stay as it is. ---*/

/* What else does not fit cannot be mended with an option. */
static void
hint_choice (const struct resume *resume, const struct argv *now,
             struct error *err)
{
  const char *before = facts_get (&resume->journal.facts, FACT_SKIP_UNUSED);
  const char *choice = facts_get (now, FACT_SKIP_UNUSED);

  if (before != NULL && choice != NULL && strcmp (before, choice) != 0)
    error_hint (err, _("resume with --skip-unused %s, which the copy was "
                       "begun with"),
                before);
}

int
resume_compare (struct resume *resume, const struct argv *now,
                struct error *err)
{
  struct journal *journal = &resume->journal;

  if (resume->continues && facts_compare (&journal->facts, now, err) == -1) {
    error_wrap (err, _("cannot resume"));
    hint_choice (resume, now, err);
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

const struct argv *
resume_known (const struct resume *resume)
{
  return &resume->journal.facts;
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
  LOCK_SCOPE (&resume->mutex);  /* threads of a copy may save the journal */

  return facts_set (&resume->journal.facts, key, value, err);
}

int
resume_note_disk (struct resume *resume, unsigned index, const char *what,
                  const char *value, struct error *err)
{
  LOCK_SCOPE (&resume->mutex);

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
  resume_drop_reserve (resume);
  if (!resume->kept)
    return 0;
  if (journal_finish (resume_place_at (&resume->place), &resume->journal,
                      err) == -1) {
    error_wrap (err, _("the journal %s cannot be removed"),
                resume->place.path);
    error_hint (err, _("remove it, so that a later copy to the same target "
                       "is not resumed from it"));
    return -1;
  }
  resume->kept = false;
  return 0;
}

int
resume_discard (struct resume *resume, struct error *err)
{
  if (!resume->only_looks && resume_finish (resume, err) == -1)
    return -1;
  resume->continues = false;
  resume->kept = false;
  for (unsigned i = 0; i < resume->journal.n; i++)
    resume_empty_disk (resume, i);
  return 0;
}
