/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Running a program to its end and keeping what it prints. */

#include <config.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "io/collect.h"
#include "io/subprocess.h"
#include "io/supervisor.h"

#define CAPTURE_MAX (16 * 1024 * 1024)

void
captured_reset (struct captured *captured)
{
  free (captured->out);
  free (captured->err);
  *captured = (struct captured) { .out = NULL };
}

struct capture_run {
  struct collect out, err;
};

static bool
both_ended (void *data)
{
  struct capture_run *run = data;

  return collect_is_complete (&run->out) && collect_is_complete (&run->err);
}

/* Read both streams to their end, then the exit status. */
static int
capture_until_end (struct supervisor *sv, struct capture_run *run,
                   struct child *child, const char *name, int timeout_ms,
                   int *status, struct error *err)
{
  const int64_t deadline_ms = clock_ms () + timeout_ms;
  const int r = supervisor_wait (sv, both_ended, run, deadline_ms, err);

  if (r == 1)
    error_set (err, REASON_TIMEOUT, _("%s did not end within %d seconds"),
               name, timeout_ms / 1000);
  else if (r == 0 && (run->out.too_long || run->err.too_long))
    error_set (err, REASON_INTERNAL, _("%s does not stop printing"), name);
  if (error_is_set (err)) {
    child_end (child, 0);
    return -1;
  }
  /* It closed its output, so its end is near; one that stays is ended. */
  *status = child_ends_within (child, timeout_ms) ? child_reap (child)
                                            : child_end (child, 0);
  return 0;
}

int
subprocess_capture (struct supervisor *sv,
                    const struct subprocess_spec *original, int timeout_ms,
                    struct captured *ret, struct error *err)
{
  struct capture_run run = { .out = COLLECT_INIT, .err = COLLECT_INIT };
  struct subprocess_spec spec = *original;
  CLEANUP_FD int out_wr = collect_open (&run.out, sv, CAPTURE_MAX, err);
  CLEANUP_FD int err_wr = out_wr == -1 ? -1
    : collect_open (&run.err, sv, CAPTURE_MAX, err);
  struct child child = CHILD_INIT;
  int r = -1, saved_errno = 0;

  if (err_wr != -1) {
    spec.stdout_fd = out_wr;
    spec.stderr_fd = err_wr;
    r = subprocess_start (&spec, &child, err);
    if (r == -1)
      saved_errno = errno;
  }
  close_fd (&out_wr);
  close_fd (&err_wr);
  if (r == 0)
    r = capture_until_end (sv, &run, &child, spec.argv->ptr[0], timeout_ms,
                           &ret->status, err);
  /* Both, also when the first one fails: no watch may outlive RUN. */
  if (collect_close (&run.out, err) == -1)
    r = -1;
  if (collect_close (&run.err, err) == -1)
    r = -1;
  ret->out = run.out.text;
  ret->err = run.err.text;
  errno = saved_errno;          /* why it could not be started */
  return r;
}
