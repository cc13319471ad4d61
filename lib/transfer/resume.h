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

struct argv;
struct blkhash;
struct copy_ranges;
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
/* The earlier copy cannot be resumed: begin again.  -1 if its journal might
 * come back after a crash, and speak of what is written from now on.
 */
extern int resume_discard (struct resume *, struct error *err);

/* Disk INDEX has SIZE bytes.  HASH (may be NULL) gets the digests of the
 * chunks that are stored; with a HASH, chunks that are stored without a
 * digest are copied again.
 */
extern int resume_set_disk (struct resume *, unsigned index, uint64_t size,
                            struct blkhash *, struct error *err);
/* The ranges that still have to be copied. */
extern int resume_missing (const struct resume *, unsigned index,
                           struct copy_ranges *ret, struct error *err);
/* Nothing of the disk, or not this chunk, is stored any more. */
extern void resume_forget_disk (struct resume *, unsigned index);
extern void resume_forget_chunk (struct resume *, unsigned index,
                                 size_t chunk);
/* Chunks that were hashed but not stored will be copied and hashed again. */
extern void resume_forget_hashes (struct resume *, unsigned index);
/* As in struct copy_hooks. */
extern int resume_stored (struct resume *, unsigned index,
                          const struct copy_ranges *, struct error *err);
/* The number of chunks that are stored, of all disks. */
extern size_t resume_count (const struct resume *);
/* Write the journal, if any chunk is stored. */
extern int resume_save (struct resume *, struct error *err);

/* PATH is needed to resume: the guard does not remove it once there is a
 * journal.
 */
extern int resume_needs (struct resume *, const char *path,
                         struct error *err);
/* Reserve the space that the journal needs if the file system fills up. */
extern void resume_reserve (struct resume *);

/* The run has succeeded: remove the journal, for good. */
extern int resume_finish (struct resume *, struct error *err);

/*--- resume-facts.c ---*/

/* Compare the facts about the request and the disks of a started launch with
 * those of the copy that is resumed; or, if none is, record them.
 */
extern int resume_facts (struct resume *, const struct launch *,
                         const struct facts_request *,
                         const struct launch_context *, struct error *err);

/* The overlays have been converted: record what identifies them, and keep
 * them.
 */
extern int resume_facts_converted (struct resume *, const struct overlays *,
                                   unsigned n, struct error *err);
/* Do the overlays that were recorded still exist, unchanged?
 *   1  yes, in *DIR, which belongs to the resume
 *   0  no
 *  -1  error
 */
extern int resume_facts_overlays (const struct resume *, unsigned n,
                                  const char **dir, struct error *err);

#endif /* V2V_RESUME_H */
