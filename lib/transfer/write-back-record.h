/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_WRITE_BACK_RECORD_H
#define V2V_WRITE_BACK_RECORD_H

#include <stdbool.h>

struct error;
struct launch_context;
struct location;
struct overlays;
struct write_back;

/* Step 2: create the records, that of disk 0 last.  The overlays are kept
 * even if this fails, unless it fails before the record of disk 0 may exist.
 */
extern int record_store (const struct write_back *, struct overlays *,
                         struct error *err);
/* Step 4: remove the records, then the overlays. */
extern int record_remove (const struct write_back *, struct error *err);

/* 1: there is a record of these disks, and write_back_apply completes what
 * that run began.  *SAME_COMMAND: that run had the same command.  0: there is
 * none.  Files of runs that died before the end of step 2 are removed.
 */
extern int write_back_find (struct write_back *, bool *same_command,
                            struct error *err);

/* Refuse a disk that an interrupted run has not completely written back to.
 * For runs that would read or write the disk in any other way.
 */
extern int write_back_refuse (const struct location *,
                              const struct launch_context *,
                              struct error *err);

#endif /* V2V_WRITE_BACK_RECORD_H */
