/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_PIDFD_H
#define V2V_PIDFD_H

#include <sys/types.h>

/* A descriptor on which poll tells that the child PID has ended (any of
 * POLLIN, POLLHUP).  Close-on-exec; -1 and errno when there is none.
 */
extern int pidfd_of_child (pid_t pid);

#endif /* V2V_PIDFD_H */
