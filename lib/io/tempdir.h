/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Private directories, removed with all that is in them. */

#ifndef V2V_TEMPDIR_H
#define V2V_TEMPDIR_H

struct error;
struct guard;

struct tempdir;

/* Make a directory with mode 0700 and a name of its own in PARENT.  GUARD
 * (may be NULL) removes it should this process be killed; what died without a
 * guard in PARENT is removed first.
 */
extern struct tempdir *tempdir_new (const char *parent, struct guard *,
                                    struct error *err);
extern const char *tempdir_path (const struct tempdir *); /* absolute */
/* The handle of a directory that another run has left. */
extern struct tempdir *tempdir_adopt (const char *path, struct guard *,
                                      struct error *err);
/* Leave the directory where it is when the handle is freed, and let no later
 * run remove it.  -1: that is not on stable storage.
 */
extern int tempdir_keep (struct tempdir *, struct error *err);
/* Remove the directory; NULL is fine. */
extern void tempdir_free (struct tempdir *);

#endif /* V2V_TEMPDIR_H */
