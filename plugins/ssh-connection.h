/* SPDX-License-Identifier: GPL-2.0-or-later */

/* One SSH connection with one file opened over SFTP, and the thread that
 * drives it: it logs in, opens the file, and then keeps many reads in flight.
 * What becomes of a read that a lost connection has left behind is up to the
 * owner (ssh-pool.c).
 */

#ifndef V2V_SSH_CONNECTION_H
#define V2V_SSH_CONNECTION_H

#include <stdatomic.h>
#include <stdint.h>

#include "sftp-packet.h"
#include "ssh-login.h"
#include "ssh-piece.h"
#include "ssh-trouble.h"

struct connection;

/* What a connection tells its owner, in its own thread and with no lock held.
 * All of them are needed.
 */
struct connection_ops {
  /* It has reached the host.  Wait until it may log in; false: it must not. */
  bool (*reached) (void *owner, struct connection *);
  /* The server has let us in. */
  void (*logged_in) (void *owner, struct connection *);
  /* The file is open, and it is this. */
  void (*opened) (void *owner, struct connection *,
                  const struct sftp_attrs *);
  /* All of PIECE has come, if the trouble is NULL; or else it never will. */
  void (*finished) (void *owner, struct connection *, struct piece *,
                    const struct trouble *);
  /* The connection is gone, or never was, and its thread ends.  Nothing may be
   * sent from here on.  connection_rest gives what was not finished.
   */
  void (*lost) (void *owner, struct connection *, const struct trouble *);
};

/* What all connections of an owner share. */
struct connection_shared {
  const struct ssh_params *params;
  struct ssh_remembered remembered;
  /* What the server sends in one reply: it is less than SFTP_DATA_MAX if it
   * has sent less.
   */
  _Atomic uint32_t reply_max;
};

/* NULL: there is no memory, or no thread. */
extern struct connection *connection_new (struct connection_shared *,
                                          const struct connection_ops *,
                                          void *owner);
/* Read PIECE, which stays where it is until it is finished.  From any
 * thread.
 */
extern void connection_send (struct connection *, struct piece *);
/* End soon; the owner's "lost" is called.  From any thread. */
extern void connection_stop (struct connection *);
/* After "lost": append the pieces that are left. */
extern void connection_rest (struct connection *, struct pieces *);
/* After "lost": wait for the end of the thread, which is at hand. */
extern void connection_free (struct connection *);

#endif /* V2V_SSH_CONNECTION_H */
