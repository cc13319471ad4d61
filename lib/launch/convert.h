/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The user's own commands: --convert on the overlays, --run on nbdkit. */

#ifndef V2V_CONVERT_H
#define V2V_CONVERT_H

#include <stdbool.h>

#include "base/argv.h"

struct error;
struct guest;
struct launch;
struct launch_context;
struct overlays;

struct convert_request {
  const char *command;          /* for /bin/sh -c */
  const struct guest *guest;
  struct launch *launch;
  struct overlays *overlays;    /* served; NULL for --run */
  bool log_output;              /* as EVENT_LOG, not straight to ours */
  int stdout_fd;                /* where its stdout goes otherwise */
};

/* Run the command with the documented environment and wait for its end.
 * *STATUS is its exit status in a shell's terms (128+N for signal N).  -1:
 * it could not be run, or we were interrupted.
 */
extern int convert_run (const struct convert_request *,
                        const struct launch_context *, int *status,
                        struct error *err);

#endif /* V2V_CONVERT_H */
