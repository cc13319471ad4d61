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
struct launch_context;
struct nbdkit_cmd;

/* As much as it takes to see what a disk is. */
#define NBDKIT_SERVER_START 1024
#define NBDKIT_SERVER_END 512

/* Read its fields only.  What nbdkit printed, and whether it has died, is
 * asked of the daemon.
 */
struct nbdkit_server {
  const struct nbdkit_cmd *cmd;
  struct daemon *daemon;
  char *socket;
  char *uri;
  struct qemu_nbd *below;       /* what nbdkit reads from, or NULL; whoever
                                   sets it ends it afterwards */
  /* The first bytes of the disk, when whoever opened it has read them. */
  char start[NBDKIT_SERVER_START];
  size_t start_len;
  /* The last ones, when he has asked for them, too: what libnbd calls the
   * read, of which nobody has waited for the end; 0: none.
   */
  char end[NBDKIT_SERVER_END];
  int64_t end_cookie;
};

/* Start CMD, which must outlive the server, in DIR (mode 0700, and short: a
 * socket's path has 107 bytes), and wait until it listens.  If it does not:
 * NULL, nbdkit's reason in *err, and nothing left behind.  DISK is for events;
 * SELINUX: label the socket's file.
 */
extern struct nbdkit_server *
nbdkit_server_start (const struct nbdkit_cmd *cmd, const char *dir, int disk,
                     bool selinux, const struct launch_context *,
                     struct error *err);
/* Where nbdkit opens files by their names: has it opened what such a name
 * leads to now, and not what was opened before it was started?  Or, when it
 * has a client (CONNECTED), not all of these?  Then -1 with
 * REASON_SOURCE_CHANGED.
 */
extern int nbdkit_server_check_files (const struct nbdkit_server *,
                                      bool connected, struct error *err);
/* Close clients first: nbdkit waits for them.  NULL is fine. */
extern void nbdkit_server_free (struct nbdkit_server *);

/* Fill in *err from nbdkit's exit status and last messages; returns -1. */
extern int nbdkit_server_report_death (const struct nbdkit_server *,
                                       struct error *err);

#endif /* V2V_SERVER_H */
