/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Connections to NBD servers, and the one way to wait for them: not in libnbd,
 * but in a poll that something else may end, too.
 */

#ifndef V2V_NBD_CONN_H
#define V2V_NBD_CONN_H

#include <stdbool.h>
#include <stdint.h>

#include <libnbd.h>

struct error;
struct nbd_uri;
struct supervisor;

/* What libnbd says when a server answers NBD_REP_ERR_POLICY, and what there is
 * to say to that.  nbd-server 3.24 and 3.27 do so for clients that authfile
 * does not list, and when they have had as many as maxconnections says.
 */
#define NBD_CONN_POLICY "server policy prevents"
#define NBD_CONN_POLICY_HINT                                            \
  N_("the server does not let this host in (nbd-server's authfile), or " \
     "no more connections (maxconnections, which counts all that it has " \
     "had since it was started)")

/* How long a server may take until it is ready for commands. */
#define NBD_CONN_TIMEOUT_S 60

/* How to wait for a server, and why a wait failed. */
struct nbd_wait {
  /* The main thread waits in the supervisor's loop, where the output of the
   * servers is read and signals are noticed.  NULL: this is another thread,
   * whose wait ends when WAKE_FD (or -1) is readable.
   */
  struct supervisor *supervisor;
  int wake_fd;
  int64_t deadline_ms;          /* INT64_MAX: none */
  /* Is there no use in waiting any longer?  May be NULL. */
  bool (*give_up) (void *data);
  void *data;
  /* Set after a failure: */
  bool timed_out;               /* the deadline came */
  int errnum;                   /* libnbd's errno; 0: it has none */
};

/* Wait until the command COOKIE, which nbd_aio_pread or a similar function has
 * returned, has succeeded; with 0, until the handle is connected, or (in
 * libnbd's opt mode) an option has been negotiated.  Returns -1
 * on failure: *err is set if the wait was interrupted or impossible, otherwise
 * `wait' says what happened.  A command that has not ended uses its buffer
 * until the handle is closed.
 */
extern int nbd_conn_wait (struct nbd_handle *, int64_t cookie,
                          struct nbd_wait *, struct error *err);

/* Servers may refuse a request that does not consist of whole blocks of so
 * many bytes; 1: this one says nothing of that.
 */
extern uint32_t nbd_conn_min_block (struct nbd_handle *);

/* Read, as nbd_pread does, but any bytes, whatever the server's block size is.
 * Fails as nbd_conn_wait does.  Before anything else is done with the
 * connection after that, nbd_conn_drop must be called.
 */
extern int nbd_conn_pread (struct nbd_handle *, void *buf, size_t len,
                           uint64_t offset, struct nbd_wait *,
                           struct error *err);
/* Close the connection if a command on it has not ended: an answer that comes
 * later would be written to a buffer that may be gone.
 */
extern void nbd_conn_drop (struct nbd_handle **);

/* As nbd_uri_check_trust, for the libnbd that is here. */
extern int nbd_conn_check_trust (const struct nbd_uri *, struct error *err);

/* Connect to URI with the meta contexts, a list ended by NULL, or NULL for
 * none.  Fails as nbd_conn_wait does.
 */
extern struct nbd_handle *nbd_conn_connect (const char *uri,
                                            const char *const *contexts,
                                            struct nbd_wait *,
                                            struct error *err);
/* Begin to connect, without any meta context: the caller polls until the
 * handle is ready, or not alive.  NULL without an error: libnbd has refused it.
 */
extern struct nbd_handle *nbd_conn_begin (const char *uri, struct error *err);
/* As nbd_conn_connect, but the options are the caller's to negotiate (libnbd's
 * opt mode); with a server that has none the handle is ready.
 */
extern struct nbd_handle *nbd_conn_negotiate (const char *uri,
                                              struct nbd_wait *,
                                              struct error *err);
/* As nbd_conn_connect for other threads, with an error for each failure.  Of
 * WAIT it takes wake_fd and deadline_ms, and give_up is a timeout, too.
 */
extern struct nbd_handle *nbd_conn_open (const char *uri,
                                         const char *const *contexts,
                                         struct nbd_wait *wait,
                                         struct error *err);
/* How long to wait for the first connection to a server that may be silent
 * for STALL_TIMEOUT_S (0: for ever), and for one more to a server that has
 * opened one in FIRST_MS: some servers allow few clients, and let others wait
 * until one of these has left.
 */
extern int nbd_conn_timeout_ms (unsigned stall_timeout_s);
extern int nbd_conn_another_ms (unsigned stall_timeout_s, int first_ms);

/* Wait until something happens on one of the N connections (some may be NULL,
 * and there may be NBD_CONN_POLL_MAX), WAKE_FD is readable, or TIMEOUT_MS (-1:
 * for ever) have passed.  Completions are called from here.  True: WAKE_FD is
 * readable.
 */
#define NBD_CONN_POLL_MAX 8
extern bool nbd_conn_poll (struct nbd_handle *const *handles, size_t n,
                           int wake_fd, int timeout_ms);

/* The last error of libnbd in this thread.  It is never NULL, even when libnbd
 * had no memory for the text.
 */
extern const char *nbd_conn_reason (void);

/* Can commands be sent? */
extern bool nbd_conn_alive (struct nbd_handle *);

/* Disconnect, and close the handle; NULL is fine.  With replies still to
 * come this can crash the server: nbdkit 1.32 fails an assertion when it
 * finds the socket closed by another of its threads.  So wait for the replies.
 */
extern void nbd_conn_close (struct nbd_handle **);
/* The same, when nothing is in flight, and wait until the server has hung up,
 * but not for ever.  By then it has closed its own connection to the source,
 * so that a source that allows one connection does not get a second one.
 */
extern void nbd_conn_leave (struct nbd_handle **);

#endif /* V2V_NBD_CONN_H */
