/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The file below a loop device. */

#ifndef V2V_LOOP_FILE_H
#define V2V_LOOP_FILE_H

/* Open the file that is the whole of the loop device FD, with these flags of
 * open.  -1: FD is no loop device or has only a part of the file, or the name
 * that the kernel tells does not lead to that file any more.
 */
extern int loop_file_open (int fd, int flags);

#endif /* V2V_LOOP_FILE_H */
