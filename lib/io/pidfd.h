/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_PIDFD_H
#define V2V_PIDFD_H

#include <stdbool.h>
#include <sys/types.h>

/* A descriptor that poll shows readable when the child PID may have ended;
 * then pidfd_has_ended tells whether it has.  Close-on-exec; -1 and errno
 * when there is none.
 */
extern int pidfd_of_child (pid_t pid);

/* Its status is still there to be waited for. */
extern bool pidfd_has_ended (int fd, pid_t pid);

#endif /* V2V_PIDFD_H */
