/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Private directories, removed with all that is in them. */

#ifndef V2V_TEMPDIR_H
#define V2V_TEMPDIR_H

struct error;
struct guard;

struct tempdir;

/* Make a directory with mode 0700 and a name of its own in PARENT.  GUARD
 * (may be NULL) removes it should this process be killed; what died without a
 * guard in PARENT is removed first.  A PARENT in which other users could put
 * another directory in its place is refused to root.
 */
extern struct tempdir *tempdir_new (const char *parent, struct guard *,
                                    struct error *err);
extern const char *tempdir_path (const struct tempdir *); /* absolute */
/* Where this user is not root: the directory that others can write to, so that
 * they could do that, or NULL.
 */
extern const char *tempdir_exposed (const struct tempdir *);
/* Is the directory PATH, which another run has left, this user's, writable for
 * nobody else, and where tempdir_new would make it?  It may be gone.
 */
extern int tempdir_check (const char *path, struct error *err);
/* The handle of such a directory. */
extern struct tempdir *tempdir_adopt (const char *path, struct guard *,
                                      struct error *err);
/* Leave the directory where it is when the handle is freed, and let no later
 * run remove it.  -1: that is not on stable storage.
 */
extern int tempdir_keep (struct tempdir *, struct error *err);
/* Remove the directory; NULL is fine. */
extern void tempdir_free (struct tempdir *);

#endif /* V2V_TEMPDIR_H */
