/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Processes that a run has left. */

#ifndef V2V_LEFTOVER_H
#define V2V_LEFTOVER_H

#include <stdbool.h>

struct argv;

/* The environment variable by which a process is known as a run's: its value
 * is the run's private directory.  --dry-run prints it, too.
 */
#define LEFTOVER_VARIABLE "V2VDIR"

/* End all processes that had one of the variables MARKS ("V2VDIR=...") in
 * their environment when they started: SIGTERM, some seconds later SIGKILL.
 * False, and nothing is done: this process is one of them.
 */
extern bool leftover_end (const struct argv *marks);

#endif /* V2V_LEFTOVER_H */
