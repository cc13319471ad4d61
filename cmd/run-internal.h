/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The steps that runs are made of. */

#ifndef V2V_RUN_INTERNAL_H
#define V2V_RUN_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "context.h"
#include "launch/launch.h"
#include "options.h"
#include "report.h"
#include "transfer/transfer.h"

struct changed_extents;
struct guest;
struct overlays;
struct resume;
struct write_back;

enum exit_status {
  EXIT_STATUS_OTHER = 1,
  EXIT_STATUS_USAGE = 2,
  EXIT_STATUS_HOST = 3,
  EXIT_STATUS_SOURCE = 4,
  EXIT_STATUS_CONVERT = 5,
  EXIT_STATUS_COPY = 6,
  EXIT_STATUS_VERIFY = 7,
  EXIT_STATUS_SPACE = 8,
};

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
  struct output *output;
  struct resume *resume;
  struct write_back *write_back; /* --in-place */
  struct changed_extents *extents; /* one for each disk, or NULL: all */
  struct transfer_disk *disks;  /* what was copied */
  int64_t started_ms;
  enum exit_status failed_as;   /* the status if the step fails */
  int command_status;           /* of --run */
};

/* A part of the run begins.  PHASE is its name in JSON. */
extern void run_step (const struct run *, const char *phase,
                      const char *text);

/* Each of them sets failed_as and makes a member of struct run. */
extern int run_discover (struct run *, struct error *err);
extern int run_read_guest (struct run *, struct error *err);
extern int run_plan (struct run *, bool with_copy, struct error *err);
extern int run_start_servers (struct run *, struct error *err);
extern int run_make_overlays (struct run *, struct error *err);
extern int run_prepare_output (struct run *, struct error *err);
extern int run_try_targets (struct run *, struct error *err);
extern int run_convert (struct run *, struct error *err);
extern int run_copy (struct run *, struct error *err);

/* run-extents.c: read the lists of --changed-extents, if there are any; see
 * whether they fit the disks, which are open by then.
 */
extern int run_read_extents (struct run *, struct error *err);
extern int run_check_extents (struct run *, struct error *err);
extern void run_free_extents (struct run *);

/* run-in-place.c */
extern int run_in_place (struct run *, struct error *err);
/* Refuse disks that such a run has not finished. */
extern int run_refuse_unfinished (struct run *, struct error *err);
/* Can the disks be changed? */
extern int run_prepare_in_place (struct run *, struct error *err);

/* run-check.c */
extern int run_check (struct run *, struct error *err);

#endif /* V2V_RUN_INTERNAL_H */
