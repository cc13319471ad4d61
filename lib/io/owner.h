/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Whose a private directory is.  A run that dies together with its guard
 * leaves its directories for ever, unless a later run can see that nobody
 * needs them any more.
 *
 * The directory of a run holds a file, OWNER_FILE, which the run has locked
 * (flock) until it ends, and which says how long the directory is needed.  A
 * directory without this file is never touched: it is kept, or not ours.
 */

#ifndef V2V_OWNER_H
#define V2V_OWNER_H

struct error;

#define OWNER_FILE ".v2v-owner"

/* Names of private directories begin with this, for mkdtemp. */
#define OWNER_PREFIX "v2v."
#define OWNER_TEMPLATE OWNER_PREFIX "XXXXXX"

/* The directory DIR, which is new and empty, is this process's.  Returns a
 * descriptor that holds the lock, or -1 without an error where the file
 * system has no locks: the directory is never swept then.
 */
extern int owner_claim (const char *dir, struct error *err);
/* The same for one that an earlier run has left.  -1: it is kept anyhow. */
extern int owner_take_over (const char *dir);

/* As long as the file UNLESS exists, DIR, which has an owner or had one, is
 * needed by a later run.
 */
extern void owner_spare (const char *dir, const char *unless);
/* DIR is kept, whatever happens to this process or to this host. */
extern int owner_keep (const char *dir, struct error *err);

/* Remove NAME in the directory PARENT_FD, a private directory or any other
 * file, which is open as FD (O_PATH will do): nothing but that is looked into,
 * whatever has the name.  What is left when that is interrupted still has its
 * owner file.
 */
extern void owner_remove_at (int parent_fd, const char *name, int fd);

/* Remove the directories in PARENT (absolute) that runs of this user have left
 * which are dead, and end the processes of these runs.
 */
extern void owner_sweep (const char *parent);

#endif /* V2V_OWNER_H */
