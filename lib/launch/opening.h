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

struct opening {
  const struct launch_context *context;
  const struct plan *plan;
  const char *dir;              /* from opening_dir_new */
  int disk;                     /* in events; -1: none of the guest's */
  bool selinux;                 /* label the sockets */
};

/* Make a private directory that is fit for sockets (mode 0700, a short
 * path).  The guard ends processes that are started from now on.
 */
extern struct tempdir *opening_dir_new (struct guard *, struct error *err);

/* Ask the server what nbdkit does not check, before it is started. */
extern int opening_preflight (const struct opening *, struct error *err);
/* Start CMD, one of the plan's. */
extern struct nbdkit_server *opening_start (const struct opening *,
                                            const struct nbdkit_cmd *cmd,
                                            struct error *err);
/* Connect, and read a little: opening proves nothing about reading.  The
 * caller closes the handle.
 */
extern struct nbd_handle *opening_connect (const struct opening *,
                                           struct nbdkit_server *,
                                           struct error *err);

#endif /* V2V_OPENING_H */
