/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Who could have put a name into a directory?  Files that the user named may
 * lie where other users can write, too; a name there is used only as far as
 * it cannot lead us, who may be root, to a file of somebody else.
 *
 * These are the rules of fs.protected_symlinks, protected_regular,
 * protected_fifos and protected_hardlinks, whatever these are set to here, and
 * for directories without the sticky bit as well.
 */

#ifndef V2V_TRUST_H
#define V2V_TRUST_H

#include <stdbool.h>
#include <sys/stat.h>

/* Can users other than its owner and ourselves make names in the directory
 * DIR_FD?  A group that we are in does not count, as long as the directory has
 * no ACL: its members share the directory with us.  True also if that cannot
 * be found out.
 */
extern bool directory_is_shared (int dir_fd);

/* Can only root and we make names in the directory DIR_FD? */
extern bool directory_is_trusted (int dir_fd);

/* May a symbolic link (LINK says what it is) in the directory DIR_FD be
 * followed?  Yes, if root or we made it, or if nobody else could have.
 */
extern bool link_may_be_followed (const struct stat *link, int dir_fd);

/* May a file, FIFO or device (ST says what it is) that was found in the
 * directory DIR_FD be written to?  Yes, if it is root's or ours, or nobody
 * but the directory's owner can make names there.  What has a second name may
 * be any file, so that only a trusted directory can vouch for it.
 */
extern bool file_may_be_written (const struct stat *st, int dir_fd);

/* The path, without links, of the directory FD; the caller frees it.  NULL:
 * errno says why.
 */
extern char *directory_path (int fd);

/* The same, if nobody but root and we can give that path, or what is ours in
 * the directory, to something else: from "/" on each directory is trusted, or
 * has the sticky bit, belongs to root or us, and what is below it does, too;
 * or others cannot reach it, because they may not search one above it.
 * NULL: errno says why; it is EPERM where others could, and *WHERE, which the
 * caller frees, is the directory that they can write to.
 */
extern char *trusted_path_of (int fd, char **where);

#endif /* V2V_TRUST_H */
