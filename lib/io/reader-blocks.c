/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A reader that waits for its servers itself.  Maps of file systems are small
 * and far apart: one after the other, each would cost a round trip.  So there
 * are requests for many of them in flight, and what was read is kept: the last
 * blocks, and what reader_prefetch was told of.
 */

#include <config.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/ranges.h"
#include "io/nbd-conn.h"
#include "io/reader-blocks.h"
#include "io/reader.h"

/* The largest block size that an NBD server may ask for. */
#define BLOCK (UINT64_C (64) << 10)
#define CACHE_BLOCKS 64
/* Blocks that one read fetches at once: they must stay in the cache until the
 * last one has been copied from it.
 */
#define BATCH (CACHE_BLOCKS / 2)
#define IN_FLIGHT_MAX 64
#define REQUEST_MAX (UINT64_C (256) << 10)
/* Replies to requests that nobody needs any more. */
#define LEAVE_MS 2000
/* Of what is read twice there is little, and metadata of tens of GiB there is
 * none: who reads more goes round in circles.
 */
#define FETCHED_MAX (UINT64_C (64) << 30)
#define FETCHED_EXTRA (UINT64_C (64) << 20)

struct cached {
  char *buf;                    /* BLOCK bytes; NULL: nothing yet */
  uint64_t number;              /* of the block */
  uint64_t used;                /* the larger, the later */
};

/* What was prefetched: SOURCE of the server is at BUF. */
struct piece {
  struct range source;
  char *buf;
};
DEFINE_VECTOR (struct pieces, pieces, struct piece);

struct blocks {
  struct reader base;
  char *uri;
  struct nbd_handle *handles[NBD_CONN_POLL_MAX];
  unsigned n;
  uint64_t min, max;            /* of requests, bytes */
  uint64_t fetched;             /* bytes that were asked for */
  int64_t timeout_ms;
  void (*progress) (void *data);
  void *data;
  bool broken;
  int64_t asked_ms;             /* when it was connected, or the last request
                                   was sent */
  uint64_t clock;               /* of the cache */
  struct cached cache[CACHE_BLOCKS];
  struct pieces pieces;         /* sorted, no two overlap */
  char *prefetched;             /* their memory */
};

struct request {
  char *buf;
  size_t len;
  uint64_t offset;
  bool done;
  int error;                    /* errno */
};
DEFINE_VECTOR (struct requests, requests, struct request);

/*--- Requests. ---*/

static int
note_end (void *data, int *error)
{
  struct request *request = data;

  request->done = true;
  request->error = *error;
  return 1;                     /* nbd_aio_command_completed is not called */
}

static bool
is_ready (struct nbd_handle *h)
{
  return nbd_conn_alive (h) && nbd_aio_is_connecting (h) == 0;
}

/* The connection with the fewest requests, or NULL. */
static struct nbd_handle *
least_busy (struct blocks *blocks, unsigned *in_flight)
{
  struct nbd_handle *best = NULL;

  *in_flight = 0;
  for (unsigned i = 0; i < blocks->n; i++) {
    struct nbd_handle *h = blocks->handles[i];

    if (!is_ready (h))
      continue;
    *in_flight += (unsigned) nbd_aio_in_flight (h);
    if (best == NULL || nbd_aio_in_flight (h) < nbd_aio_in_flight (best))
      best = h;
  }
  return best;
}

/* Replies must not come to buffers that are gone. */
static void
leave (struct blocks *blocks)
{
  const int64_t deadline_ms = clock_ms () + LEAVE_MS;
  unsigned in_flight;

  while (least_busy (blocks, &in_flight) != NULL && in_flight > 0 &&
         clock_ms () < deadline_ms)
    nbd_conn_poll (blocks->handles, blocks->n, -1, 100);
  for (unsigned i = 0; i < blocks->n; i++) {
    nbd_conn_drop (&blocks->handles[i]);
    nbd_conn_leave (&blocks->handles[i]);
  }
  blocks->n = 0;
}

static int
fail (struct blocks *blocks, const struct request *request, int errnum,
      struct error *err)
{
  blocks->broken = true;
  leave (blocks);
  if (errnum == ETIMEDOUT)
    return error_set (err, REASON_TIMEOUT,
                      _("%s: the server does not answer"), blocks->uri);
  return error_set (err, REASON_READ,
                    _("the disk cannot be read at offset %" PRIu64 ": %s"),
                    request->offset, errnum != 0 ? strerror (errnum)
                    : _("the server closed the connection"));
}

/* A server that counts requests is asked for one after the other. */
static bool
may_send (const struct blocks *blocks, unsigned in_flight)
{
  if (blocks->base.pause_ms == 0)
    return in_flight < IN_FLIGHT_MAX;
  return in_flight == 0 &&
    clock_ms () >= blocks->asked_ms + blocks->base.pause_ms;
}

/* How long replies are waited for, until there is something else to do. */
static int
wait_ms (const struct blocks *blocks, int64_t deadline_ms)
{
  const int64_t now_ms = clock_ms ();
  const int64_t next_ms = blocks->asked_ms + blocks->base.pause_ms;
  int64_t until_ms = MIN (deadline_ms, now_ms + 1000);

  if (next_ms > now_ms)
    until_ms = MIN (until_ms, next_ms);
  return (int) MAX (until_ms - now_ms, 0);
}

/* Send requests from *NEXT on while they may be in flight.  -1: there is no
 * connection left, or libnbd refuses one.
 */
static int
send_some (struct blocks *blocks, struct requests *requests, size_t *next)
{
  while (*next < requests->len) {
    struct request *request = &requests->ptr[*next];
    const nbd_completion_callback completion = {
      .callback = note_end, .user_data = request,
    };
    unsigned in_flight;
    struct nbd_handle *h = least_busy (blocks, &in_flight);

    if (h == NULL)
      return -1;
    if (!may_send (blocks, in_flight))
      return 0;
    if (nbd_aio_pread (h, request->buf, request->len, request->offset,
                       completion, 0) == -1)
      return -1;
    blocks->asked_ms = clock_ms ();
    ++*next;
  }
  return 0;
}

/* How many of those that were sent have ended; the first that failed. */
static size_t
count_done (const struct requests *requests, size_t *from, size_t sent,
            const struct request **failed)
{
  size_t n = 0;

  while (*from < sent && requests->ptr[*from].done &&
         requests->ptr[*from].error == 0)
    ++*from;
  for (size_t i = *from; i < sent; i++) {
    if (requests->ptr[i].done && requests->ptr[i].error != 0)
      *failed = &requests->ptr[i];
    n += requests->ptr[i].done;
  }
  return *from + n;
}

static int
count_fetched (struct blocks *blocks, const struct requests *requests,
               struct error *err)
{
  const uint64_t max = MIN (blocks->base.size, FETCHED_MAX / 2) * 2 +
    FETCHED_EXTRA;

  for (size_t i = 0; i < requests->len; i++)
    blocks->fetched += requests->ptr[i].len;
  return blocks->fetched <= max ? 0
    : error_set (err, REASON_INTERNAL,
                 _("more than %" PRIu64 " bytes were to be read"), max);
}

/* Have all requests answered.  They may lie in any order, each of whole
 * blocks of the server.
 */
static int
fetch (struct blocks *blocks, struct requests *requests, struct error *err)
{
  size_t sent = 0, from = 0, done = 0;
  const struct request *failed = NULL;
  int64_t deadline_ms = clock_ms () + blocks->timeout_ms;

  if (blocks->broken)
    return error_set (err, REASON_READ, _("the disk cannot be read"));
  if (count_fetched (blocks, requests, err) == -1)
    return -1;
  while (done < requests->len) {
    size_t n;

    if (send_some (blocks, requests, &sent) == -1)
      return fail (blocks, &requests->ptr[sent], nbd_get_errno (), err);
    if (clock_ms () >= deadline_ms)
      return fail (blocks, &requests->ptr[from], ETIMEDOUT, err);
    nbd_conn_poll (blocks->handles, blocks->n, -1,
                   wait_ms (blocks, deadline_ms));
    n = count_done (requests, &from, sent, &failed);
    if (failed != NULL)
      return fail (blocks, failed, failed->error, err);
    if (n == done)
      continue;
    done = n;
    deadline_ms = clock_ms () + blocks->timeout_ms;
    if (blocks->progress != NULL)
      blocks->progress (blocks->data);
  }
  return 0;
}

/* Add requests for SOURCE, which will be at BUF. */
static int
add_requests (const struct blocks *blocks, struct requests *requests,
              struct range source, char *buf, struct error *err)
{
  while (source.len > 0) {
    const size_t len = MIN (source.len, MIN (blocks->max, REQUEST_MAX));

    if (requests_append (requests, (struct request) {
          .buf = buf, .len = len, .offset = source.offset }) == -1)
      return error_nomem (err);
    source.offset += len;
    source.len -= len;
    buf += len;
  }
  return 0;
}

/*--- The cache. ---*/

static struct cached *
find_block (struct blocks *blocks, uint64_t number)
{
  for (unsigned i = 0; i < CACHE_BLOCKS; i++)
    if (blocks->cache[i].used > 0 && blocks->cache[i].number == number) {
      blocks->cache[i].used = ++blocks->clock;
      return &blocks->cache[i];
    }
  return NULL;
}

/* The block NUMBER, whose content is not there yet, instead of the one that
 * was used the longest ago.
 */
static struct cached *
take_block (struct blocks *blocks, uint64_t number, struct error *err)
{
  struct cached *oldest = &blocks->cache[0];

  for (unsigned i = 1; i < CACHE_BLOCKS; i++)
    if (blocks->cache[i].used < oldest->used)
      oldest = &blocks->cache[i];
  oldest->used = 0;
  if (oldest->buf == NULL)
    oldest->buf = alloc_zero (BLOCK, err);
  if (oldest->buf == NULL)
    return NULL;
  oldest->number = number;
  oldest->used = ++blocks->clock;
  return oldest;
}

/* The blocks that REQUESTS were for are not there. */
static void
forget (struct blocks *blocks, const struct requests *requests)
{
  for (size_t i = 0; i < requests->len; i++)
    for (unsigned k = 0; k < CACHE_BLOCKS; k++)
      if (blocks->cache[k].buf != NULL &&
          requests->ptr[i].buf >= blocks->cache[k].buf &&
          requests->ptr[i].buf < blocks->cache[k].buf + BLOCK)
        blocks->cache[k].used = 0;
}

/* Have the blocks from FIRST to LAST, at most BATCH, in the cache. */
static int
have_blocks (struct blocks *blocks, uint64_t first, uint64_t last,
             struct error *err)
{
  struct requests requests = { .ptr = NULL };
  int r = 0;

  for (uint64_t number = first; number <= last && r == 0; number++) {
    const uint64_t offset = number * BLOCK;
    struct cached *block = find_block (blocks, number);

    if (block != NULL)
      continue;
    block = take_block (blocks, number, err);
    r = block == NULL ? -1
      : add_requests (blocks, &requests, (struct range) {
          offset, MIN (BLOCK, blocks->base.size - offset) }, block->buf, err);
    if (r == -1 && block != NULL)
      block->used = 0;
  }
  if (r == 0)
    r = fetch (blocks, &requests, err);
  if (r == -1)
    forget (blocks, &requests);
  requests_reset (&requests);
  return r;
}

static int
read_cached (struct blocks *blocks, char *buf, size_t len, uint64_t offset,
             struct error *err)
{
  while (len > 0) {
    const uint64_t first = offset / BLOCK;
    const uint64_t last = MIN ((offset + len - 1) / BLOCK, first + BATCH - 1);

    if (have_blocks (blocks, first, last, err) == -1)
      return -1;
    for (uint64_t number = first; number <= last; number++) {
      const size_t at = offset % BLOCK, n = MIN (BLOCK - at, len);

      memcpy (buf, find_block (blocks, number)->buf + at, n);
      buf += n;
      len -= n;
      offset += n;
    }
  }
  return 0;
}

/*--- What was prefetched. ---*/

/* The first piece that does not end before OFFSET, or NULL. */
static const struct piece *
find_piece (const struct blocks *blocks, uint64_t offset)
{
  size_t low = 0, high = blocks->pieces.len;

  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    const struct range *source = &blocks->pieces.ptr[middle].source;

    if (source->offset + source->len <= offset)
      low = middle + 1;
    else
      high = middle;
  }
  return low < blocks->pieces.len ? &blocks->pieces.ptr[low] : NULL;
}

static int
blocks_pread (struct reader *base, void *buf, size_t len, uint64_t offset,
              struct error *err)
{
  struct blocks *blocks = (struct blocks *) base;
  char *to = buf;

  while (len > 0) {
    const struct piece *piece = find_piece (blocks, offset);
    const bool kept = piece != NULL && piece->source.offset <= offset;
    const size_t n = kept
      ? MIN (len, piece->source.offset + piece->source.len - offset)
      : piece != NULL ? MIN (len, piece->source.offset - offset) : len;

    if (kept)
      memcpy (to, piece->buf + (offset - piece->source.offset), n);
    else if (read_cached (blocks, to, n, offset, err) == -1)
      return -1;
    to += n;
    len -= n;
    offset += n;
  }
  return 0;
}

static void
drop_pieces (struct blocks *blocks)
{
  pieces_reset (&blocks->pieces);
  free (blocks->prefetched);
  blocks->prefetched = NULL;
}

/* RANGES in ascending order, of whole blocks of the server, joined where they
 * meet, and not more than is kept.
 */
static int
arrange (const struct blocks *blocks, const struct ranges *ranges,
         struct ranges *ret, uint64_t *total, struct error *err)
{
  const uint64_t min = blocks->min;
  size_t kept = 0;

  *total = 0;
  for (size_t i = 0; i < ranges->len; i++)
    if (ranges->ptr[i].len > 0 &&
        ranges_append (ret, ranges->ptr[i]) == -1)
      return error_nomem (err);
  ranges_sort (ret);
  for (size_t i = 0; i < ret->len; i++) {
    struct range *last = kept > 0 ? &ret->ptr[kept - 1] : NULL;
    const uint64_t done = last != NULL ? last->offset + last->len : 0;
    const uint64_t offset = MAX (ret->ptr[i].offset / min * min, done);
    const uint64_t wanted = MIN (ret->ptr[i].offset + ret->ptr[i].len,
                                 blocks->base.size);
    const uint64_t end = MIN (roundup (wanted, min), blocks->base.size);

    if (end <= offset || *total + (end - offset) > READER_PREFETCH_MAX)
      continue;
    *total += end - offset;
    if (last != NULL && offset == done)
      last->len += end - offset;
    else
      ret->ptr[kept++] = (struct range) { offset, end - offset };
  }
  ret->len = kept;
  return 0;
}

static int
plan (struct blocks *blocks, const struct ranges *sources,
      struct requests *requests, struct error *err)
{
  char *buf = blocks->prefetched;

  for (size_t i = 0; i < sources->len; i++) {
    if (pieces_append (&blocks->pieces, (struct piece) {
          sources->ptr[i], buf }) == -1)
      return error_nomem (err);
    if (add_requests (blocks, requests, sources->ptr[i], buf, err) == -1)
      return -1;
    buf += sources->ptr[i].len;
  }
  return 0;
}

static int
blocks_prefetch (struct reader *base, const struct ranges *ranges,
                 struct error *err)
{
  struct blocks *blocks = (struct blocks *) base;
  struct ranges sources = { .ptr = NULL };
  struct requests requests = { .ptr = NULL };
  uint64_t total;
  int r;

  drop_pieces (blocks);
  r = arrange (blocks, ranges, &sources, &total, err);
  if (r == 0 && total > 0) {
    blocks->prefetched = malloc (total);
    r = blocks->prefetched == NULL ? error_nomem (err)
      : plan (blocks, &sources, &requests, err);
  }
  if (r == 0)
    r = fetch (blocks, &requests, err);
  if (r == -1)
    drop_pieces (blocks);
  ranges_reset (&sources);
  requests_reset (&requests);
  return r;
}

/*--- Opening and closing. ---*/

static void
blocks_free (struct reader *base)
{
  struct blocks *blocks = (struct blocks *) base;

  leave (blocks);
  drop_pieces (blocks);
  for (unsigned i = 0; i < CACHE_BLOCKS; i++)
    free (blocks->cache[i].buf);
  free (blocks->uri);
  free (blocks);
}

static bool
are_connecting (struct blocks *blocks)
{
  for (unsigned i = 0; i < blocks->n; i++)
    if (nbd_conn_alive (blocks->handles[i]) && !is_ready (blocks->handles[i]))
      return true;
  return false;
}

/* More connections, all at once.  A server that has none left for us does not
 * matter.
 */
static void
open_others (struct blocks *blocks, unsigned connections, int first_ms)
{
  const int64_t deadline_ms =
    clock_ms () + nbd_conn_another_ms (0, first_ms);
  unsigned kept = 0;

  while (blocks->n < connections) {
    CLEANUP_ERROR struct error ignored = ERROR_INIT;
    struct nbd_handle *h = nbd_conn_begin (blocks->uri, &ignored);

    if (h == NULL)
      break;
    blocks->handles[blocks->n++] = h;
  }
  while (are_connecting (blocks) && clock_ms () < deadline_ms)
    nbd_conn_poll (blocks->handles, blocks->n, -1, 100);
  for (unsigned i = 0; i < blocks->n; i++)
    if (is_ready (blocks->handles[i]))
      blocks->handles[kept++] = blocks->handles[i];
    else
      nbd_close (blocks->handles[i]);
  blocks->n = kept;
}

static int
open_first (struct blocks *blocks, struct error *err)
{
  struct nbd_wait wait = {
    .wake_fd = -1, .deadline_ms = clock_ms () + blocks->timeout_ms,
  };
  struct nbd_handle *h = nbd_conn_open (blocks->uri, NULL, &wait, err);
  int64_t size, max;

  if (h == NULL)
    return -1;
  blocks->handles[blocks->n++] = h;
  size = nbd_get_size (h);
  if (size == -1)
    return error_set (err, REASON_READ, "%s: %s", blocks->uri,
                      nbd_conn_reason ());
  max = nbd_get_block_size (h, LIBNBD_SIZE_MAXIMUM);
  blocks->base.size = (uint64_t) size;
  blocks->min = nbd_conn_min_block (h);
  blocks->max = max >= (int64_t) BLOCK ? (uint64_t) max / BLOCK * BLOCK
    : BLOCK;
  return 0;
}

struct reader *
reader_blocks_new (const char *uri, unsigned connections, unsigned timeout_s,
                   void (*progress) (void *data), void *data,
                   struct error *err)
{
  CLEANUP_READER struct reader *reader = NULL;
  struct blocks *blocks = alloc_zero (sizeof *blocks, err);
  const int64_t began_ms = clock_ms ();

  if (blocks == NULL)
    return NULL;
  *blocks = (struct blocks) {
    .base = { .remote = true, .pread = blocks_pread,
              .prefetch = blocks_prefetch, .free = blocks_free },
    .uri = alloc_copy (uri, err), .timeout_ms = INT64_C (1000) * timeout_s,
    .progress = progress, .data = data,
  };
  reader = &blocks->base;
  if (blocks->uri == NULL || open_first (blocks, err) == -1)
    return NULL;
  open_others (blocks, MIN (connections, NBD_CONN_POLL_MAX),
               (int) (clock_ms () - began_ms));
  blocks->asked_ms = clock_ms ();
  return STEAL (reader);
}
