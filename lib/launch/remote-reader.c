/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A reader of a remote file with metadata, through an nbdkit of its own.
 * Inputs read a few bytes here and there, or all of a file from its start,
 * one piece after the other.  Over 10 ms of latency 512 bytes take as long as
 * 64 KiB, so a window is read and kept, which grows while reads follow each
 * other.  Starting nbdkit is left to opening.c, the metadata to the inputs.
 */

#include <config.h>

#include <string.h>

#include <libnbd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "context.h"
#include "io/nbd-conn.h"
#include "io/reader.h"
#include "io/tempdir.h"
#include "launch/opening.h"
#include "launch/pace.h"
#include "launch/plan.h"
#include "launch/remote-reader.h"
#include "nbdkit/server.h"
#include "source/explain.h"

#define WINDOW_MIN (64 << 10)
#define WINDOW_MAX (2 << 20)    /* what every plugin takes in one request */

struct remote_reader {
  struct reader base;
  const struct launch_context *context;
  struct plan plan;
  struct tempdir *dir;
  struct nbdkit_server *server;
  struct nbd_handle *nbd;
  struct {
    char *data;                 /* WINDOW_MAX bytes */
    uint64_t offset;
    size_t len, wanted;
  } window;
};

static bool
server_has_died (void *data)
{
  const struct remote_reader *reader = data;

  return daemon_has_died (reader->server->daemon);
}

static int
explain_read (const struct remote_reader *reader, bool timed_out,
              struct error *err)
{
  CLEANUP_FREE char *what = NULL;

  if (error_is_set (err))
    return -1;
  if (daemon_has_died (reader->server->daemon))
    return nbdkit_server_report_death (reader->server, err);
  if (!timed_out)
    return source_explain (&reader->plan.request, SOURCE_READ,
                           daemon_errors (reader->server->daemon), err);
  what = location_describe (reader->plan.location, err);
  return what == NULL ? -1
    : error_set (err, REASON_TIMEOUT,
                 _("cannot read %s: no answer after %u seconds"), what,
                 reader->plan.open_timeout_s);
}

static int
read_window (struct remote_reader *reader, uint64_t offset, struct error *err)
{
  const uint64_t left = reader->base.size - offset;
  const bool follows = reader->window.len > 0 &&
    offset == reader->window.offset + reader->window.len;
  struct nbd_wait wait = {
    .supervisor = reader->context->supervisor,
    .deadline_ms = clock_ms () +
      INT64_C (1000) * reader->plan.open_timeout_s,
    .give_up = server_has_died,
    .data = reader,
  };
  size_t len;

  if (!follows)
    reader->window.wanted = WINDOW_MIN;
  else if (reader->window.wanted < WINDOW_MAX)
    reader->window.wanted *= 2;
  len = reader->window.wanted;
  if (len > left)
    len = (size_t) left;
  reader->window.len = 0;
  if (pace_keep (&reader->plan, reader->context, err) == -1)
    return -1;
  if (reader->nbd == NULL ||
      nbd_conn_pread (reader->nbd, reader->window.data, len, offset, &wait,
                      err) == -1) {
    explain_read (reader, wait.timed_out, err);
    nbd_conn_drop (&reader->nbd);
    return -1;
  }
  reader->window.offset = offset;
  reader->window.len = len;
  return 0;
}

static int
remote_pread (struct reader *base, void *buf, size_t len, uint64_t offset,
              struct error *err)
{
  struct remote_reader *reader = (struct remote_reader *) base;
  char *to = buf;

  while (len > 0) {
    const uint64_t start = reader->window.offset;
    const uint64_t end = start + reader->window.len;
    size_t n;

    if (offset < start || offset >= end) {
      if (read_window (reader, offset, err) == -1)
        return -1;
      continue;
    }
    n = end - offset < len ? (size_t) (end - offset) : len;
    memcpy (to, reader->window.data + (offset - start), n);
    to += n;
    offset += n;
    len -= n;
  }
  return 0;
}

/* The client first: nbdkit waits for it. */
static void
remote_free (struct reader *base)
{
  struct remote_reader *reader = (struct remote_reader *) base;

  nbd_close (reader->nbd);
  opening_server_free (reader->server);
  plan_reset (&reader->plan);
  tempdir_free (reader->dir);
  free (reader->window.data);
  free (reader);
}

static int
try_remote (struct remote_reader *reader, struct error *err)
{
  const struct launch_context *context = reader->context;

  reader->dir = opening_dir_new (context->guard, err);
  if (reader->dir == NULL)
    return -1;
  reader->nbd = opening_open (&reader->plan, reader->plan.overlay_cmd,
                              tempdir_path (reader->dir), context, false,
                              &reader->server, err);
  return reader->nbd != NULL ? 0 : -1;
}

static int
open_remote (struct remote_reader *reader, const struct location *location,
             struct error *err)
{
  const struct launch_context *context = reader->context;
  int64_t size;

  if (plan_disk (location, -1, PLAN_SERVE, context, &reader->plan,
                 err) == -1 ||
      opening_preflight (&reader->plan, context, err) == -1)
    return -1;
  while (try_remote (reader, err) == -1) {
    if (!pace_slow_down (&reader->plan, context, err))
      return -1;
    opening_server_free (reader->server);
    reader->server = NULL;
    tempdir_free (reader->dir);
    reader->dir = NULL;
  }
  size = nbd_get_size (reader->nbd);
  reader->base.size = size > 0 ? (uint64_t) size : 0;
  return 0;
}

struct reader *
remote_reader_new (const struct location *location,
                   const struct launch_context *context, struct error *err)
{
  struct remote_reader *reader = alloc_zero (sizeof *reader, err);

  if (reader == NULL)
    return NULL;
  reader->base.remote = true;
  reader->base.pread = remote_pread;
  reader->base.free = remote_free;
  reader->context = context;
  reader->window.data = alloc_zero (WINDOW_MAX, err);
  if (reader->window.data != NULL &&
      open_remote (reader, location, err) == 0)
    return &reader->base;
  remote_free (&reader->base);
  return NULL;
}
