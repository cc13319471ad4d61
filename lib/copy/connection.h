/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What a worker reads from: an NBD connection, or the file that the server
 * would read.
 */

#ifndef V2V_CONNECTION_H
#define V2V_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libnbd.h>

struct error;
struct nbd_wait;

struct conn {
  struct nbd_handle *h;         /* NULL: it is a file, or not open */
  int fd;                       /* -1: it is a connection, or not open */
  uint64_t size;
  uint32_t align, max;          /* of requests */
};
/* As nbd_conn_open. */
extern int conn_open_nbd (struct conn *, const char *uri,
                          const char *const *contexts, struct nbd_wait *,
                          struct error *err);
/* The file FD, which has SIZE bytes. */
extern int conn_open_file (struct conn *, int fd, uint64_t size,
                           struct error *err);
extern bool conn_is_open (const struct conn *);
extern bool conn_is_file (const struct conn *);
extern bool conn_alive (const struct conn *);
extern void conn_close (struct conn *);
/* As nbd_aio_pread; reads of a file have completed on return.  Their error is
 * ENODATA when the file has become shorter.
 */
extern int conn_read (struct conn *, void *buf, size_t len, uint64_t offset,
                      nbd_completion_callback completion);

#endif /* V2V_CONNECTION_H */
