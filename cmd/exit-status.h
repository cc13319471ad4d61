/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_EXIT_STATUS_H
#define V2V_EXIT_STATUS_H

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

/* The exit status of a run that ends with *ERR in a step whose failures mean
 * FAILED_AS.  SIGNAL interrupted the run, if the error is that it was
 * interrupted.
 */
extern int exit_status_of (const struct error *err, enum exit_status failed_as,
                           int signal);

#endif /* V2V_EXIT_STATUS_H */
