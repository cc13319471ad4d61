/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The plugin of our own for SSH (plugins/ssh-plugin.c). */

#ifndef V2V_SSH_PLUGIN_H
#define V2V_SSH_PLUGIN_H

#include <stdbool.h>

struct error;
struct source_request;

/* For the table of source-ssh.c. */
extern char *ssh_plugin_file (const struct source_request *,
                              struct error *err);
/* Is it what the request's nbdkit will run? */
extern bool ssh_plugin_is_used (const struct source_request *);

#endif /* V2V_SSH_PLUGIN_H */
