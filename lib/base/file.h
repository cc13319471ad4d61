/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_FILE_H
#define V2V_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct error;

/* Write all LEN bytes.  -1 with errno if that fails. */
extern int full_write (int fd, const void *buf, size_t len);

/*--- Stable storage.  Each of these functions returns 0 only when a power
 * failure can no longer undo what it did, and otherwise -1 with REASON_SPACE
 * or REASON_WRITE.  No failure of fsync is ignored, not even EINVAL for a
 * directory, with which some file systems answer that they cannot sync one:
 * a later run relies on these files after a crash.
 */

/* Sync what any process has written to the file or block device PATH. */
extern int file_sync (const char *path, struct error *err);
/* Sync the names in the directory DIR, which must be readable. */
extern int file_sync_directory (const char *dir, struct error *err);
/* Sync the names in the directory that PATH is in. */
extern int file_sync_parent (const char *path, struct error *err);

/* Make PATH a file (mode 0600) that holds TEXT: all of it or nothing, at
 * whatever point this process or the host stops.  TEXT is written to
 * PATH.tmp, which is then renamed, so PATH must have only one writer at a
 * time.  An old PATH.tmp is removed first.  After a failure PATH.tmp is
 * removed and PATH is unchanged, except when only the sync of the directory
 * failed.  A killed process may leave PATH.tmp behind.
 */
extern int file_store (const char *path, const char *text, size_t len,
                       struct error *err);
/* The same with another mode, whatever the umask is. */
extern int file_store_as (const char *path, mode_t mode, const char *text,
                          size_t len, struct error *err);
/* The same as file_store without the sync of the directory: after a power failure PATH may
 * be as it was before.
 */
extern int file_replace (const char *path, const char *text, size_t len,
                         struct error *err);
/* Rename the file FROM, whose content has been synced, to TO. */
extern int file_rename (const char *from, const char *to, struct error *err);
/* Remove PATH, which file_store wrote, and PATH.tmp.  It is no error if
 * either of them does not exist.
 */
extern int file_remove (const char *path, struct error *err);

/*--- Files that the user named. ---*/

/* Open PATH for writing; FLAGS are further flags of open.  A FIFO without a
 * reader gets some seconds to find one; then -1 with ENXIO.  Writing to a
 * file that is not a regular one does not block.
 */
extern int write_open (const char *path, int flags);

/* Is PATH a name of one of our descriptors (/dev/stdout)?  Other processes
 * may write to the same file, so it must not be truncated.
 */
extern bool is_descriptor_path (const char *path);

/* Make PATH hold TEXT: all of it and on stable storage, or leave it as it
 * was.  If PATH is not a regular file (a FIFO, /dev/stdout), or cannot be
 * replaced (a mount point, a directory of another user), TEXT is written to
 * the existing file, with ETIMEDOUT if the file accepts nothing for some
 * seconds.  It is no error here if the directory cannot be synced (on some
 * file systems, or because it is writable and not readable): a report is
 * useful even if a power failure could bring back the previous one.
 */
extern int write_file (const char *path, const char *text, size_t len,
                       struct error *err);

/* Take away what an earlier write_file has written to PATH: the file is
 * removed, or made empty where it cannot be (a symbolic link's, or one in
 * another user's directory).  What is not a regular file, a mount point or one
 * of our descriptors is not touched.
 */
extern int write_file_clear (const char *path, struct error *err);

/* Could write_file write PATH, as far as can be known without writing? */
extern int write_file_try (const char *path, struct error *err);

/*--- What a run made. ---*/

/* Remove PATH and, when it is a directory, all that is in it, following no
 * symbolic link.  Failures are ignored.
 */
extern void remove_tree (const char *path);

#endif /* V2V_FILE_H */
