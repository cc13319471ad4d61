/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the command does, step by step. */

#ifndef V2V_RUN_H
#define V2V_RUN_H

#include "options.h"

struct report;

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

/* Do what the options say; returns the exit status. */
extern int run (struct options *, struct report *);

#endif /* V2V_RUN_H */
