/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Files that the user named for us to write: --result-file, --report, --log,
 * --machine-readable.  They may be FIFOs, terminals or descriptors, or lie
 * where other users can write, too.  walk.h says how the path is followed,
 * trust.h what is written to.
 */

#ifndef V2V_OUTFILE_H
#define V2V_OUTFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct error;

enum outfile_fifo {
  OUTFILE_FIFO_WAIT,            /* some seconds for a reader; then an error */
  OUTFILE_FIFO_ALONE,           /* it may do without a reader: we read, too */
};

/* Open PATH for writing from its beginning; a new file has MODE, less the
 * umask.  To one of our descriptors (/dev/stdout) is appended: other processes
 * may write to the same file.  Writing to what is not a regular file does not
 * block.  A regular file that may not be written to (another user could have
 * put it there) gives way to a new one.  -1: REASON_WRITE.
 */
extern int outfile_open (const char *path, mode_t mode, enum outfile_fifo,
                         struct error *err);

/* Is PATH a name of one of our descriptors (/dev/stdout)? */
extern bool outfile_is_descriptor (const char *path);

/* Make PATH hold TEXT: all of it and on stable storage, or leave it as it
 * was.  If PATH is not a regular file (a FIFO, /dev/stdout), or cannot be
 * replaced (a mount point, a directory of another user), TEXT is written to
 * the existing file, with ETIMEDOUT if the file accepts nothing for some
 * seconds.  What another user could have put there, a link or a FIFO, is
 * replaced.  It is no error here if the directory cannot be synced (on some
 * file systems, or because it is writable and not readable): a report is
 * useful even if a power failure could bring back the previous one.
 */
extern int outfile_write (const char *path, const char *text, size_t len,
                          struct error *err);
/* The same, as often as there is something new: nothing is synced, and a power
 * failure may bring back any earlier text.
 */
extern int outfile_update (const char *path, const char *text, size_t len,
                           struct error *err);

/* Take away what an earlier outfile_write has written to PATH: the file is
 * removed, or made empty where it cannot be (a symbolic link's, or one in
 * another user's directory).  What is not a regular file, a mount point or one
 * of our descriptors is not touched.
 */
extern int outfile_clear (const char *path, struct error *err);

/* Could outfile_write write PATH, as far as can be known without writing, and
 * is there nothing that another user could have put there for us?
 */
extern int outfile_try (const char *path, struct error *err);

#endif /* V2V_OUTFILE_H */
