/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_FILE_H
#define V2V_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct error;

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

/* The functions of file-at.h, which describes them, by path: the directory
 * that PATH is in is opened first.  Modes are 0600.
 */
extern int file_open_own (const char *path, int flags, int *fd,
                          struct error *err);
extern int file_store (const char *path, const char *text, size_t len,
                       struct error *err);
extern int file_store_as (const char *path, mode_t mode, const char *text,
                          size_t len, struct error *err);
extern int file_replace (const char *path, const char *text, size_t len,
                         struct error *err);
extern int file_rename (const char *from, const char *to, struct error *err);
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
