/* SPDX-License-Identifier: GPL-2.0-or-later */

/* SELinux labels for what a confined qemu (svirt) is to connect to. */

#ifndef V2V_SELINUX_H
#define V2V_SELINUX_H

#include <stdbool.h>

struct error;

/* What nbdkit's --selinux-label gets. */
#define SELINUX_SOCKET_LABEL "system_u:object_r:svirt_socket_t:s0"

/* SELinux is enforcing or permissive on this host. */
extern bool selinux_host_enabled (void);

/* Label the socket's file at PATH, which nbdkit does not do. */
extern int selinux_label_socket (const char *path, struct error *err);

#endif /* V2V_SELINUX_H */
