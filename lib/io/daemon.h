/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A server process of ours (nbdkit, qemu-nbd): what it prints is read all
 * the time and its death is noticed at once.
 */

#ifndef V2V_DAEMON_H
#define V2V_DAEMON_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/argv.h"

struct confine;
struct daemon;
struct error;
struct events;
struct supervisor;

struct daemon_spec {
  const char *program;          /* "nbdkit": its name in events */
  struct argv *argv;
  const struct argv *shown;     /* it without secrets, in events; NULL: there
                                   are none in it */
  const struct argv *env;       /* or NULL */
  const char *cwd;              /* or NULL */
  int cwd_fd;                   /* a directory instead of it, or -1 */
  int listen_fd;                /* socket activation, or -1 */
  const int *passed_fds;        /* become descriptors 4, 5... */
  int n_passed;
  const struct argv *files;     /* what they are, in events; or NULL */
  const struct confine *confine; /* what it may open, or NULL */
  uint64_t max_data;            /* bytes, as in subprocess_spec; 0: any */
  int disk;                     /* in events */
  /* Takes secrets out of a line before anyone sees it; may be NULL. */
  void (*redact) (const void *data, char *line);
  const void *redact_data;
};

extern struct daemon *daemon_start (const struct daemon_spec *,
                                    struct supervisor *,
                                    const struct events *,
                                    struct error *err);
/* SIGTERM, then SIGKILL when it does not end.  NULL is fine. */
extern void daemon_free (struct daemon *);
/* SIGTERM; then wait, at most TIMEOUT_S seconds (0: for ever), until it has
 * ended, and kill it if it has not.  daemon_status is how it ended.
 *   0  it has ended
 *   1  it was killed
 *   2  it had died before it was asked to end
 *  -1  error; a signal of the user, for example: it may still be running
 */
extern int daemon_end (struct daemon *, unsigned timeout_s, struct error *err);
/* It hangs, and daemon_free need not wait for its orderly end. */
extern void daemon_give_up (struct daemon *);

/* Wait until the file NAME has been written in DIR.
 *   0  it has, or the daemon has died (ask daemon_has_died)
 *   1  DEADLINE_MS has come
 *  -1  error
 */
extern int daemon_wait_for_file (struct daemon *, const char *dir,
                                 const char *name, int64_t deadline_ms,
                                 struct error *err);

/* 0: it has died. */
extern pid_t daemon_pid (const struct daemon *);
extern bool daemon_has_died (const struct daemon *);
/* Wait until it has, at most TIMEOUT_MS. */
extern void daemon_await_death (struct daemon *, int timeout_ms);
/* How it died, as waitpid tells it. */
extern int daemon_status (const struct daemon *);

/* Lines that it printed, kept for messages: the first errors that are not
 * forgotten (a broken session repeats itself for each request), and the last
 * lines of any kind.
 */
extern const struct argv *daemon_errors (const struct daemon *);
extern const struct argv *daemon_last_lines (const struct daemon *);
extern void daemon_forget_lines (struct daemon *);
/* To be called again and again while all is well: errors are forgotten after
 * half a second or more.
 */
extern void daemon_forget_old_errors (struct daemon *);
/* How many errors it has printed since it was started. */
extern unsigned daemon_error_count (const struct daemon *);

#endif /* V2V_DAEMON_H */
