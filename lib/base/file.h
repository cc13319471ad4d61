/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Files that survive a crash, by path.  file-at.h has the same in a directory
 * that is kept open.
 */

#ifndef V2V_FILE_H
#define V2V_FILE_H

#include <stddef.h>

struct error;

/*--- Stable storage.  file-at.h says what 0 promises. ---*/

/* Sync what any process has written to the file or block device PATH. */
extern int file_sync (const char *path, struct error *err);
/* Sync the names in the directory DIR, which must be readable. */
extern int file_sync_directory (const char *dir, struct error *err);

/* The functions of file-at.h, which describes them, by path: the directory
 * that PATH is in is opened first.  Modes are 0600.
 */
extern int file_open_own (const char *path, int flags, int *fd,
                          struct error *err);
extern int file_store (const char *path, const char *text, size_t len,
                       struct error *err);
extern int file_replace (const char *path, const char *text, size_t len,
                         struct error *err);
extern int file_rename (const char *from, const char *to, struct error *err);
extern int file_remove (const char *path, struct error *err);

/*--- What a run made. ---*/

/* Remove PATH and, when it is a directory, all that is in it.  No symbolic
 * link is followed, and no directory entered that has come in the place of
 * another one meanwhile.  Failures are ignored.
 */
extern void remove_tree (const char *path);
/* Remove all that is in the open directory DIR_FD, except for BUT, which may
 * be NULL.
 */
extern void remove_entries (int dir_fd, const char *but);

#endif /* V2V_FILE_H */
