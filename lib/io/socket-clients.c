/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Counts the clients of a Unix socket.  Servers do not tell how many they
 * have, but the kernel lists all sockets, and those that were accepted under
 * the name of the one that listens.
 */

#include <config.h>

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "io/socket-clients.h"

#define UNIX_LISTENS 0x10000    /* the kernel's __SO_ACCEPTCON */

/* Is the line of a socket that was connected to PATH?  "Num RefCount Protocol
 * Flags Type St Inode Path", all numbers but the inode's hexadecimal.
 */
static bool
is_client (const char *line, const char *path)
{
  unsigned flags;
  int at = 0;

  return sscanf (line, "%*s %*x %*x %x %*x %*x %*u %n", &flags, &at) == 1 &&
    at > 0 && (flags & UNIX_LISTENS) == 0 && strcmp (line + at, path) == 0;
}

int
socket_clients (const char *path, struct error *err)
{
  CLEANUP_FCLOSE FILE *fp = fopen ("/proc/net/unix", "re");
  CLEANUP_FREE char *line = NULL;
  size_t size = 0;
  int n = 0;

  if (fp == NULL)
    return error_errno (err, REASON_INTERNAL, "/proc/net/unix");
  while (getline (&line, &size, fp) != -1) {
    line[strcspn (line, "\n")] = '\0';
    n += is_client (line, path);
  }
  return n;
}
