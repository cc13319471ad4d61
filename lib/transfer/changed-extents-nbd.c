/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Reads a dirty bitmap of an NBD server as a list of changed extents.  nbdkit
 * does not pass such contexts on, so that the server is asked directly, before
 * nbdkit connects to it: qemu-nbd serves one client at a time unless it was
 * told otherwise.
 */

#include <config.h>

#include <inttypes.h>
#include <string.h>
#include <sys/param.h>

#include "base/alloc.h"
#include "base/argv.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/events.h"
#include "base/i18n.h"
#include "context.h"
#include "guest/location.h"
#include "io/nbd-conn.h"
#include "launch/reach.h"
#include "settings.h"
#include "source/explain.h"
#include "source/source.h"
#include "transfer/changed-extents.h"

#define PREFIX "nbd:"
/* The one kind of context whose flags say what has changed. */
#define BITMAP "qemu:dirty-bitmap:"
#define STATE_DIRTY 1           /* NBD's protocol does not know it; qemu's
                                   docs/interop/nbd.txt */
/* A request may be longer in the protocol, but not for every server. */
#define REQUEST_MAX (UINT64_C (1) << 30)

struct query {
  const char *context;
  const struct location *location;
  const struct launch_context *launch;
  struct changed_extents *ret;
  struct nbd_handle *h;
  struct nbd_wait wait;
  struct argv offered;          /* the server's contexts */
  char *failure;                /* why the server refuses the export */
  uint64_t next;                /* where the next answer begins */
  bool no_memory;
  struct reach reach;
};

const char *
changed_extents_context (const char *what)
{
  return strncmp (what, PREFIX, strlen (PREFIX)) == 0
    ? what + strlen (PREFIX) : NULL;
}

/*--- Errors. ---*/

static int
explain_unreachable (struct query *query, struct error *err)
{
  CLEANUP_FREE char *what = location_describe (query->location, err);

  if (what == NULL)
    return -1;
  error_move (err, &query->reach.unreachable);
  error_wrap (err, _("cannot open %s"), what);
  return -1;
}

/* As nbdkit's: the message that libnbd gives is the same in both. */
static int
explain (struct query *query, const char *line, struct error *err)
{
  CLEANUP_SOURCE_REQUEST struct source_request request = { .source = NULL };
  CLEANUP_ARGV struct argv lines = { .ptr = NULL };

  if (error_is_set (err))
    return -1;
  if (error_is_set (&query->reach.unreachable))
    return explain_unreachable (query, err);
  if (source_request_of (query->location, query->launch->settings,
                         query->launch->caps, &request, err) == -1 ||
      argv_append (&lines, line, err) == -1)
    return -1;
  source_explain (&request, SOURCE_OPEN, &lines, err);
  if (query->wait.timed_out)
    err->reason = REASON_TIMEOUT;
  source_hint_command (&request, err);
  return -1;
}

static int
explain_wait (struct query *query, struct error *err)
{
  return explain (query, query->wait.timed_out
                  ? _("the server does not answer")
                  : query->failure != NULL ? query->failure
                  : nbd_conn_reason (), err);
}

/* The server has an export of that name, but no such bitmap of it. */
static int
refuse_missing (struct query *query, struct error *err)
{
  CLEANUP_FREE char *what = location_describe (query->location, err);
  CLEANUP_FREE char *list = alloc_copy ("", err);

  for (size_t i = 0; list != NULL && i < query->offered.len; i++) {
    char *longer = format (err, "%s%s%s", list, i > 0 ? ", " : "",
                           query->offered.ptr[i]);

    free (list);
    list = longer;
  }
  if (what == NULL || list == NULL)
    return -1;
  error_set (err, REASON_NOT_FOUND, _("%s has no metadata context %s"), what,
             query->context);
  if (query->offered.len > 0)
    error_hint (err, _("the server offers: %s"), list);
  error_add_hint (err, _("qemu-nbd offers a bitmap with --bitmap=NAME, a "
                         "running qemu with \"bitmaps\" of "
                         "block-export-add"));
  return -1;
}

/*--- Connecting. ---*/

/* The answer must come within 5 seconds if the host cannot be reached. */
static bool
host_is_unreachable (void *data)
{
  struct query *query = data;

  return reach_ask (&query->reach) == -1;
}

static int
note_offered (void *data, const char *name)
{
  struct query *query = data;

  query->no_memory |= argv_ptrs_take (&query->offered, strdup (name)) == -1;
  return 0;
}

static int
note_outcome (void *data, int *error)
{
  struct query *query = data;

  if (*error != 0 && query->failure == NULL)
    query->failure = strdup (nbd_conn_reason ());
  return 1;
}

static int
open_connection (struct query *query, struct error *err)
{
  query->reach.started_ms = clock_ms ();
  query->wait.deadline_ms = query->reach.started_ms + INT64_C (1000) *
    source_find (query->location->kind)->open_timeout_s;
  query->h = nbd_conn_negotiate (location_nbd_uri (query->location),
                                 &query->wait, err);
  return query->h != NULL ? 0 : explain_wait (query, err);
}

/* Wait until an option is negotiated, well or not: what is said of it comes
 * through a callback.
 */
static int
await_option (struct query *query, int r, struct error *err)
{
  return r == -1 || nbd_conn_wait (query->h, 0, &query->wait, err) == -1
    ? explain_wait (query, err) : 0;
}

/* Only for the message.  libnbd refuses to ask servers that cannot have any,
 * and those that insist on TLS: what is wrong with these is said when the
 * export is chosen.
 */
static int
list_contexts (struct query *query, struct error *err)
{
  const nbd_context_callback context = {
    .callback = note_offered, .user_data = query,
  };

  if (nbd_aio_is_negotiating (query->h) != 1 || /* without options */
      nbd_aio_opt_list_meta_context (query->h, context,
                                     NBD_NULL_COMPLETION) == -1)
    return 0;
  return await_option (query, 0, err);
}

static int
choose_export (struct query *query, struct error *err)
{
  const nbd_completion_callback outcome = {
    .callback = note_outcome, .user_data = query,
  };

  if (nbd_aio_is_negotiating (query->h) != 1)
    return 0;
  if (nbd_add_meta_context (query->h, query->context) == -1)
    return explain_wait (query, err);
  if (await_option (query, nbd_aio_opt_go (query->h, outcome), err) == -1)
    return -1;
  return query->failure != NULL ? explain_wait (query, err) : 0;
}

/*--- Reading. ---*/

static int
add_extents (void *data, const char *context, uint64_t offset,
             uint32_t *entries, size_t n, int *error)
{
  struct query *query = data;
  const uint64_t size = query->ret->export_size;
  struct ranges *ranges = &query->ret->ranges;

  if (strcmp (context, query->context) != 0)
    return 0;
  for (size_t i = 0; i + 1 < n && offset < size; i += 2) {
    const struct range range = {
      .offset = offset, .len = MIN (entries[i], size - offset),
    };

    offset += range.len;
    if ((entries[i + 1] & STATE_DIRTY) != 0 &&
        ranges_add (ranges, range) == -1) {
      query->no_memory = true;
      *error = ENOMEM;
      return -1;
    }
  }
  query->next = offset;
  return 0;
}

static int
read_part (struct query *query, struct error *err)
{
  const uint64_t from = query->next;
  const uint64_t len = MIN (REQUEST_MAX, query->ret->export_size - from);
  const nbd_extent_callback extents = {
    .callback = add_extents, .user_data = query,
  };
  CLEANUP_FREE char *what = NULL;

  query->wait.deadline_ms = clock_ms () +
    nbd_conn_timeout_ms (query->launch->settings->stall_timeout_s);
  if (nbd_conn_wait (query->h,
                     nbd_aio_block_status (query->h, len, from, extents,
                                           NBD_NULL_COMPLETION, 0),
                     &query->wait, err) == 0 && query->next > from)
    return 0;
  if (error_is_set (err))
    return -1;
  what = location_describe (query->location, err);
  if (what == NULL)
    return -1;
  return query->no_memory ? error_nomem (err)
    : error_set (err, query->wait.timed_out ? REASON_TIMEOUT : REASON_READ,
                 _("cannot read %s of %s at offset %" PRIu64 ": %s"),
                 query->context, what, from, query->wait.timed_out
                 ? _("the server does not answer")
                 : query->wait.errnum != 0 ? strerror (query->wait.errnum)
                 : _("the answer is empty"));
}

static int
read_bitmap (struct query *query, struct error *err)
{
  const int64_t size = nbd_get_size (query->h);

  if (query->no_memory)
    return error_nomem (err);
  if (size == -1)
    return explain_wait (query, err);
  if (nbd_can_meta_context (query->h, query->context) != 1)
    return refuse_missing (query, err);
  query->ret->export_size = (uint64_t) size;
  while (query->next < query->ret->export_size)
    if (read_part (query, err) == -1)
      return -1;
  return 0;
}

static int
check_context (const char *context, const struct location *location,
               struct error *err)
{
  CLEANUP_FREE char *what = location_describe (location, err);

  if (what == NULL)
    return -1;
  if (strncmp (context, BITMAP, strlen (BITMAP)) != 0 ||
      context[strlen (BITMAP)] == '\0') {
    error_set (err, REASON_USAGE,
               _("--changed-extents %s%s is not a dirty bitmap, so it does "
                 "not say what has changed"), PREFIX, context);
    error_hint (err, _("give --changed-extents %sNAME; nbdinfo --json URI "
                       "lists the contexts"), PREFIX BITMAP);
    return -1;
  }
  if (location_nbd_uri (location) != NULL)
    return 0;
  error_set (err, REASON_USAGE,
             _("--changed-extents %s%s reads the bitmap from an NBD source, "
               "but %s is none"), PREFIX, context, what);
  error_hint (err, _("serve the disk and its bitmap over NBD (qemu-nbd -r -t "
                     "--bitmap=NAME), or give a file that lists the extents"));
  return -1;
}

int
changed_extents_query (const char *context, const struct location *location,
                       const struct launch_context *launch,
                       struct changed_extents *ret, struct error *err)
{
  struct query query = {
    .context = context, .location = location, .launch = launch, .ret = ret,
    .wait = {
      .supervisor = launch->supervisor, .wake_fd = -1,
      .give_up = host_is_unreachable, .data = &query,
    },
    .reach = {
      .location = location, .supervisor = launch->supervisor,
      .unreachable = ERROR_INIT,
    },
  };
  int r = -1;

  if (check_context (context, location, err) == 0 &&
      open_connection (&query, err) == 0 && list_contexts (&query, err) == 0 &&
      choose_export (&query, err) == 0)
    r = read_bitmap (&query, err);
  if (query.h != NULL)
    nbd_conn_leave (&query.h);
  argv_reset (&query.offered);
  free (query.failure);
  error_reset (&query.reach.unreachable);
  return r;
}
