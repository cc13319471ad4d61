/* SPDX-License-Identifier: GPL-2.0-or-later */

/* How many clients does a source take at once?  A server may take one only,
 * and may end when that one leaves: the first nbdkit (the plan's single_cmd)
 * has one connection, which it keeps.  It cannot make another one when that
 * breaks, and serves all from it; so, if the source takes a second client
 * meanwhile, an nbdkit that makes a connection for each of its own clients
 * takes over, of which there will always be one.
 */

#ifndef V2V_CLIENTS_H
#define V2V_CLIENTS_H

#include <stdbool.h>

struct error;
struct launch_context;
struct nbd_handle;
struct nbdkit_cmd;
struct nbdkit_server;
struct plan;

struct clients {
  const struct plan *plan;      /* of the disk, */
  const char *name;             /* which is called so: "sda" */
  bool takes_one;               /* one at a time: another was refused */
  bool takes_many;              /* so the server says, and it may be believed
                                   */
  const struct nbdkit_cmd *another; /* of the nbdkit that was let in, too, and
                                   took over; or NULL */
  struct nbd_handle *kept;      /* so that the source always has a client; or
                                   NULL */
};

/* The command of the nbdkit that the overlay reads from, as far as is known
 * by now.
 */
extern const struct nbdkit_cmd *clients_command (const struct clients *);
/* Beside *SERVER, whose command is single_cmd and which took FIRST_MS to open,
 * try an nbdkit with CMD, another one of the plan's.  It takes the place of
 * *SERVER (and frees it) if the source takes two.
 */
extern int clients_try_another (struct clients *,
                                const struct nbdkit_cmd *cmd,
                                const char *dir,
                                const struct launch_context *, int first_ms,
                                struct nbdkit_server **server,
                                struct error *err);
/* Has a server with the only connection lost it?  Then it is of no use any
 * more, and is ended, and -1 returned.
 */
extern int clients_end_if_lost (const struct clients *,
                                const struct nbdkit_server *,
                                struct error *err);
extern void clients_reset (struct clients *);

#endif /* V2V_CLIENTS_H */
