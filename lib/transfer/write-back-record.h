/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_WRITE_BACK_RECORD_H
#define V2V_WRITE_BACK_RECORD_H

#include <stdbool.h>

struct error;
struct launch_context;
struct location;
struct overlays;
struct write_back;

/* The path of PLACE's record; the caller frees it. */
extern char *record_path (const char *place, bool is_file,
                          const struct launch_context *, struct error *err);
/* Make the records appear, that of disk 0 last.  When it cannot be known
 * whether it did, it did.
 */
extern int record_store (const struct write_back *, struct overlays *,
                         struct error *err);
/* Step 4. */
extern int record_remove (const struct write_back *, struct error *err);

/* Is there a record of these disks?  Then write_back_apply goes on where it
 * was left.  *SAME_COMMAND: that run had the same command.  What runs left
 * that died before step 2 is removed.
 */
extern int write_back_find (struct write_back *, bool *found,
                            bool *same_command, struct error *err);

/* Refuse a disk that a run has begun to write back to and not finished; for
 * those who mean to read or write it in any other way.
 */
extern int write_back_refuse (const struct location *,
                              const struct launch_context *,
                              struct error *err);

#endif /* V2V_WRITE_BACK_RECORD_H */
