/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A running nbdkit, serving on a Unix socket in a private directory.  It
 * ends with nbdkit_server_free, with our own death, or by itself.
 */

#ifndef V2V_SERVER_H
#define V2V_SERVER_H

#include <stdbool.h>
#include <stddef.h>

#include "io/daemon.h"

struct error;
struct events;
struct nbdkit_cmd;
struct supervisor;

/* Read its fields only.  What nbdkit printed, and whether it has died, is
 * asked of the daemon.
 */
struct nbdkit_server {
  const struct nbdkit_cmd *cmd;
  struct daemon *daemon;
  char *socket;
  char *uri;
};

struct nbdkit_server_settings {
  const char *dir;              /* mode 0700, short: a socket's path has
                                   107 bytes */
  int disk;                     /* in events */
  unsigned startup_timeout_s;
  bool selinux;                 /* label the socket's file */
};

/* Start CMD, which must outlive the server, and wait until it listens.  If
 * it does not: NULL, nbdkit's reason in *err, and nothing left behind.
 */
extern struct nbdkit_server *
nbdkit_server_start (const struct nbdkit_cmd *cmd,
                     const struct nbdkit_server_settings *,
                     struct supervisor *, const struct events *,
                     struct error *err);
/* Close clients first: nbdkit waits for them.  NULL is fine. */
extern void nbdkit_server_free (struct nbdkit_server *);

/* Fill in *err from nbdkit's exit status and last messages; returns -1. */
extern int nbdkit_server_report_death (const struct nbdkit_server *,
                                       struct error *err);

#endif /* V2V_SERVER_H */
