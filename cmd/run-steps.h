/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The steps that runs are made of. */

#ifndef V2V_RUN_STEPS_H
#define V2V_RUN_STEPS_H

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

#endif /* V2V_RUN_STEPS_H */
