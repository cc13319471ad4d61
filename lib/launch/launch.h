/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A guest's disks, served: each has its nbdkit running, which was connected to
 * and read from once, so that errors of a source are known early.
 */

#ifndef V2V_LAUNCH_H
#define V2V_LAUNCH_H

#include <stdbool.h>
#include <stdint.h>

#include "guest/guest.h"
#include "image/image.h"
#include "launch/plan.h"

struct error;
struct launch;
struct launch_context;
struct nbd_handle;

struct launched_disk {
  struct plan plan;
  const struct disk *disk;      /* of the guest */
  char name[DISK_NAME_MAX];               /* "sda" */
  uint64_t size;                /* of what nbdkit serves, in bytes */
  struct image image;           /* what that is; after launch_start */
  const char *uri, *socket;     /* nbdkit's, for the overlay and for COMMAND */
};

/* Plan all disks of the guest, which must outlive the launch.  Starts
 * nothing.
 */
extern struct launch *launch_new (const struct guest *, enum plan_use,
                                  const struct launch_context *,
                                  struct error *err);
extern void launch_free (struct launch *); /* ends the servers */

/* Start an nbdkit for each disk and open it. */
extern int launch_start (struct launch *, struct error *err);

extern unsigned launch_disk_count (const struct launch *);
extern const struct launched_disk *launch_disk (const struct launch *,
                                                unsigned index);
/* The private directory (0700, a short path), for sockets; after
 * launch_start.
 */
extern const char *launch_dir (const struct launch *);

/* The URI that the copy reads disk INDEX from; starts its own nbdkit when
 * it has one.  NULL on error.
 */
extern const char *launch_copy_uri (struct launch *, unsigned index,
                                    struct error *err);

/* The URI of a server of the same disk with one connection to the source, which
 * is open, while launch_copy_uri's opens one for each of its clients.  NULL:
 * there is none beside that.
 */
extern const char *launch_single_uri (const struct launch *, unsigned index);

/* Of the servers of disk INDEX that run, the one that answers several requests
 * at once, if there is one: the overlay's, with nbdkit's retry filter, answers
 * one after the other.
 */
extern const char *launch_parallel_uri (const struct launch *,
                                        unsigned index);

/* A connection to that server that is there, and idle, because the source must
 * not be left without a client (clients.h).  Whoever closes it sets it to
 * NULL.  NULL, or pointing to NULL: there is none.
 */
extern struct nbd_handle **launch_kept (const struct launch *,
                                        unsigned index);

/* Does the source of disk INDEX take more than one client, so that a copy can
 * read from it beside a conversion?  After launch_start.
 */
extern bool launch_takes_more (const struct launch *, unsigned index);

/* Is there reason to end the copy of disk INDEX?  Then -1: the server that
 * the copy reads from has died; or, when the copy is STUCK, the server's
 * error messages say that waiting does not help (a login is refused).
 */
extern int launch_watch (struct launch *, unsigned index, bool stuck,
                         struct error *err);
/* Replace servers that have died, under new names. */
extern int launch_revive (struct launch *, struct error *err);

/* Has a server of disk INDEX printed an error since it was started? */
extern bool launch_had_errors (const struct launch *, unsigned index);

/* Has a server died?  Then -1, with its last messages in *err. */
extern int launch_check (const struct launch *, struct error *err);
/* The same of those that a conversion reads from. */
extern int launch_check_overlays (const struct launch *, struct error *err);
/* Do the names of local disks still lead to what was opened? */
extern int launch_check_names (const struct launch *, struct error *err);

/* A client of a server only sees that a read or a connection failed.  Make
 * its error one that quotes nbdkit's error messages.
 */
extern void launch_explain (const struct launch *, struct error *err);
/* Whatever has failed: if a server has said that its source changed, that is
 * the error, even if it has died since.  One that took its place would not
 * know.
 */
extern void launch_explain_change (struct launch *, struct error *err);

#endif /* V2V_LAUNCH_H */
