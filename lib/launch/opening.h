/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Starting a planned nbdkit and opening what it serves, so that an error of a
 * source is reported within seconds, with its reason.
 */

#ifndef V2V_OPENING_H
#define V2V_OPENING_H

#include <stdbool.h>

struct error;
struct guard;
struct launch_context;
struct nbd_handle;
struct nbdkit_cmd;
struct nbdkit_server;
struct plan;
struct tempdir;

/* Make a private directory that is fit for sockets (mode 0700, a short
 * path).  The guard ends processes that are started from now on.
 */
extern struct tempdir *opening_dir_new (struct guard *, struct error *err);

/* Warn if other users could put another directory in the place of this one. */
extern void opening_warn_exposed (const struct tempdir *,
                                  const struct launch_context *);

/* Ask the server what nbdkit does not check, before it is started, and have
 * the plan's commands read the very file that it tells of.
 */
extern int opening_preflight (struct plan *, const struct launch_context *,
                              struct error *err);
/* Start CMD, one of the plan's, in DIR, which opening_dir_new has made, or in
 * a directory in it; connect, and read a little: opening proves nothing about
 * reading.  LOOKS_AT_END: inspect_disk will look at it.  The caller closes the
 * handle.  *SERVER is the caller's as well, and there may be one when NULL is
 * returned.
 */
extern struct nbd_handle *opening_open (const struct plan *,
                                        const struct nbdkit_cmd *cmd,
                                        const char *dir,
                                        const struct launch_context *,
                                        bool looks_at_end,
                                        struct nbdkit_server **server,
                                        struct error *err);

/* Start it, and no more. */
extern int opening_start (const struct plan *, const struct nbdkit_cmd *cmd,
                          const char *dir, const struct launch_context *,
                          struct nbdkit_server **server, struct error *err);

/* As opening_open, to find out whether the source takes another client beside
 * the first one, which took FIRST_MS to open: a server may let it wait until
 * that has left.
 */
extern struct nbd_handle *opening_open_another (const struct plan *,
                                                const struct nbdkit_cmd *cmd,
                                                const char *dir,
                                                const struct launch_context *,
                                                int first_ms,
                                                struct nbdkit_server **server,
                                                struct error *err);

/* End the server, and what it reads from.  NULL is fine. */
extern void opening_server_free (struct nbdkit_server *);
/* Has one of the two died?  Then -1, with its last messages in *err. */
extern int opening_server_check (const struct nbdkit_server *,
                                 struct error *err);

#endif /* V2V_OPENING_H */
