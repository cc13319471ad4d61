/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Running a program to its end and keeping what it prints. */

#include <config.h>

#include <errno.h>

#include "base/alloc.h"
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

struct capture {
  struct supervisor *supervisor;
  const char *name;             /* of the program, in messages */
  struct child child;
  struct collect out, err;
};

static bool
both_ended (void *data)
{
  struct capture *capture = data;

  return collect_is_complete (&capture->out) &&
    collect_is_complete (&capture->err);
}

/* Read both streams to their end, then the exit status. */
static int
read_all (struct capture *capture, int timeout_ms, int *status,
          struct error *err)
{
  struct child *child = &capture->child;
  const int r = supervisor_wait (capture->supervisor, both_ended, capture,
                                 clock_ms () + timeout_ms, err);

  if (r == 1)
    error_set (err, REASON_TIMEOUT, _("%s did not end within %d seconds"),
               capture->name, timeout_ms / 1000);
  else if (r == 0 && (capture->out.too_long || capture->err.too_long))
    error_set (err, REASON_INTERNAL, _("%s does not stop printing"),
               capture->name);
  if (error_is_set (err)) {
    child_end (child, 0);
    return -1;
  }
  /* It closed its output, so its end is near; one that stays is ended. */
  *status = child_ends_within (child, timeout_ms) ? child_reap (child)
                                            : child_end (child, 0);
  return 0;
}

static int
start (struct capture *capture, const struct subprocess_spec *original,
       struct error *err)
{
  struct supervisor *sv = capture->supervisor;
  struct subprocess_spec spec = *original;
  CLEANUP_FD int out_wr = collect_open (&capture->out, sv, CAPTURE_MAX, err);
  CLEANUP_FD int err_wr = out_wr == -1 ? -1
    : collect_open (&capture->err, sv, CAPTURE_MAX, err);

  if (err_wr == -1)
    return -1;
  spec.stdout_fd = out_wr;
  spec.stderr_fd = err_wr;
  return subprocess_start (&spec, &capture->child, err);
}

struct capture *
capture_begin (struct supervisor *sv, const struct subprocess_spec *spec,
               struct error *err)
{
  struct capture *capture = alloc_zero (sizeof *capture, err);

  if (capture == NULL)
    return NULL;
  *capture = (struct capture) {
    .supervisor = sv, .name = spec->argv->ptr[0], .child = CHILD_INIT,
    .out = COLLECT_INIT, .err = COLLECT_INIT,
  };
  if (start (capture, spec, err) == 0)
    return capture;
  cleanup_capture (&capture);   /* errno says why it could not be started */
  return NULL;
}

/* Both streams, also when the first one fails: no watch may outlive them. */
static int
close_streams (struct capture *capture, struct error *err)
{
  const int out = collect_close (&capture->out, err);
  const int other = collect_close (&capture->err, err);

  return out == -1 || other == -1 ? -1 : 0;
}

int
capture_end (struct capture *capture, int timeout_ms, struct captured *ret,
             struct error *err)
{
  int r = read_all (capture, timeout_ms, &ret->status, err);

  if (close_streams (capture, err) == -1)
    r = -1;
  ret->out = capture->out.text;
  ret->err = capture->err.text;
  free (capture);
  return r;
}

void
capture_free (struct capture *capture)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;

  if (capture == NULL)
    return;
  child_end (&capture->child, 0);
  close_streams (capture, &ignored);
  free (capture->out.text);
  free (capture->err.text);
  free (capture);
}

int
subprocess_capture (struct supervisor *sv, const struct subprocess_spec *spec,
                    int timeout_ms, struct captured *ret, struct error *err)
{
  struct capture *capture = capture_begin (sv, spec, err);
  int r;

  if (capture == NULL)
    return -1;
  r = capture_end (capture, timeout_ms, ret, err);
  errno = 0;                    /* it could be started */
  return r;
}
