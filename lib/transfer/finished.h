/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The record of a finished run, by which the same call with --resume knows
 * that there is nothing left to do.
 *
 * It is stored when the targets are committed, and removed before anything is
 * written to one of them again: a record says that its run has finished and
 * that no run of this program has written to its targets since.  Of targets
 * that are converted in place it says so: they would not survive being copied
 * to again by somebody who repeats all steps with --resume.
 *
 * There is a copy of it for each target in the state directory, and it is
 * valid as long as all of them are there, so that a run to one of the targets
 * ends it.
 */

#ifndef V2V_FINISHED_H
#define V2V_FINISHED_H

#include <stdbool.h>

struct argv;
struct error;
struct facts_request;
struct finished;
struct guest;
struct launch;
struct launch_context;
struct output;
struct transfer_disk;

/* What is asked for, to be compared with what was done. */
struct finished_request {
  const struct facts_request *facts;
  const struct launch *launch;  /* need not have been started */
  bool verify, checksum;
};

/* Read the record for the targets of OUTPUT, if there is one.  If OUTPUT is
 * NULL (--in-place) the disks of the guest are its targets: then there is only
 * a record to mark.  They must be locked.
 */
extern struct finished *finished_new (const struct output *,
                                      const struct guest *,
                                      const struct launch_context *,
                                      struct error *err);
extern void finished_free (struct finished *); /* NULL is fine */
/* Is there a record? */
extern bool finished_exists (const struct finished *);
/* Is there one for these targets, which are locked? */
extern bool finished_is_recorded (const struct output *,
                                  const struct launch_context *);

/* Was just this asked for, and are the sources as they were then?  Other
 * changed extents, or another source of them, are another run.
 *   1  yes
 *   0  no, so it is to be done (if a target is gone, that is told)
 *  -1  no, and the targets must not be written to: REASON_SOURCE_CHANGED; or
 *      another error
 * *NEEDS_SERVERS: with 0, that is not known yet, as long as the launch has not
 * been started (SERVED).
 */
extern int finished_compare (struct finished *,
                             const struct finished_request *, bool served,
                             bool *needs_servers, struct error *err);
/* If so: are the targets as they were then?
 *   1  so there is nothing left to do
 *   0  but not all was found out that is asked for now, as is told
 *  -1  no: REASON_TARGET_CHANGED; or another error
 */
extern int finished_confirm (struct finished *,
                             const struct finished_request *,
                             struct error *err);
/* Is the target of disk INDEX what the recorded run has made of it, and nobody
 * has changed since?
 */
extern bool finished_has_made (const struct finished *, unsigned index);
/* What was copied of each disk then. */
extern int finished_results (const struct finished *,
                             struct transfer_disk *ret, struct error *err);

/* Before anything is written to a target: the record is no more. */
extern int finished_forget (struct finished *, struct error *err);
/* Before a conversion is written to the targets: --resume must not copy to
 * them any more.  ALWAYS: also if there is no record.
 */
extern int finished_mark_converted (const struct finished *, bool always,
                                    struct error *err);
/* The targets are committed: store the record.  KNOWN are the facts about the
 * run when it began (resume_known), LAUNCH is what was read, DISKS what was
 * copied of it.
 */
extern int finished_store (const struct finished *, const struct argv *known,
                           const struct launch *,
                           const struct transfer_disk *disks,
                           struct error *err);

#endif /* V2V_FINISHED_H */
