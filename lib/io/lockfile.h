/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A file that says: somebody is at work here.  The kernel gives the lock
 * back when its holder dies, but the guard may still be cleaning up then;
 * it removes the file when it has finished.
 */

#ifndef V2V_LOCKFILE_H
#define V2V_LOCKFILE_H

#include "base/file-at.h"

struct error;
struct guard;
struct lockfile;
struct supervisor;

/* Take the lock PATH (absolute).  When another process has it: NULL with
 * REASON_TARGET_BUSY, and WHAT (for people) in the message.  Waits for the
 * guard of a process that has died.  To be called before anything else is
 * told to the guard: what was told first is removed last.
 */
extern struct lockfile *lockfile_new (const char *path, const char *what,
                                      struct guard *, struct supervisor *,
                                      struct error *err);
/* The same in an open directory; NULL with ENOENT: it has been removed. */
extern struct lockfile *lockfile_new_at (struct file_at, const char *what,
                                         struct guard *, struct supervisor *,
                                         struct error *err);
extern void lockfile_free (struct lockfile *); /* NULL is fine */

#endif /* V2V_LOCKFILE_H */
