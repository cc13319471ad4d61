/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A poll loop with one entry for signals.  Watches are few (a handful for
 * each disk), so an array does.
 */

#include <config.h>

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/vector.h"
#include "io/supervisor.h"

struct watch {
  int fd;
  supervisor_fn fn;             /* NULL: removed, to be swept */
  void *data;
};

DEFINE_VECTOR (struct watches, watches, struct watch);
DEFINE_VECTOR (struct pollfds, pollfds, struct pollfd);

struct supervisor {
  struct pollfds pollfds;       /* side by side with watches */
  struct watches watches;
  int signal_fd;
  int signal;
  bool hold_signals;
};

static void
read_signals (void *data, short revents __attribute__ ((unused)))
{
  struct supervisor *sv = data;
  struct signalfd_siginfo info;

  while (read (sv->signal_fd, &info, sizeof info) == sizeof info) {
    if (sv->signal != 0 && sv->hold_signals)
      _exit (128 + (int) info.ssi_signo);
    if (sv->signal == 0)
      sv->signal = (int) info.ssi_signo;
  }
}

/* nohup ignores SIGHUP on our behalf, and that holds. */
static void
add_unless_ignored (sigset_t *set, int sig)
{
  struct sigaction action;

  if (sigaction (sig, NULL, &action) == 0 && action.sa_handler != SIG_IGN)
    sigaddset (set, sig);
}

struct supervisor *
supervisor_new (struct error *err)
{
  struct supervisor *sv = alloc_zero (sizeof *sv, err);
  sigset_t set;

  if (sv == NULL)
    return NULL;
  sigemptyset (&set);
  add_unless_ignored (&set, SIGINT);
  add_unless_ignored (&set, SIGTERM);
  add_unless_ignored (&set, SIGHUP);
  add_unless_ignored (&set, SIGQUIT); /* Ctrl-\ */
  sv->signal_fd = signalfd (-1, &set, SFD_NONBLOCK|SFD_CLOEXEC);
  if (sv->signal_fd == -1)
    error_errno (err, REASON_INTERNAL, "signalfd");
  else if (sigprocmask (SIG_BLOCK, &set, NULL) == -1)
    error_errno (err, REASON_INTERNAL, "sigprocmask");
  else if (supervisor_watch (sv, sv->signal_fd, POLLIN, read_signals, sv,
                             err) == 0)
    return sv;
  supervisor_free (sv);
  return NULL;
}

void
supervisor_free (struct supervisor *sv)
{
  if (sv == NULL)
    return;
  close_if_open (sv->signal_fd);
  pollfds_reset (&sv->pollfds);
  watches_reset (&sv->watches);
  free (sv);
}

static size_t
find_watch (const struct supervisor *sv, int fd)
{
  size_t i;

  for (i = 0; i < sv->watches.len; i++)
    if (sv->watches.ptr[i].fd == fd && sv->watches.ptr[i].fn != NULL)
      break;
  return i;
}

int
supervisor_watch (struct supervisor *sv, int fd, short events,
                  supervisor_fn fn, void *data, struct error *err)
{
  const struct watch watch = { .fd = fd, .fn = fn, .data = data };
  const struct pollfd pollfd = { .fd = fd, .events = events };
  const size_t i = find_watch (sv, fd);

  if (i < sv->watches.len) {
    sv->watches.ptr[i] = watch;
    sv->pollfds.ptr[i] = pollfd;
    return 0;
  }
  if (pollfds_append (&sv->pollfds, pollfd) == -1)
    return error_nomem (err);
  if (watches_append (&sv->watches, watch) == -1) {
    sv->pollfds.len--;
    return error_nomem (err);
  }
  return 0;
}

void
supervisor_unwatch (struct supervisor *sv, int fd)
{
  const size_t i = find_watch (sv, fd);

  if (i == sv->watches.len)
    return;
  /* Only marked: a callback may be running over the arrays. */
  sv->watches.ptr[i].fn = NULL;
  sv->pollfds.ptr[i].fd = -1;
  sv->pollfds.ptr[i].revents = 0;
}

static void
sweep_watches (struct supervisor *sv)
{
  size_t kept = 0;

  for (size_t i = 0; i < sv->watches.len; i++) {
    if (sv->watches.ptr[i].fn == NULL)
      continue;
    sv->watches.ptr[kept] = sv->watches.ptr[i];
    sv->pollfds.ptr[kept] = sv->pollfds.ptr[i];
    kept++;
  }
  sv->watches.len = sv->pollfds.len = kept;
}

static int
poll_once (struct supervisor *sv, int timeout_ms, struct error *err)
{
  size_t n;

  sweep_watches (sv);
  n = sv->watches.len;          /* callbacks may add to the end */
  if (poll (sv->pollfds.ptr, n, timeout_ms) == -1) {
    if (errno == EINTR)
      return 0;
    return error_errno (err, REASON_INTERNAL, "poll");
  }
  for (size_t i = 0; i < n; i++) {
    const struct watch watch = sv->watches.ptr[i];
    const short revents = sv->pollfds.ptr[i].revents;

    if (revents != 0 && watch.fn != NULL)
      watch.fn (watch.data, revents);
  }
  return 0;
}

static int
timeout_until (int64_t deadline_ms)
{
  int64_t left;

  if (deadline_ms == SUPERVISOR_FOREVER)
    return -1;
  left = deadline_ms - clock_ms ();
  if (left <= 0)
    return 0;
  /* The deadline may be days away; poll takes an int. */
  return left > 3600 * 1000 ? 3600 * 1000 : (int) left;
}

static int
interrupted (const struct supervisor *sv, struct error *err)
{
  return error_set (err, REASON_INTERRUPTED,
                    _("interrupted by signal %d (%s)"), sv->signal,
                    strsignal (sv->signal));
}

int
supervisor_wait (struct supervisor *sv, supervisor_done_fn done, void *data,
                 int64_t deadline_ms, struct error *err)
{
  for (;;) {
    int timeout_ms;

    if (sv->signal != 0 && !sv->hold_signals)
      return interrupted (sv, err);
    if (done (data))
      return 0;
    timeout_ms = timeout_until (deadline_ms);
    if (poll_once (sv, timeout_ms, err) == -1)
      return -1;
    if (timeout_ms == 0)
      return done (data) ? 0 : 1;
  }
}

static bool
never (void *data __attribute__ ((unused)))
{
  return false;
}

int
supervisor_pause (struct supervisor *sv, int ms, struct error *err)
{
  return supervisor_wait (sv, never, NULL, clock_ms () + ms, err) == -1
    ? -1 : 0;
}

int
supervisor_signal (struct supervisor *sv)
{
  read_signals (sv, 0);
  return sv->signal;
}

void
supervisor_hold_signals (struct supervisor *sv)
{
  sv->hold_signals = true;
}
