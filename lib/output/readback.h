/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_READBACK_H
#define V2V_READBACK_H

struct error;
struct output;

/* Serve the target of disk INDEX, which must be closed, to be read back: from
 * storage and not from the page cache, as far as that is possible.
 * SOCKET_DIR is a private directory with a short path.  The URI belongs to
 * the output, until output_unserve.
 */
extern const char *output_serve (struct output *, unsigned index,
                                 const char *socket_dir, struct error *err);
extern void output_unserve (struct output *, unsigned index);

#endif /* V2V_READBACK_H */
