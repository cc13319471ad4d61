/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Whose a file is, as far as its file system knows of users.  Who could have
 * put it there is trust.h's question.
 */

#ifndef V2V_OWNERSHIP_H
#define V2V_OWNERSHIP_H

#include <sys/stat.h>

/* Why the file or directory that ST tells of is not one that belongs to this
 * user and that nobody else can write to, as a message says it behind the
 * name; NULL: it is one.  Where the file system says otherwise of all our
 * files (NFS calls root's files another user's, vfat has no modes): does it
 * look as a new file of ours in DIR_FD does?  That is made, and gone at once.
 */
extern const char *ownership_problem (int dir_fd, const struct stat *st);

/* Give the open file, which this user has made, MODE.  0 also where the file
 * system has no modes, and so refuses that (vfat); else errno says why not.
 */
extern int ownership_set_mode (int fd, mode_t mode);

#endif /* V2V_OWNERSHIP_H */
