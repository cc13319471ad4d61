/* SPDX-License-Identifier: GPL-2.0-or-later */

/* How far a copy has got, and whether a later run can resume it.
 *
 * The journal is written as soon as a chunk is on stable storage.  From then
 * on no file that resuming needs is removed when the run ends, in whatever
 * way it ends, except when it succeeds.
 */

#ifndef V2V_RESUME_H
#define V2V_RESUME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/file-at.h"

struct argv;
struct blkhash;
struct ranges;
struct error;
struct facts_request;
struct launch;
struct launch_context;
struct output;
struct overlays;
struct resume;

enum resume_how {
  RESUME_NEVER,                 /* this copy has no journal */
  RESUME_NEW,                   /* a journal of an earlier run is an error */
  RESUME_CONTINUE,              /* if there is a journal, resume that copy */
  RESUME_LOOK,                  /* the same, but what was left stays as it
                                   is: nothing is going to be copied */
};

/* Read the journal of a copy to the targets of OUTPUT, which are locked. */
extern struct resume *resume_new (const struct output *, enum resume_how,
                                  const struct launch_context *,
                                  struct error *err);
/* Removes nothing that a later run needs to resume.  NULL is fine. */
extern void resume_free (struct resume *);

/* Is an earlier copy resumed? */
extern bool resume_continues (const struct resume *);
/* Is there a journal, so that a later run can resume? */
extern bool resume_is_kept (const struct resume *);

/* Facts (facts.h) that must be as they were when the copy began, whenever it
 * is resumed: an error if one is not.
 */
extern int resume_compare (struct resume *, const struct argv *facts,
                           struct error *err);
/* Add a hint how to begin again. */
extern void resume_hint_again (const struct resume *, struct error *err);
/* Have any facts been recorded, and do these differ from them?  (-1 as
 * facts_compare)
 */
extern bool resume_knows_facts (const struct resume *);
extern int resume_differs (const struct resume *, const struct argv *facts,
                           struct error *err);
/* The facts that were compared or recorded so far; they belong to the
 * resume.
 */
extern const struct argv *resume_known (const struct resume *);
/* Record a fact that may change, without comparing it. */
extern int resume_note (struct resume *, const char *key, const char *value,
                        struct error *err);
extern int resume_note_disk (struct resume *, unsigned index,
                             const char *what, const char *value,
                             struct error *err);
/* The value that the resumed copy recorded, or NULL. */
extern const char *resume_recall (const struct resume *, const char *key);
extern const char *resume_recall_disk (const struct resume *, unsigned index,
                                       const char *what);
/* The earlier copy cannot be resumed: begin again.  The journal is gone
 * then; -1: it could not be removed.
 */
extern int resume_discard (struct resume *, struct error *err);

/* What the digests of the chunks are for, besides the journal, which has
 * them always.
 */
enum resume_digests {
  RESUME_DIGESTS_FAST,          /* nothing else */
  RESUME_DIGESTS_SURE,          /* comparing the target with what was read */
  RESUME_DIGESTS_WHOLE,         /* a digest of the disk, too */
};

/* Has the disk as many bytes as the resumed copy recorded? */
extern int resume_check_size (const struct resume *, unsigned index,
                              uint64_t size, struct error *err);
/* Disk INDEX has SIZE bytes.  Nothing counts as stored any more if the journal
 * of the resumed copy has digests that are not for this.
 */
extern int resume_set_disk (struct resume *, unsigned index, uint64_t size,
                            enum resume_digests, struct error *err);
/* The same, and nothing of it is stored, whatever was resumed. */
extern int resume_renew_disk (struct resume *, unsigned index, uint64_t size,
                              enum resume_digests, struct error *err);
extern uint64_t resume_size (const struct resume *, unsigned index);
/* Gets what is copied, and has the digests of what is stored; NULL: this
 * copy needs none.
 */
extern struct blkhash *resume_hash (const struct resume *, unsigned index);
extern bool resume_is_stored (const struct resume *, unsigned index,
                              size_t chunk);
/* The ranges that still have to be copied. */
extern int resume_missing (const struct resume *, unsigned index,
                           struct ranges *ret, struct error *err);
/* This chunk is not stored any more; resume_save tells the journal. */
extern void resume_forget_chunk (struct resume *, unsigned index,
                                 size_t chunk);
/* Chunks that were hashed but not stored will be copied and hashed again. */
extern void resume_forget_hashes (struct resume *, unsigned index);
/* As in struct copy_hooks. */
extern int resume_stored (struct resume *, unsigned index,
                          const struct ranges *, struct error *err);
/* The number of chunks that are stored, of all disks. */
extern size_t resume_count (const struct resume *);
/* Write the journal, if there is one or any chunk is stored. */
extern int resume_save (struct resume *, struct error *err);
/* The same before something is written that makes the journal wrong: one that
 * cannot be written is removed, and the copy goes on without.  -1: that
 * failed, too.
 */
extern int resume_save_or_drop (struct resume *, struct error *err);

/* The file is needed to resume, or the private directory PATH: the guard does
 * not remove it once there is a journal.
 */
extern int resume_needs_file (struct resume *, struct file_at,
                              struct error *err);
extern int resume_needs_dir (struct resume *, const char *path,
                             struct error *err);
/* Reserve the space that the journal needs if the file system fills up. */
extern void resume_reserve (struct resume *);

/* The run has succeeded: remove the journal, durably. */
extern int resume_finish (struct resume *, struct error *err);

/*--- resume-facts.c ---*/

/* Compare the facts about the request and the disks of a started launch with
 * those of the copy that is resumed; or, if none is, record them.
 */
extern int resume_facts (struct resume *, const struct launch *,
                         const struct facts_request *,
                         const struct launch_context *, struct error *err);
/* Everything was read: are the sources still what they were when resume_facts
 * looked at them?  If not, nothing that was copied can be used again.
 */
extern int resume_check_sources (struct resume *, const struct launch *,
                                 const struct launch_context *,
                                 struct error *err);

/* Record whether what is stored is the sources', which are converted
 * meanwhile, or the converted disks'.  The journal has the sources' only with
 * RESUME_CONTINUE, or when they have been converted (resume_keep_source): a run
 * that is interrupted before that, and would not resume itself, leaves nothing.
 * It was the sources', says the journal of the copy that is resumed.  That of
 * a run which has never noted the sources' stays one that older releases read.
 */
extern int resume_note_source (struct resume *, bool is_source,
                               struct error *err);
extern void resume_keep_source (struct resume *);
extern bool resume_has_source (const struct resume *);

/* The overlays have been converted: record what identifies them, and keep
 * them.
 */
extern int resume_facts_converted (struct resume *, const struct overlays *,
                                   unsigned n, struct error *err);
/* Are those in DIR recorded? */
extern bool resume_knows_overlays (const struct resume *, const char *dir);
/* Do the overlays that were recorded still exist, unchanged?
 *   1  yes, in *DIR, which belongs to the resume
 *   0  no
 *  -1  error
 */
extern int resume_facts_overlays (const struct resume *, unsigned n,
                                  const char **dir, struct error *err);

#endif /* V2V_RESUME_H */
