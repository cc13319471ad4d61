/* SPDX-License-Identifier: GPL-2.0-or-later */

/* From the plugin's parameters to an SSH connection whose user is logged in.
 * Nothing here blocks for longer than the time limit, but for what libssh does
 * before it connects (it looks up the host's name).
 */

#ifndef V2V_SSH_LOGIN_H
#define V2V_SSH_LOGIN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libssh/libssh.h>

#include "ssh-trouble.h"

/* Parameters of nbdkit's ssh plugin; NULL: not given. */
struct ssh_params {
  const char *host, *path, *port, *user, *known_hosts;
  char *password;
  const char *config;           /* "": no file is read */
  const char **identities;
  size_t identities_len;
  bool verify_remote_host, compression;
  uint32_t timeout_s;           /* 0: not given */
};

/* What a login has found out, for the next one with the same parameters. */
struct ssh_remembered {
  atomic_bool by_password;
  atomic_bool guess_denied;     /* nothing is tried before its turn */
};

/* How a step of libssh's, which would have to wait, goes on. */
struct ssh_wait {
  int wake_fd;                  /* readable: give up */
  int64_t deadline_ms;          /* of the monotonic clock */
};

/* Has nbdkit been told to end?  Then it prints that somebody has asked.  Not
 * for nbdkit's own threads: there it can be their client that has gone.
 */
extern bool ssh_nbdkit_ends (void);

/* The time that a server has for each answer. */
extern struct ssh_wait ssh_wait_begin (const struct ssh_params *,
                                       int wake_fd);
/* Wait for the server.  False: it is time to give up, as it is when nbdkit is
 * to end: it waits until its clients have their answers.
 */
extern bool ssh_wait (const struct ssh_wait *, ssh_session);

/* Connect to the host, and be sure that it is the right one.  NULL with *why.
 * Logging in has been asked for then, but nobody is named yet, and the answer
 * has not been waited for.  A session is non-blocking; the caller frees it
 * with ssh_logout.
 */
extern ssh_session ssh_reach (const struct ssh_params *, int wake_fd,
                              struct trouble *why);
/* Be let in by it.  TROUBLE_GUESS: connect again, and try once more. */
extern bool ssh_login (const struct ssh_params *, struct ssh_remembered *,
                       ssh_session, int wake_fd, struct trouble *why);

/* Disconnect, and free what belongs to the session; NULL is fine. */
extern void ssh_logout (ssh_session);

#endif /* V2V_SSH_LOGIN_H */
