/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_NBD_READER_H
#define V2V_NBD_READER_H

struct error;
struct launch_context;
struct reader;

/* What the NBD server at URI shows, each read having TIMEOUT_S. */
extern struct reader *nbd_reader_new (const char *uri, unsigned timeout_s,
                                      const struct launch_context *,
                                      struct error *err);

#endif /* V2V_NBD_READER_H */
