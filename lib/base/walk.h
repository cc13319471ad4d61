/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The way to a file that the user named for us to write or read, or to a
 * directory for what we write: each directory of the path is opened below the
 * one before, and each link on the way is judged (trust.h) and read through
 * one descriptor, so that what is used is what was looked at.
 */

#ifndef V2V_WALK_H
#define V2V_WALK_H

#include <stdbool.h>
#include <sys/stat.h>

#include "base/file-at.h"

struct error;

/* Where a path leads: a name in an open directory. */
struct walked {
  struct file_at at;            /* dir_fd is O_PATH; path is the caller's */
  char *name;                   /* at.name */
  bool exists;                  /* and if so: */
  struct stat st;               /* what it is */
  bool is_descriptor;           /* a link of /proc to an open file (which
                                   /dev/stdout leads to): it is opened by
                                   following it.  ST says what is open. */
  bool through_link;            /* the path itself is a link */
};

/* Find where PATH leads; the last part of it need not exist.  If that is a
 * link that may not be followed, it is what was found; any other such link is
 * an error.  -1: REASON_WRITE; so is a path that names no file, because it is
 * empty or ends with a slash.
 */
extern int walk (const char *path, struct walked *ret, struct error *err);
/* Is what was found a link that may not be followed?  The next function says
 * so in *ERR.
 */
extern bool walked_is_link (const struct walked *);
extern int walked_refuse_link (const struct walked *, struct error *err);
extern void walked_reset (struct walked *);

/* Open (O_PATH) the directory PATH.  1: *FD is to be closed by the caller; 0:
 * there is none; -1: as walk.
 */
extern int walk_to_directory (const char *path, int *fd, struct error *err);

#define WALKED_INIT { .at = { .dir_fd = -1 } }
#define CLEANUP_WALKED __attribute__ ((cleanup (walked_reset)))

#endif /* V2V_WALK_H */
