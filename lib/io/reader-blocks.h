/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Reading scattered metadata of an NBD server with as few waits as possible,
 * in a process that has no supervisor.
 */

#ifndef V2V_READER_BLOCKS_H
#define V2V_READER_BLOCKS_H

struct error;
struct reader;

/* The content of the NBD server at URI, read through up to CONNECTIONS
 * connections (at least one; when the server does not allow as many, fewer),
 * all of them opened here.  Small reads get and keep the 64 KiB around them;
 * reader_prefetch reads with many requests at once.  When nothing arrives for
 * TIMEOUT_S seconds that is an error with REASON_TIMEOUT, and so is all that
 * is read later.  Reading all of it several times is one, too, with
 * REASON_INTERNAL: some metadata would send their readers round in circles.
 * PROGRESS (may be NULL) is called with DATA when something has arrived.
 */
extern struct reader *reader_blocks_new (const char *uri,
                                         unsigned connections,
                                         unsigned timeout_s,
                                         void (*progress) (void *data),
                                         void *data, struct error *err);

#endif /* V2V_READER_BLOCKS_H */
