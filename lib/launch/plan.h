/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Which nbdkit commands a disk gets.  The conversion's reads and the copy's
 * want opposite things, so there may be two:
 *
 *   - the overlay's command serves one reader that asks for one piece after
 *     the other and cannot retry: readahead, and retry next to the plugin;
 *   - the copy's command serves many reads at once, and the copy retries by
 *     itself: neither of them, but every connection that the plugin gives.
 *
 * Where the second would do nothing better there is only the first.
 */

#ifndef V2V_PLAN_H
#define V2V_PLAN_H

#include <stdbool.h>

#include "copy/limits.h"
#include "guest/guest.h"
#include "io/http.h"
#include "nbdkit/caps.h"
#include "nbdkit/cmd.h"
#include "settings.h"
#include "source/ops.h"

struct launch_context;

struct plan {
  const struct source_ops *source;
  const struct location *location;
  struct source_request request; /* what the source is called with */
  int disk;                     /* in events; -1: none of the guest's */
  struct http_file file;        /* what the server says of it; set by
                                   opening_preflight */
  struct aside *aside;          /* asks once more, as soon as that is known;
                                   or NULL */
  bool selinux;                 /* label the sockets */
  struct nbdkit_cmd *overlay_cmd; /* what the overlay reads from */
  /* What is started first where the server may end with its first client; it
   * is replaced by overlay_cmd if the server takes a second one, and serves
   * everything if not.  NULL: there is no need for it.
   */
  struct nbdkit_cmd *single_cmd;
  struct nbdkit_cmd *copy_cmd;  /* the copy's own; NULL: the overlay's
                                   serves both */
  bool copys_first;             /* where nothing is converted, copy_cmd is
                                   enough: another nbdkit would log in again */
  struct copy_limits limits;    /* for whichever the copy reads from */
  unsigned open_timeout_s;      /* how long opening and a first read take on
                                   a busy server */
  bool unpacks;                 /* a filter unpacks what the source sends */
  const char *unpack_dir;       /* where a filter unpacks all of it, before
                                   anything can be read; or NULL */
  unsigned pace_ms;             /* from one request or connection to the next,
                                   for servers that count them; 0: any.  Set by
                                   pace_slow_down */
  /* A local file whose bytes are those that nbdkit serves; or NULL. */
  const struct local_file *direct;
  struct copy_limits direct_limits; /* where the copy reads it directly */
};

/* What will be done with the disk that nbdkit serves? */
enum plan_use {
  PLAN_SERVE,                   /* it is read, not copied */
  PLAN_CONVERT_AND_COPY,        /* others read through the overlay, too */
  PLAN_COPY                     /* nobody but the copy reads it */
};

/* Plan disk DISK.  Only what nbdkit can do is looked at: the source is not
 * touched.
 */
extern int plan_disk (const struct location *, int disk, enum plan_use,
                      const struct launch_context *, struct plan *ret,
                      struct error *err);
extern void plan_reset (struct plan *);

/* Should sockets be labelled?  -1: they should and cannot. */
extern int plan_selinux (const struct launch_context *, bool *ret,
                         struct error *err);

#endif /* V2V_PLAN_H */
