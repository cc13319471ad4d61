/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Whose a file is, as far as its file system knows of users. */

#ifndef V2V_OWNERSHIP_H
#define V2V_OWNERSHIP_H

#include <stdbool.h>
#include <sys/stat.h>

#include "base/file-at.h"

struct error;

/* Is the file or directory that ST tells of this user's, and can nobody else
 * write to it?  Where the file system says otherwise of all our files (NFS
 * calls root's files another user's, vfat has no modes): does it look as a new
 * file of ours in DIR_FD does, which is made and removed to find out?
 */
extern bool ownership_is_ours (int dir_fd, const struct stat *st);

/* Open NAME in DIR_FD, a regular file with one link that is ours by these
 * rules.  FLAGS are O_RDONLY or O_RDWR.
 *   1  *FD is to be closed by the caller
 *   0  there is no such file
 *  -1  it is another kind of file, or another's: REASON_TARGET_CHANGED
 */
extern int ownership_open (struct file_at, int flags, int *fd,
                           struct error *err);

#endif /* V2V_OWNERSHIP_H */
