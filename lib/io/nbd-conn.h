/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Connections to NBD servers for threads that must be able to stop: all
 * waiting is for sockets and one descriptor more, which wakes the waiter.
 * libnbd does the protocol and checks what servers answer.
 */

#ifndef V2V_NBD_CONN_H
#define V2V_NBD_CONN_H

#include <libnbd.h>

struct error;

/* How long a server may take until it is ready for commands. */
#define NBD_CONN_TIMEOUT_S 60

/* Connect to URI with the meta contexts, a list ended by NULL, or NULL for
 * none.  Fails as well as soon as WAKE_FD (or -1) is readable.  The caller
 * frees the handle with nbd_close.
 */
extern struct nbd_handle *nbd_conn_open (const char *uri,
                                         const char *const *contexts,
                                         int wake_fd, struct error *err);
/* The same, within TIMEOUT_S seconds where that is less (0: it is not). */
extern struct nbd_handle *nbd_conn_open_within (const char *uri,
                                                const char *const *contexts,
                                                int wake_fd,
                                                unsigned timeout_s,
                                                struct error *err);

/* Wait until something happens on one of the N connections (some may be
 * NULL), WAKE_FD is readable, or TIMEOUT_MS (-1: for ever) have passed.
 * Completions are called from here.
 */
extern void nbd_conn_poll (struct nbd_handle *const *handles, size_t n,
                           int wake_fd, int timeout_ms);

/* What libnbd's last error in this thread was; never NULL, also where there
 * was no memory to note it.
 */
extern const char *nbd_conn_reason (void);

/* Can commands be given? */
extern int nbd_conn_alive (struct nbd_handle *);

/* Take leave, and close the handle; NULL is fine.  With replies still to
 * come this can crash the server: nbdkit 1.32 fails an assertion when it
 * finds the socket closed by another of its threads.  So wait for them.
 */
extern void nbd_conn_close (struct nbd_handle **);
/* The same, when nothing is in flight: wait until the server, which lets go
 * of its source then, has hung up, but not for ever.  A source that stands
 * one connection sees no second one, that way.
 */
extern void nbd_conn_leave (struct nbd_handle **);

#endif /* V2V_NBD_CONN_H */
