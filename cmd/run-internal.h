/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The steps that runs are made of, and the runs, one kind in each file. */

#ifndef V2V_RUN_INTERNAL_H
#define V2V_RUN_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "context.h"
#include "exit-status.h"
#include "filesystem/filesystem.h"
#include "launch/plan.h"
#include "options.h"
#include "report.h"

struct ahead;
struct changed_extents;
struct copied;
struct facts_request;
struct finished;
struct guest;
struct launch;
struct overlays;
struct resume;
struct space_target;
struct tempdir;
struct transfer;
struct transfer_disk;
struct turn;
struct unused;
struct write_back;

/* What the steps make, which is freed in the opposite order. */
struct run {
  struct options *options;
  struct report *report;
  struct launch_context context; /* its guard, supervisor and caps are made
                                    and freed with the run */
  struct tempdir *scratch;      /* what inputs unpacked */
  struct guest *guest;
  enum plan_use plan_use;       /* what the launch is for */
  struct turn *turn;            /* --source-limit; given back after the launch
                                   has ended */
  struct launch *launch;
  struct overlays *overlays;
  bool overlays_are_converted;  /* by an interrupted run */
  struct output *output;
  struct output_claim *claim;   /* of its targets; freed last */
  struct resume *resume;
  struct unused *unused;        /* --skip-unused: what was found; or NULL */
  struct finished *finished;    /* the record of an earlier run to the same
                                   targets, and of this one */
  struct write_back *write_back; /* --in-place */
  bool asks_servers;            /* whether it was the same cannot be said
                                   before the servers are started */
  bool is_done;                 /* nothing is left to do: an earlier run was
                                   the same, and has finished, now at the
                                   latest */
  struct copied *copied;        /* of the sources, before their conversion has
                                   ended; or NULL */
  struct ahead *ahead;          /* copies them meanwhile; or NULL */
  struct changed_extents *extents; /* one for each disk, or NULL: all */
  struct transfer_disk *disks;  /* what was copied */
  struct filesystems filesystems; /* what --check found on the disks */
  bool changed;                 /* a target or a disk was written to */
  int64_t started_ms;
  enum exit_status failed_as;   /* that of the step that is being taken */
  int command_status;           /* of --run */
};

/* A part of a run: what is done, and the exit status if that fails. */
struct step {
  int (*take) (struct run *, struct error *err);
  enum exit_status failed_as;
  const char *phase, *text;     /* its name in JSON, and for people; NULL: the
                                   step is not told */
};

/*--- run-steps.c ---*/

/* Take a step, which may take other steps.  On failure run->failed_as is that
 * of the step in which the error occurred.
 */
extern int step_take (struct run *, const struct step *, struct error *err);
/* Take steps in order until one fails, or the run is done.  The array ends
 * with NULL.
 */
extern int steps_take (struct run *, const struct step *const *steps,
                       struct error *err);

/* Steps of most runs; each makes a member of struct run. */
extern const struct step step_discover;
extern const struct step step_read_guest;
extern const struct step step_plan;
extern const struct step step_plan_with_copy;
extern const struct step step_start_servers;
extern const struct step step_make_overlays;
extern const struct step step_prepare_output;
extern const struct step step_try_targets;
extern const struct step step_convert;

/* Run the COMMAND of --convert or --run while the disks are served.  *status
 * is its exit status as a shell gives it.
 */
extern int run_command (struct run *, const char *command, int *status,
                        struct error *err);

/* Where they are, if they are to be kept.  Before they are freed. */
/* After step_try_targets: is there a device that may be too small, and is one
 * too small for what its disk certainly holds?
 */
extern bool run_may_lack_room (const struct run *);
extern int run_check_room (const struct run *, const struct space_target *,
                           struct error *err);
extern void run_tell_overlays (const struct run *);

/*--- run-copy.c ---*/

extern int run_copy (struct run *, struct error *err);
/* What is copied. */
extern struct transfer run_transfer (const struct run *);

/* Read the lists of --changed-extents, if there are any; check that they fit
 * the disks, which have to be open.
 */
extern const struct step step_read_extents;
extern const struct step step_check_extents;
extern void run_free_extents (struct run *);

/* Refuse disks to which an interrupted --in-place run has to write. */
extern const struct step step_refuse_unfinished;
/* Look for an interrupted copy to resume, and whether it is of the same disks:
 * by the facts of the sources, and by what can be read of both sides.
 */
extern const struct step step_open_resume;
extern const struct step step_compare_facts;
extern const struct step step_check_resumed;
extern const struct step step_copy;

/*--- run-ahead.c ---*/

/* Make run->copied and run->ahead, if the sources are to be copied while they
 * are converted, or were.
 */
extern const struct step step_choose_ahead;
/* For --check: say whether that would be. */
extern const struct step step_check_ahead;
/* Has that been written to a target that was there before? */
extern bool run_has_written_target (const struct run *);
/* The conversion has failed with this error: end the copy. */
extern void run_give_up_ahead (struct run *, const struct error *err);

/*--- run-finished.c ---*/

/* What is asked for. */
extern struct facts_request run_facts_request (const struct run *);
/* Is there anything left to do?  As far as that can be said before the servers
 * are started, and after that.
 */
extern const struct step step_compare_finished;
extern const struct step step_compare_served;
/* Nothing is left to do. */
extern void run_tell_done (struct run *);
/* Before a conversion is written to the disks. */
extern int run_mark_converted (struct run *, struct error *err);
/* All is done and committed.  That this cannot be recorded is no error. */
extern void run_store_finished (struct run *);

/*--- run-in-place.c ---*/

extern int run_in_place (struct run *, struct error *err);

/* Check that the disks can be changed. */
extern const struct step step_prepare_in_place;
/* Say what an interrupted run, or the same one, has left of them. */
extern const struct step step_check_earlier;

/*--- run-check.c ---*/

extern int run_check (struct run *, struct error *err);

/*--- run-print.c ---*/

extern int run_dry_run (struct run *, struct error *err);
extern int run_print_source (struct run *, struct error *err);

#endif /* V2V_RUN_INTERNAL_H */
