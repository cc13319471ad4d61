/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The records of a run that writes back, which have all the same content: one
 * beside each disk that is a file, and one in the state directory.  A run with
 * any of the disks finds one; but the first of them decides.  It is created
 * last and removed first: without it the others mean nothing.
 */

#ifndef V2V_WRITE_BACK_RECORD_H
#define V2V_WRITE_BACK_RECORD_H

#include <stdbool.h>

struct error;
struct launch_context;
struct location;
struct overlays;
struct write_back;

/* Of records in the state directory, and of a first record that is not valid
 * yet.
 */
#define RECORD_IN_STATE_DIR ".in-place"
#define RECORD_STAGED ".new"
/* Of the record of a finished run. */
#define RECORD_DONE ".converted"

/*--- write-back-place.c ---*/

/* To be called when all disks have been added, and when an interrupted run was
 * finished, which may have had others: chooses the records' paths, and checks
 * that they can be written.  NEED_ALL: it is an error if there is no state
 * directory, even if the records beside files would do.
 */
extern int write_back_choose_records (struct write_back *, bool need_all,
                                      struct error *err);
/* The path of a file in the state directory that is for these disks; its name
 * ends with END.  The caller frees it.
 */
extern char *write_back_state_file (const struct write_back *,
                                    const char *end, struct error *err);

/*--- write-back-record.c ---*/

/* Step 2: create the records.  The overlays are kept even if this fails,
 * unless it fails before the first record may exist.
 */
extern int record_store (const struct write_back *, struct overlays *,
                         struct error *err);
/* Step 4: remove the records, then the overlays. */
extern int record_remove (const struct write_back *, struct error *err);

/*--- write-back-find.c ---*/

enum write_back_found {
  WRITE_BACK_NOTHING,
  WRITE_BACK_SAME,              /* a run with the same command and extents */
  WRITE_BACK_OTHER,             /* another one */
};

/* Look for a record of these disks; write_back_apply completes what that run
 * began.  It is an error if it is of other disks as well, or if these are not
 * the disks that it was made for, or if extents are to be copied by this run
 * that the other has not copied.  Nothing is changed.
 */
extern int write_back_find (struct write_back *, enum write_back_found *ret,
                            struct error *err);
/* Remove what runs have left that died while their disks were complete.  The
 * disks are locked, so that no such run is active.
 */
extern int write_back_sweep (const struct write_back *, struct error *err);

/* Refuse a disk that an interrupted run has not completely written back to.
 * For runs that would read or write the disk in any other way.
 */
extern int write_back_refuse (const struct location *,
                              const struct launch_context *,
                              struct error *err);

#endif /* V2V_WRITE_BACK_RECORD_H */
