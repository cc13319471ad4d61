/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Metadata that is not on this host (a .vmx on an ESXi host, an OVA on a
 * web server), read through an nbdkit of its own, which ends when the
 * reader is freed.
 */

#ifndef V2V_REMOTE_READER_H
#define V2V_REMOTE_READER_H

struct error;
struct launch_context;
struct location;
struct reader;

/* The location and the context must outlive the reader. */
extern struct reader *remote_reader_new (const struct location *,
                                         const struct launch_context *,
                                         struct error *err);

#endif /* V2V_REMOTE_READER_H */
