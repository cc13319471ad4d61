/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_NBD_READER_H
#define V2V_NBD_READER_H

struct error;
struct reader;
struct supervisor;

/* The content of the NBD server at URI.  Connecting and each read may take
 * TIMEOUT_S seconds, and end when SUPERVISOR sees a signal.
 */
extern struct reader *nbd_reader_new (const char *uri, unsigned timeout_s,
                                      struct supervisor *,
                                      struct error *err);

#endif /* V2V_NBD_READER_H */
