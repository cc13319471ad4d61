/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The destination of the copies.  An output opens a target for each disk,
 * and either commits all of them or leaves nothing behind.
 */

#ifndef V2V_OUTPUT_H
#define V2V_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/file-at.h"
#include "output/output-settings.h"

struct error;
struct guest;
struct launch_context;
struct location;
struct output;
struct output_claim;
struct target;

/* Check the settings, for example that they fit the number of disks, without
 * touching any target.  The mode and the -oo options must be among those
 * that are listed below.
 */
extern struct output *output_new (const struct output_settings *,
                                  const struct guest *,
                                  const struct launch_context *,
                                  struct error *err);
/* Removes files that have not been committed, unless output_keep was
 * called.  NULL is fine.
 */
extern void output_free (struct output *);

/* Check that the targets can be written, before the copy starts: each of them
 * once, and none that is a source.
 */
extern int output_check (struct output *, struct error *err);

/* Is PATH, which the run reads or writes for another purpose, a target or the
 * document beside it?  Then -1 with REASON_USAGE; after output_check.
 */
extern int output_refuse_path (const struct output *, const char *path,
                               struct error *err);

/* Take the targets for this run, after output_check: -o disk's names, and the
 * targets that exist, which are opened here and nowhere else.  NULL with
 * REASON_TARGET_BUSY: another run or another program has one; with
 * REASON_TARGET_CHANGED: NAME.part is not ours; with REASON_USAGE: the guest's
 * document is not ours to replace.  Freed last of all that a run makes.
 */
extern struct output_claim *output_claim_new (struct output *,
                                              struct error *err);
extern void output_claim_free (struct output_claim *); /* NULL is fine */

/* Check that the target of disk INDEX can hold SIZE bytes, and can be opened
 * in this way.  Nothing is written.  SOCKET_DIR is as below.
 */
extern int output_try_disk (struct output *, unsigned index, uint64_t size,
                            const char *socket_dir, enum output_how,
                            struct error *err);

/* Open the target of disk INDEX, which will have SIZE bytes, after closing
 * it if it is open.  SOCKET_DIR is a private directory with a short path.
 * *RET belongs to the output; it is NULL if the data are to be discarded, and
 * after an error.
 */
extern int output_open_disk (struct output *, unsigned index, uint64_t size,
                             const char *socket_dir, enum output_how,
                             struct target **ret, struct error *err);
/* The unfinished file that is being written; NULL: this output has none. */
extern const char *output_part (const struct output *, unsigned index);
/* A text that identifies the target, so that a later run notices if it was
 * replaced; the target need not be open.  The caller frees the text.  NULL
 * without an error: the target does not exist.
 */
extern char *output_identity (const struct output *, unsigned index,
                              struct error *err);
/* Where the copy's journal is, after output_claim_new: its path is that of the
 * directory of ours in which it is.  False: the journal does not belong into
 * the directory of the targets.
 */
extern bool output_journal (const struct output *, struct file_at *ret);
/* The name of disk INDEX's unfinished file, for messages; output_part is
 * not NULL.
 */
extern struct file_at output_part_file (const struct output *,
                                        unsigned index);
/* Open disk INDEX's target, a file or device that is complete, to be read:
 * what was opened before, or what has its name in the directory that is open.
 * 1: *FD is to be closed by the caller; 0: it is not there.
 */
extern int output_open_target (const struct output *, unsigned index, int *fd,
                               struct error *err);
/* What the target of disk INDEX, which existed before, was opened as; -1:
 * there is none.
 */
extern int output_existing_fd (const struct output *, unsigned index);
extern unsigned output_disk_count (const struct output *);
/* It was committed, and is recorded as finished: nothing is needed any more to
 * resume it.  Has that changed the times of the targets?
 */
extern bool output_tidy (struct output *);
/* How much data of disk INDEX its target can hold, when output_try_disk has
 * left that open (the caveat says so); otherwise UINT64_MAX.
 */
extern uint64_t output_room (const struct output *, unsigned index);
/* Set the error that it is less than DATA bytes; returns -1. */
extern int output_refuse_room (const struct output *, unsigned index,
                               uint64_t data, struct error *err);
/* Disk INDEX's target is given up, and the room of a new file given back. */
extern void output_give_back (struct output *, unsigned index);
/* Are the targets new files, which are there only when all is committed? */
extern bool output_makes_files (const struct output *);
/* Why what was written to the targets cannot be written over: translated;
 * NULL: it can.
 */
extern const char *output_write_once (const struct output *);
/* Does a run replace what an earlier one has made? */
extern bool output_replaces (const struct output *);
/* The target of disk INDEX is what a finished run has made of it: an output
 * that replaces nothing may replace this, as long as it has its name.
 */
extern void output_may_replace (struct output *, unsigned index);
/* Are there unfinished files of an earlier run?  Remove them: it has finished,
 * and was killed before it did.
 */
extern bool output_has_left (const struct output *);
extern void output_drop_left (const struct output *);
/* Files that have not been committed are not removed any more. */
extern void output_keep (struct output *);

/* Serve the target of disk INDEX, which must be closed, to be read back: from
 * storage and not from the page cache, as far as that is possible.
 * SOCKET_DIR is as above.  The URI belongs to the output, until output_close.
 */
extern const char *output_serve (struct output *, unsigned index,
                                 const char *socket_dir, struct error *err);

/* Close all targets, and serve them no more. */
extern int output_close (struct output *, struct error *err);
/* All disks are copied: close the targets, give them their final names, and
 * write what stands beside them.  All of it is on stable storage afterwards.
 */
extern int output_commit (struct output *, struct error *err);

/* The directory in which files as large as the disks will be created; NULL:
 * none are, or their size is not known before.
 */
extern const char *output_space_dir (const struct output *);

/* The location of disk INDEX's target, after output_check; NULL: none. */
extern const struct location *output_location (const struct output *,
                                               unsigned index);
/* The path of what output_commit writes beside the disks, to run the guest
 * with; the caller frees it.  NULL without an error: it writes nothing.
 */
extern char *output_document (const struct output *, struct error *err);
/* The same, or what output_commit makes in its place, as messages call it. */
extern char *output_definition (const struct output *, struct error *err);
/* Is that there?  1 or 0; -1: it cannot be found out. */
extern int output_is_defined (const struct output *, struct error *err);
/* For messages and results: a path or a URI, or NULL; "raw" or "qcow2". */
extern const char *output_target (const struct output *, unsigned index);
/* What a user should know of disk INDEX's target, after output_try_disk; or
 * NULL.
 */
extern const char *output_caveat (const struct output *, unsigned index);
extern const char *output_format_name (const struct output *);
/* Has output_commit put disk INDEX in the place of an older file? */
extern bool output_has_replaced (const struct output *, unsigned index);
/* The command that the user will want next, as a shell takes it, after
 * output_commit; the caller frees it.  NULL: none, or no memory.
 */
extern char *output_next (const struct output *, struct error *err);

/* -1 if a qemu-nbd through which the output writes has died. */
extern int output_server_check (const struct output *, struct error *err);

/* Those of -o MODE, which must be one of the modes below. */
extern const struct output_option *output_options (const char *mode);
/* Why not -oo KEY, which virt-v2v has: what to do instead, translated; NULL:
 * it is not known.
 */
extern const char *output_instead (const char *mode, const char *key);

/* Does -o MODE, one of those below, write what tells KVM of the guest? */
extern bool output_describes_guest (const char *mode);

/* The modes, for -o and --machine-readable; ends with NULL. */
extern const char *const output_modes[];

#endif /* V2V_OUTPUT_H */
