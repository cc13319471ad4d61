/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Who holds a lock on a file or device, for messages. */

#ifndef V2V_LOCK_HOLDER_H
#define V2V_LOCK_HOLDER_H

struct error;

/* The process that holds a byte-range lock which includes one of the bytes
 * FIRST to LAST of the open file FD, such as "qemu-nbd, PID 1234".  The
 * caller frees it.  NULL: it cannot be found out (another user's process,
 * another host), or no memory.
 */
extern char *lock_holder (int fd, unsigned long long first,
                          unsigned long long last);

/* Set the error that another run of this program has locked the byte BYTE of
 * FD, and so writes to WHAT (for people): REASON_TARGET_BUSY.  Returns -1.
 */
extern int lock_held_by_run (int fd, unsigned long long byte,
                             const char *what, struct error *err);

#endif /* V2V_LOCK_HOLDER_H */
