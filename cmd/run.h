/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the command does, step by step. */

#ifndef V2V_RUN_H
#define V2V_RUN_H

#include "options.h"

struct error;

/* The exit statuses besides 0 and 128+N (ended by signal N). */
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

/* Do what the options say, and report it; returns the exit status.  -1: the
 * streams and files of the report cannot be opened.
 */
extern int run (struct options *, struct error *err);

#endif /* V2V_RUN_H */
