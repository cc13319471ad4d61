/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The steps that runs are made of, and the runs, one kind in each file. */

#ifndef V2V_RUN_INTERNAL_H
#define V2V_RUN_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "context.h"
#include "exit-status.h"
#include "options.h"
#include "report.h"

struct changed_extents;
struct guest;
struct launch;
struct overlays;
struct resume;
struct tempdir;
struct transfer_disk;
struct write_back;

/* What has been made on the way, given back in the order against it. */
struct run {
  struct options *options;
  struct report *report;
  struct launch_context context;
  struct supervisor *supervisor;
  struct guard *guard;
  struct nbdkit_caps *caps;
  struct tempdir *scratch;      /* what inputs unpacked */
  struct guest *guest;
  struct launch *launch;
  struct overlays *overlays;
  bool overlays_are_converted;  /* an interrupted run left them so */
  struct output *output;
  struct resume *resume;
  struct write_back *write_back; /* --in-place */
  bool is_done;                 /* --in-place: finishing an interrupted run
                                   was all that there was to do */
  struct changed_extents *extents; /* one for each disk, or NULL: all */
  struct transfer_disk *disks;  /* what was copied */
  int64_t started_ms;
  enum exit_status failed_as;   /* what a failure means now */
  int command_status;           /* of --run */
};

/* A part of a run: what it does, and what it means when that fails. */
struct step {
  int (*take) (struct run *, struct error *err);
  enum exit_status failed_as;
  const char *phase;            /* its name in JSON, and for people; NULL: */
  const char *text;             /* it is not worth telling */
};

/*--- run-steps.c ---*/

/* Take a step, which may take others.  Where it fails run->failed_as says
 * which of them did.
 */
extern int step_take (struct run *, const struct step *, struct error *err);
/* One after the other, up to the first that fails; the array ends with NULL.
 */
extern int steps_take (struct run *, const struct step *const *steps,
                       struct error *err);

/* The steps that most runs have; each makes a member of struct run. */
extern const struct step step_discover;
extern const struct step step_read_guest;
extern const struct step step_plan;
extern const struct step step_plan_with_copy;
extern const struct step step_start_servers;
extern const struct step step_make_overlays;
extern const struct step step_prepare_output;
extern const struct step step_try_targets;
extern const struct step step_convert;

/* Run a command of the user's with the disks served; its exit status, as a
 * shell gives it, becomes *status.
 */
extern int run_command (struct run *, const char *command, int *status,
                        struct error *err);

/*--- run-extents.c ---*/

/* Read the lists of --changed-extents, if there are any; see whether they fit
 * the disks, which are open by then.
 */
extern const struct step step_read_extents;
extern const struct step step_check_extents;
extern void run_free_extents (struct run *);

/*--- run-copy.c ---*/

extern int run_copy (struct run *, struct error *err);

/* Refuse disks that an interrupted --in-place run has not finished. */
extern const struct step step_refuse_unfinished;
/* Is there an interrupted copy to resume? */
extern const struct step step_open_resume;
extern const struct step step_copy;

/*--- run-in-place.c ---*/

extern int run_in_place (struct run *, struct error *err);

/* Can the disks be changed? */
extern const struct step step_prepare_in_place;

/*--- run-check.c ---*/

extern int run_check (struct run *, struct error *err);

/*--- run-print.c ---*/

extern int run_dry_run (struct run *, struct error *err);
extern int run_print_source (struct run *, struct error *err);

#endif /* V2V_RUN_INTERNAL_H */
