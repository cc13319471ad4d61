/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A file or block device of this host that is read: opened once, so that all
 * who read it read the same, whatever its name leads to later.
 */

#ifndef V2V_LOCAL_FILE_H
#define V2V_LOCAL_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/vector.h"

struct beneath;
struct error;
struct stat;

/* Read its fields only. */
struct local_file {
  int fd;                       /* O_RDONLY */
  char *path;                   /* the name that it was opened by, from the
                                   root on if that was given so */
  bool is_block;                /* a block device, not a regular file */
  uint64_t size;                /* bytes, when it was opened */
};
DEFINE_VECTOR (struct local_files, local_files, struct local_file *);

/* Open PATH, through links.  What is neither a regular file nor a block device
 * is refused, and a FIFO is not waited for.
 */
extern struct local_file *local_file_open (const char *path,
                                           struct error *err);
/* The same for NAME, which beneath_name gave: no links.  What is no regular
 * file is refused: a guest's description names files.
 */
extern struct local_file *local_file_open_beneath (const struct beneath *,
                                                   const char *name,
                                                   struct error *err);
/* A disk can be in more files than a process may have open by default (1024):
 * the hard limit is higher.  Programs that are started then have it, too.
 * False: nothing was gained.
 */
extern bool local_file_raise_limit (void);
/* One more handle of the same open file. */
extern struct local_file *local_file_dup (const struct local_file *,
                                          struct error *err);
extern void local_file_free (struct local_file *); /* NULL is fine */
extern void local_files_free (struct local_files *);
V2V_DEFINE_CLEANUP (cleanup_local_file, struct local_file *, local_file_free);
#define CLEANUP_LOCAL_FILE __attribute__ ((cleanup (cleanup_local_file)))

/* Is it what ST tells of? */
extern bool local_file_is (const struct local_file *, const struct stat *st);
/* Does PATH lead to this file now? */
extern bool local_file_is_at (const struct local_file *, const char *path);
/* If the name that it was opened by leads to another one now, or nowhere: -1
 * with REASON_SOURCE_CHANGED.
 */
extern int local_file_check_name (const struct local_file *,
                                  struct error *err);

#endif /* V2V_LOCAL_FILE_H */
