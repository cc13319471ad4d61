/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A launch and its servers: what launch.c and launch-watch.c share. */

#ifndef V2V_LAUNCH_INTERNAL_H
#define V2V_LAUNCH_INTERNAL_H

#include <stdbool.h>

#include "base/error.h"
#include "launch/clients.h"
#include "launch/launch.h"

struct nbdkit_server;
struct tempdir;

/* A disk's servers: the overlay's, which the copy reads from too unless it
 * has one of its own.
 */
enum role { FOR_OVERLAY, FOR_COPY, ROLES };

struct running_disk {
  struct launched_disk public;
  struct nbdkit_server *servers[ROLES]; /* NULL: not there, or not yet */
  struct clients clients;
  struct error changed;         /* what a server has said of that, if the
                                   source remembers it */
};

struct launch {
  const struct launch_context *context;
  struct tempdir *dir;
  struct running_disk *disks;
  unsigned n;
  unsigned restarts;
  bool only_copies;             /* nobody reads through the overlays */
};

/* As launch_explain, for one server, which may be NULL.  False: the error is
 * not about it.
 */
extern bool launch_explain_by (const struct running_disk *,
                               const struct nbdkit_server *,
                               struct error *err);

#endif /* V2V_LAUNCH_INTERNAL_H */
