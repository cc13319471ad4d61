/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Files that the user named for us to read, and that nobody else is to choose:
 * passwords, keys, lists.  In a directory that others can write to, a link
 * that another user made would lead to any file that we can read, which is
 * then sent to a server as a password; and a FIFO would hold us up.
 */

#ifndef V2V_INFILE_H
#define V2V_INFILE_H

struct error;

/* Open PATH for reading; it may be a descriptor, a FIFO, a terminal.  What may
 * have several names or a link is judged by the rules of trust.h; a FIFO must
 * be root's or ours where others can make names.  Opening does not wait for a
 * FIFO's writer, and neither does reading: who wants to wait polls before the
 * first read.  -1: REASON_USAGE, and a message that begins with PATH.
 */
extern int infile_open (const char *path, struct error *err);

/* The same for a file that another program will open by its name: it must be
 * a regular one, a device such as /dev/null, or not there.
 */
extern int infile_check (const char *path, struct error *err);

#endif /* V2V_INFILE_H */
