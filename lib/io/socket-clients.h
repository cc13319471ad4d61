/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_SOCKET_CLIENTS_H
#define V2V_SOCKET_CLIENTS_H

struct error;

/* How many connections the server at this Unix socket, an absolute path, has,
 * also those that it has not accepted yet.  The path itself may be gone.  -1:
 * the kernel does not tell.
 */
extern int socket_clients (const char *path, struct error *err);

#endif /* V2V_SOCKET_CLIENTS_H */
