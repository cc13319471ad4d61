/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A small second process that cleans up when this one is killed in a way
 * that it cannot see (SIGKILL, out of memory).  It ends the processes that
 * this one left and removes the paths that it was told of.
 *
 * A process is known as ours by V2VDIR (io/leftover.h) in its environment,
 * which every child inherits: a --convert command may start what it likes, in
 * sessions and process groups of its own.
 */

#ifndef V2V_GUARD_H
#define V2V_GUARD_H

struct error;

struct guard;

/* Start the guard.  To be called early, before there is anything to guard
 * and before there are threads.
 */
extern struct guard *guard_new (struct error *err);
/* Remove PATH (absolute), which this process has made, if it dies; a
 * directory with all that is in it.  It is the file that is meant and not its
 * name: what another run has given this name by then stays, and a file that
 * is made again is to be told of again.  Nothing here does anything when GUARD
 * is NULL.
 */
extern void guard_path (struct guard *, const char *path);
/* The same, but not if the file UNLESS (one for all paths) exists by then;
 * in place of guard_path.  Of a private directory later runs learn it, too.
 */
extern void guard_path_unless (struct guard *, const char *path,
                               const char *unless);
extern void guard_forget (struct guard *, const char *path);
/* Processes with V2VDIR=DIR in their environment are ours from now on. */
extern void guard_processes (struct guard *, const char *dir);
/* End the processes left over by now, and the guard.  NULL is fine. */
extern void guard_free (struct guard *);

#endif /* V2V_GUARD_H */
