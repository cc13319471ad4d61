/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A running nbdkit, serving on a Unix socket in a private directory.  It
 * ends with nbdkit_server_free, with our own death, or by itself.
 */

#ifndef V2V_SERVER_H
#define V2V_SERVER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/argv.h"

struct error;
struct events;
struct nbdkit_cmd;
struct nbdkit_server;
struct supervisor;

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

/* They belong to the server. */
extern const char *nbdkit_server_uri (const struct nbdkit_server *);
extern const char *nbdkit_server_socket (const struct nbdkit_server *);

/* Say that nbdkit never opened its source: it may hang in opening it, and
 * does not end on SIGTERM then, so that nbdkit_server_free kills it.
 */
extern void nbdkit_server_give_up (struct nbdkit_server *);

extern bool nbdkit_server_has_died (const struct nbdkit_server *);
/* The server closed a connection without an error message, so that it may be
 * dying.  Wait until its end is seen, at most TIMEOUT_MS; 0: only look.
 */
extern void nbdkit_server_await_death (struct nbdkit_server *,
                                       int timeout_ms);

/* The first error messages that nbdkit printed since the last call of
 * nbdkit_server_forget_errors.  Later ones are mostly consequences.
 */
extern const struct argv *nbdkit_server_errors (const struct nbdkit_server *);
extern void nbdkit_server_forget_errors (struct nbdkit_server *);

/* Fill in *err from nbdkit's exit status and last messages; returns -1. */
extern int nbdkit_server_report_death (const struct nbdkit_server *,
                                       struct error *err);

#endif /* V2V_SERVER_H */
