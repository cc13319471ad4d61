/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Block devices on SSH servers: nbdkit's ssh plugin before 1.46 needs a
 * library of ours to find out their size.
 */

#ifndef V2V_SSH_PRELOAD_H
#define V2V_SSH_PRELOAD_H

struct nbdkit_cmd;
struct source_request;

/* Let the command's nbdkit load that library, if the location can be known to
 * be a block device without asking the server, the nbdkit needs it, and it is
 * installed.
 */
extern void ssh_preload_describe (const struct source_request *,
                                  struct nbdkit_cmd *);

#endif /* V2V_SSH_PRELOAD_H */
