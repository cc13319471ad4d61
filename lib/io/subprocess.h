/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Starting another program, with an argument list and no shell. */

#ifndef V2V_SUBPROCESS_H
#define V2V_SUBPROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/argv.h"
#include "base/cleanup.h"

struct confine;
struct error;
struct supervisor;

/* What to run, and in what surroundings.  Zero or NULL means: as ours. */
struct subprocess_spec {
  struct argv *argv;            /* argv[0] is looked up in PATH */
  const struct argv *env;       /* KEY=VALUE to set on top of ours; LANG
                                   takes LC_* and LANGUAGE away */
  const char *cwd;
  int cwd_fd;                   /* a directory; -1: CWD says it */
  int stdin_fd;                 /* -1: /dev/null */
  int stdout_fd;                /* -1: /dev/null */
  int stderr_fd;                /* -1: /dev/null */
  int listen_fd;                /* a listening socket to pass as systemd's
                                   socket activation does; -1: none */
  const int *passed_fds;        /* become descriptors 4, 5... */
  int n_passed;
  const struct confine *confine; /* what it may open; NULL: all that we may */
  uint64_t max_memory;          /* bytes of address space; 0: no limit */
  uint64_t max_data;            /* bytes of memory that it can write to, which
                                   is not what it only reserves; 0: no limit */
  unsigned max_cpu_s;           /* seconds of CPU time; 0: no limit */
  bool own_group;               /* the terminal's Ctrl-C is not for it */
  bool is_users_command;        /* gets what our caller gave us: descriptors,
                                   all of the environment, core files, and
                                   the privileges of setuid programs */
};
#define SUBPROCESS_SPEC(args) \
  { .argv = (args), .stdin_fd = -1, .stdout_fd = -1, .stderr_fd = -1, \
    .listen_fd = -1, .cwd_fd = -1 }

/* A child that has been started and not yet been waited for. */
struct child {
  pid_t pid;                    /* 0: there is none */
  int pidfd;                    /* readable: ask child_has_ended */
};
#define CHILD_INIT { .pid = 0, .pidfd = -1 }

/* Look NAME up as execvp does.  NULL, with errno ENOENT or EACCES: there is no
 * such program in PATH.  The caller frees it.
 */
extern char *subprocess_find (const char *name, struct error *err);
/* Is there such a program?  If not: -1, with errno likewise. */
extern int subprocess_look_up (const char *name, struct error *err);

/* Start the program.  When it cannot be executed: -1, with errno ENOENT,
 * EACCES... and no child left.
 */
extern int subprocess_start (const struct subprocess_spec *,
                             struct child *ret, struct error *err);

/* Wait for the child's end, which must be near: its status, as waitpid
 * gives it.  The child is gone afterwards.
 */
extern int child_reap (struct child *);
extern bool child_has_ended (const struct child *);
/* Wait for the child's end, which may not come. */
extern bool child_ends_within (const struct child *, int timeout_ms);
/* Ask the child to end, wait TIMEOUT_MS, then kill it.  Does nothing when
 * there is no child.  Returns its status, or 0.
 */
extern int child_end (struct child *, int timeout_ms);

/* What a program printed. */
struct captured {
  char *out, *err;              /* ended by a NUL byte */
  int status;                   /* as waitpid gives it */
};
extern void captured_reset (struct captured *);
#define CLEANUP_CAPTURED __attribute__ ((cleanup (captured_reset)))

/* Run the program to its end and keep what it prints, up to 16 MiB for
 * each stream.  -1 when it cannot be started, takes longer than TIMEOUT_MS
 * or prints more; a non-zero exit is not an error here.
 * The descriptors in SPEC for stdout and stderr are ignored.
 */
extern int subprocess_capture (struct supervisor *,
                               const struct subprocess_spec *,
                               int timeout_ms, struct captured *ret,
                               struct error *err);

/* The same in two steps, so that others can run meanwhile.  NULL: it cannot be
 * started, with errno ENOENT, EACCES...  The arguments must outlive it.
 */
struct capture;
extern struct capture *capture_begin (struct supervisor *,
                                      const struct subprocess_spec *,
                                      struct error *err);
/* Frees the capture, too.  TIMEOUT_MS is counted from now on. */
extern int capture_end (struct capture *, int timeout_ms,
                        struct captured *ret, struct error *err);
/* Kill the program; NULL is fine. */
extern void capture_free (struct capture *);

V2V_DEFINE_CLEANUP (cleanup_capture, struct capture *, capture_free);
#define CLEANUP_CAPTURE __attribute__ ((cleanup (cleanup_capture)))

/* The exit status in a shell's terms: 128+N for signal N. */
extern int status_to_exit (int status);
/* "exited with status 1", "was killed by signal 9 (Killed)".  The caller
 * frees it; NULL when there is no memory.
 */
extern char *status_describe (int status);

#endif /* V2V_SUBPROCESS_H */
