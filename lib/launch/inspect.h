/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_INSPECT_H
#define V2V_INSPECT_H

struct error;
struct launch_context;
struct launched_disk;
struct nbd_handle;
struct nbdkit_server;

/* Find out which image disk INDEX is, which SERVER serves, through a
 * connection to it, which is closed.  One that cannot be read as a disk, or
 * that is not what the user or the guest's metadata say, is an error; what else
 * is odd about it is a warning.
 */
extern int inspect_disk (struct launched_disk *, unsigned index,
                         const struct nbdkit_server *server,
                         struct nbd_handle *nbd,
                         const struct launch_context *, struct error *err);

#endif /* V2V_INSPECT_H */
