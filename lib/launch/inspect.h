/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_INSPECT_H
#define V2V_INSPECT_H

struct disk;
struct error;
struct image;
struct launch_context;
struct nbd_handle;
struct nbdkit_server;
struct plan;

/* Find out which image the disk is, that SERVER serves as planned, through a
 * connection to it, which is closed.  One that cannot be read as a disk, or
 * that is not what the user or the guest's metadata say, is an error; what
 * else is odd about it is a warning.  The caller resets *RET.
 */
extern int inspect_disk (const struct disk *, const struct plan *,
                         const struct nbdkit_server *server,
                         struct nbd_handle *nbd,
                         const struct launch_context *, struct image *ret,
                         struct error *err);

/* A disk of 0 bytes is none; this is its error. */
extern int inspect_refuse_empty (const struct plan *, struct error *err);

#endif /* V2V_INSPECT_H */
