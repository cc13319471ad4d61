/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the two sides of a fork share: subprocess.c, and subprocess-child.c. */

#ifndef V2V_SUBPROCESS_INTERNAL_H
#define V2V_SUBPROCESS_INTERNAL_H

#include "io/subprocess.h"

#define LISTEN_PID_PREFIX "LISTEN_PID="

/* Everything that the child needs between fork and exec, made before. */
struct subprocess_prepared {
  char *path;
  char *const *argv;
  struct argv env;
  char *const *envp;
  char *listen_pid;             /* LISTEN_PID_PREFIX, with room for digits that
                                   the child fills in; NULL: it needs none */
  int *passed;                  /* duplicates of passed_fds that are in the
                                   way of none of their targets */
  int n_passed;
  int ruleset;                  /* of confine_prepare */
};

/* The same open file, on a descriptor that none of those which the program is
 * to have overwrites; -1 for -1.
 */
extern int subprocess_above_targets (const struct subprocess_spec *, int fd);

/* In the child of PARENT: become the program, or write the errno that tells
 * why not to REPORT_FD and exit.
 */
extern void subprocess_become (const struct subprocess_spec *,
                               const struct subprocess_prepared *,
                               pid_t parent, int report_fd)
  __attribute__ ((noreturn));

#endif /* V2V_SUBPROCESS_INTERNAL_H */
