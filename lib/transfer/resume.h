/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What a copy has done so far, and whether a later run can go on with it.
 *
 * It is written as soon as there is something worth keeping: a chunk on
 * stable storage.  From then on nothing that it needs is removed when the
 * run ends, however it ends, unless with success.
 */

#ifndef V2V_RESUME_H
#define V2V_RESUME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct blkhash;
struct copy_ranges;
struct error;
struct launch_context;
struct output;
struct resume;

enum resume_how {
  RESUME_NEVER,                 /* this copy has no journal */
  RESUME_NEW,                   /* a journal is an error */
  RESUME_CONTINUE,                 /* if there is a journal, go on with it */
};

/* For the targets of OUTPUT. */
extern struct resume *resume_new (const struct output *, enum resume_how,
                                  const struct launch_context *,
                                  struct error *err);
/* Removes nothing that a later run can go on with.  NULL is fine. */
extern void resume_free (struct resume *);

/* Is an earlier copy gone on with? */
extern bool resume_continues (const struct resume *);
/* Is there something that a later run can go on with? */
extern bool resume_is_kept (const struct resume *);

/* KEY (English words, in messages too) must be the same for the whole of a
 * copy: an error if it was something else when it began.
 */
extern int resume_fact (struct resume *, const char *key, const char *value,
                        struct error *err);
/* The same without comparing: for what may change. */
extern int resume_note (struct resume *, const char *key, const char *value,
                        struct error *err);
/* What was noted by the copy that is gone on with; or NULL. */
extern const char *resume_recall (const struct resume *, const char *key);
/* The earlier copy cannot be used: begin again. */
extern void resume_discard (struct resume *);

/* Disk INDEX has SIZE bytes; HASH (may be NULL) gets the digests of what is
 * stored already.  What is stored without a digest is not, then.
 */
extern int resume_set_disk (struct resume *, unsigned index, uint64_t size,
                            struct blkhash *, struct error *err);
/* What is still to be copied. */
extern int resume_missing (const struct resume *, unsigned index,
                           struct copy_ranges *ret, struct error *err);
/* Nothing of the disk is stored any more, or this chunk. */
extern void resume_forget_disk (struct resume *, unsigned index);
extern void resume_forget_chunk (struct resume *, unsigned index,
                                 size_t chunk);
/* What was hashed but not stored will be copied, and hashed, again. */
extern void resume_forget_hashes (struct resume *, unsigned index);
/* As in struct copy_hooks. */
extern int resume_stored (struct resume *, unsigned index,
                          const struct copy_ranges *, struct error *err);
/* How many chunks are stored, of all disks; NULL is fine. */
extern size_t resume_count (const struct resume *);
/* Write the journal, if there is anything to be kept. */
extern int resume_save (struct resume *, struct error *err);

/* PATH is needed to go on: neither the guard nor anyone else removes it once
 * there is a journal.
 */
extern int resume_needs (struct resume *, const char *path,
                         struct error *err);
/* Set aside the room that the journal needs should the disk fill up. */
extern void resume_reserve (struct resume *);

/* The run has succeeded: there is nothing to go on with. */
extern void resume_finish (struct resume *);

#endif /* V2V_RESUME_H */
