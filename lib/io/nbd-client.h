/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Connecting to an NBD server from the main thread, without blocking it:
 * what the server prints is read meanwhile.
 */

#ifndef V2V_NBD_CLIENT_H
#define V2V_NBD_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;
struct nbd_handle;
struct supervisor;

struct nbd_wait {
  struct supervisor *supervisor;
  int64_t deadline_ms;
  /* Asked now and then: is there no use in waiting?  May be NULL. */
  bool (*give_up) (void *data);
  void *data;
};

/* Connect.  NULL: *err is set, unless give_up said so or the deadline came,
 * or the server refused; then the reason is for the caller to find, and
 * *timed_out says which it was.
 */
extern struct nbd_handle *nbd_client_connect (const char *uri,
                                              const struct nbd_wait *,
                                              bool *timed_out,
                                              struct error *err);
/* The same, asking for the meta context too. */
extern struct nbd_handle *nbd_client_connect_map (const char *uri,
                                                  const char *context,
                                                  const struct nbd_wait *,
                                                  bool *timed_out,
                                                  struct error *err);
/* Read, as nbd_pread does, but any bytes, whatever the server's blocks are.
 * Returns 0, or -1 in the same ways.
 */
extern int nbd_client_pread (struct nbd_handle *, void *buf, size_t len,
                             uint64_t offset, const struct nbd_wait *,
                             bool *timed_out, struct error *err);

/* Ask for extents, as nbd_block_status does.  Returns in the same ways. */
extern int nbd_client_extents (struct nbd_handle *, uint64_t len,
                               uint64_t offset,
                               int (*fn) (void *data, const char *context,
                                          uint64_t offset, uint32_t *entries,
                                          size_t n, int *error),
                               void *data, const struct nbd_wait *,
                               bool *timed_out, struct error *err);

#endif /* V2V_NBD_CLIENT_H */
