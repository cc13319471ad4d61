/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Files below a directory that is open, by names that somebody else gives: no
 * name, link or exchange of files leads out of the directory.
 */

#ifndef V2V_BENEATH_H
#define V2V_BENEATH_H

#include <stdbool.h>

#include "base/error.h"

struct beneath {
  int fd;                       /* O_PATH; -1: not open */
  char *path;                   /* its real path, without a slash at the end */
};
#define BENEATH_INIT { .fd = -1, .path = NULL }

/* Open the directory PATH, which may be reached through links.  */
extern int beneath_open_directory (const char *path, struct beneath *ret,
                                   struct error *err);
/* The directory that the file PATH is in, and the file's name there: where
 * PATH is a link, those of the file that it leads to.  The caller frees NAME.
 */
extern int beneath_open_parent (const char *path, struct beneath *ret,
                                char **name, struct error *err);
extern void beneath_reset (struct beneath *);
#define CLEANUP_BENEATH __attribute__ ((cleanup (beneath_reset)))

/* NAME as seen from the directory: no "./", no "//", no "..".  It may be
 * absolute, and its folder then be reached through links.  A link that leads
 * to another name in the directory is replaced by that name.  The caller frees
 * it.  NULL with errno: EXDEV, it leads out, or is a link that leads nowhere;
 * ENOENT, it is empty; ENOMEM.
 */
extern char *beneath_name (const struct beneath *, const char *name);

/* Open NAME, which beneath_name gave, and which must have no links (ELOOP) now
 * that it is opened.  FLAGS are those of open, without O_CREAT; O_CLOEXEC is
 * added.
 */
extern int beneath_open (const struct beneath *, const char *name, int flags);
/* The same on kernels that have no openat2 (before Linux 5.6). */
extern int beneath_open_in_steps (const struct beneath *, const char *name,
                                  int flags);

/* The reason of a failed open, from errno. */
extern enum reason beneath_reason (void);

/* A copy of the relative NAME in its plain form.  UP: "..", is a folder above
 * as long as that is inside; if not, there is none.  NULL with errno, as
 * beneath_name.
 */
extern char *beneath_plain_name (const char *name, bool up);

#endif /* V2V_BENEATH_H */
