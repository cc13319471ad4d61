/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_FIRST_PROCESS_H
#define V2V_FIRST_PROCESS_H

/* A container often starts us as process 1 of a PID namespace.  The kernel
 * keeps signals from such a process unless it waits for them, gives it the
 * orphans of all others, and kills what is left when it ends: the guard, too.
 *
 * If we are process 1, go on in a child, and let process 1 do its duties:
 * reap orphans, pass signals on to the child, and when that has ended wait for
 * the guard, and end likewise.  To be called first.
 */
extern void first_process_leave (void);

#endif /* V2V_FIRST_PROCESS_H */
