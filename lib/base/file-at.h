/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Files that survive a crash, in a directory that is kept open: whoever
 * renames the directory, or puts a link in the place of one above it, cannot
 * bring us to another directory.  file.h has the same by path.
 *
 * Those that sync or change something return 0 only when a power failure can
 * no longer undo what they did, and otherwise -1 with REASON_SPACE or
 * REASON_WRITE.  Only where a file system says (EINVAL) that it cannot sync
 * directories there is no more to be had, and no error.
 */

#ifndef V2V_FILE_AT_H
#define V2V_FILE_AT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct error;

/* A name in an open directory.  It is passed by value, and owns nothing. */
struct file_at {
  int dir_fd;                   /* O_PATH is enough */
  const char *name;             /* has no slash, and is neither . nor .. */
  const char *path;             /* what messages call the file */
};

/* Is the file that FD is open on the one with this name? */
extern bool file_at_is (struct file_at, int fd);

/* Open a file that this user wrote: a regular file with one link, which
 * belongs to us and which others cannot write to (ownership.h).  No link is
 * followed, a FIFO is not waited for.  FLAGS: O_RDONLY, O_RDWR, O_APPEND.
 *   1  *FD is to be closed by the caller
 *   0  there is no such file
 *  -1  it is another kind of file, or another's: REASON_TARGET_CHANGED
 */
extern int file_at_open_own (struct file_at, int flags, int *fd,
                             struct error *err);

/* Sync the names in the directory DIR_FD, which may be O_PATH but must be
 * readable.  DIR is what the message calls it.
 */
extern int file_at_sync_directory (int dir_fd, const char *dir,
                                   struct error *err);
/* Sync what any process has written to a file, which must be a regular one;
 * no link is followed.
 */
extern int file_at_sync (struct file_at, struct error *err);

/* Make the file, with MODE whatever the umask is, hold TEXT: all of it or
 * nothing, at whatever point this process or the host stops.  TEXT is written
 * to NAME.tmp, which is then renamed, so the name must have only one writer
 * at a time.  An old NAME.tmp is removed first.  After a failure NAME.tmp is
 * removed and the file is unchanged, except when only the sync of the
 * directory failed.  A killed process may leave NAME.tmp behind.
 */
extern int file_at_store (struct file_at, mode_t mode, const char *text,
                          size_t len, struct error *err);
/* The same (mode 0600) without the sync of the directory: after a power
 * failure the file may be as it was before.
 */
extern int file_at_replace (struct file_at, const char *text, size_t len,
                            struct error *err);
/* Rename the file FROM, whose content has been synced, to TO, and sync the
 * directory of TO.
 */
extern int file_at_rename (struct file_at from, struct file_at to,
                           struct error *err);
/* Remove the file, which file_at_store wrote, and NAME.tmp.  It is no error
 * if either of them does not exist.
 */
extern int file_at_remove (struct file_at, struct error *err);

#endif /* V2V_FILE_AT_H */
