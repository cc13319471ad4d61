/* SPDX-License-Identifier: GPL-2.0-or-later */

/* NAME.part in the directory of -o disk: a directory of this user's, which
 * nobody else can enter, and which one run at a time has.  Whatever others can
 * do in the directory above it, the disks that are being written and the
 * journal are found in it and nowhere else: it is used through its descriptor
 * from the moment at which it was found to be ours.
 */

#ifndef V2V_PART_DIR_H
#define V2V_PART_DIR_H

#include <stdbool.h>

#include "base/file-at.h"

/* Names in it, besides those of the disks (sda, sdb...).  Each may have a
 * NAME.tmp beside it, which is nothing that anybody needs.
 */
#define PART_DIR_JOURNAL "journal"
#define PART_DIR_DOCUMENT "document"

struct error;
struct launch_context;
struct part_dir;

/* Take the directory AT, which is made if there is none; WHAT is for people.
 * NULL with REASON_TARGET_BUSY: another run has it; with
 * REASON_TARGET_CHANGED: it is not ours.  To be called before anything that
 * is in it is told to the guard: what was told first is removed last.
 */
extern struct part_dir *part_dir_new (struct file_at at, const char *what,
                                      const struct launch_context *,
                                      struct error *err);
/* The directory is gone then if nothing was left in it.  NULL is fine. */
extern void part_dir_free (struct part_dir *);

extern int part_dir_fd (const struct part_dir *);
extern const char *part_dir_path (const struct part_dir *);

/* Is there anything that an earlier run has left? */
extern bool part_dir_has_files (const struct part_dir *);
/* All is done: remove disks that earlier runs may have left. */
extern void part_dir_clear (const struct part_dir *);

#endif /* V2V_PART_DIR_H */
