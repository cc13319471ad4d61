/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What another process has open. */

#ifndef V2V_OPENED_FILE_H
#define V2V_OPENED_FILE_H

#include <stdbool.h>
#include <sys/types.h>

struct stat;

/* Call SEE with DATA for each regular file and block device that process PID
 * has open, until it says false.  False: they cannot be found out.
 */
extern bool opened_files (pid_t pid,
                          bool (*see) (void *data, const struct stat *),
                          void *data);

#endif /* V2V_OPENED_FILE_H */
