/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_SSH_KEY_H
#define V2V_SSH_KEY_H

struct argv;
struct error;
struct secret;

#define SSH_KEY_OPTION "ssh-identity" /* of -io */

/* If the private key that OPTIONS, those of -io, name can be read only once,
 * read it: *ret is the caller's.  Otherwise *ret stays as it is.
 */
extern int ssh_key_read_once (const struct argv *options,
                              struct secret **ret, struct error *err);

#endif /* V2V_SSH_KEY_H */
