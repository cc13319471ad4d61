/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A small second process that cleans up when this one is killed in a way
 * that it cannot see (SIGKILL, out of memory).  It ends the processes that
 * this one left and removes the files that it was told of.
 *
 * A file is a name in a directory.  The guard gets the directory itself, as a
 * descriptor, and what identifies the file: it is that file which is removed,
 * there, and never what has its name by then, nor what is found on the way to
 * a directory that was exchanged.  A file that is made again, under the same
 * name, is to be told of again.
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

/* Nothing here does anything when GUARD is NULL, and nothing needs memory:
 * the guard must know of a file whatever else fails.  DIR is an open directory
 * (O_PATH will do) that stays the caller's; NAME is in it.
 */

/* Remove the file NAME, which this process has made, if it dies; or a private
 * directory, with all that is in it.
 */
extern void guard_at (struct guard *, int dir, const char *name);
/* The same, but not if the file UNLESS in UNLESS_DIR (one for all) exists by
 * then; in place of guard_at.
 */
extern void guard_at_unless (struct guard *, int dir, const char *name,
                             int unless_dir, const char *unless);
/* Remove the directory NAME if it is empty by then. */
extern void guard_empty_at (struct guard *, int dir, const char *name);
/* Remove whatever is called NAME in DIR by then, which is nobody's but ours,
 * unless another run has it: as long as the file LOCK there is what it is now.
 */
extern void guard_name_at (struct guard *, int dir, const char *name,
                           const char *lock);
extern void guard_forget_at (struct guard *, int dir, const char *name);
/* guard_at_unless for the directory that has the absolute PATH now. */
extern void guard_dir_unless (struct guard *, const char *path,
                              int unless_dir, const char *unless);

/* Processes with V2VDIR=DIR in their environment are ours from now on. */
extern void guard_processes (struct guard *, const char *dir);
/* End the processes left over by now, and the guard.  NULL is fine. */
extern void guard_free (struct guard *);

#endif /* V2V_GUARD_H */
