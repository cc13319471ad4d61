/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_FILE_H
#define V2V_FILE_H

#include <stdbool.h>
#include <stddef.h>

struct error;

/* Write all of it; -1 and errno when that cannot be done. */
extern int full_write (int fd, const void *buf, size_t len);

/*--- Stable storage.  Each of these returns 0 only when a loss of power can
 * no longer undo what it did; -1 with REASON_SPACE or REASON_WRITE
 * otherwise.  No failure of fsync is ignored, not even a directory's EINVAL,
 * by which some file systems say that they cannot do it: what is written
 * with these functions is what a later run relies on after a crash.
 */

/* What has been written to the file or block device PATH, by anyone. */
extern int file_sync (const char *path, struct error *err);
/* Which names there are in the directory DIR; it must be readable. */
extern int file_sync_directory (const char *dir, struct error *err);
/* The same for the directory that PATH is in. */
extern int file_sync_parent (const char *path, struct error *err);

/* Make PATH, which is readable by its owner only, hold TEXT: as a whole or
 * not at all, wherever this process or the host may stop.  TEXT is written
 * to PATH.tmp, which is then renamed, so that PATH must have one writer at
 * a time.  Whatever was at PATH.tmp is removed before; after a failure
 * it is removed too, and PATH is what it was, unless only the directory
 * could not be synced.  A killed process may leave PATH.tmp behind.
 */
extern int file_store (const char *path, const char *text, size_t len,
                       struct error *err);
/* Give the file FROM, whose content is stored, the name TO. */
extern int file_rename (const char *from, const char *to, struct error *err);
/* Remove what file_store made, PATH.tmp too; neither need be there. */
extern int file_remove (const char *path, struct error *err);

/*--- Files that the user named. ---*/

/* Open PATH for writing; FLAGS are more of open's.  A FIFO without a reader
 * is given some seconds to find one (then -1, errno being ENXIO), and what
 * is no regular file does not block.
 */
extern int write_open (const char *path, int flags);

/* Is PATH a name of one of our descriptors (/dev/stdout)?  Others write to
 * its file too, so that it must not be truncated.
 */
extern bool is_descriptor_path (const char *path);

/* Make PATH hold TEXT: whole and on stable storage, or as it was before.
 * Where PATH is something other than a regular file (a FIFO, /dev/stdout),
 * or cannot be replaced (a mount point, a directory that is not ours), it is
 * simply written to, and given up (ETIMEDOUT) when it takes nothing
 * for some seconds.  A directory that cannot be synced (some network file
 * systems; it may be writable and not readable) is no failure here: a
 * report is worth having even where a loss of power could bring back the
 * one before.
 */
extern int write_file (const char *path, const char *text, size_t len,
                       struct error *err);

/* Could write_file write PATH, as far as can be known without writing? */
extern int write_file_try (const char *path, struct error *err);

#endif /* V2V_FILE_H */
