/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_FILE_H
#define V2V_FILE_H

#include <stdbool.h>
#include <stddef.h>

struct error;

/* Write all of it; -1 and errno when that cannot be done. */
extern int full_write (int fd, const void *buf, size_t len);

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
 * for some seconds.
 */
extern int write_file (const char *path, const char *text, size_t len,
                       struct error *err);

/* Could write_file write PATH, as far as can be known without writing? */
extern int write_file_try (const char *path, struct error *err);

#endif /* V2V_FILE_H */
