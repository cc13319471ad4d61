/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Reads the end of a disk and counts its data through a connection of its
 * own, for --check and for estimates of space.  The copy does not use it.
 */

#include <config.h>

#include <inttypes.h>
#include <sys/param.h>

#include <libnbd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/ranges.h"
#include "context.h"
#include "io/nbd-conn.h"
#include "launch/launch.h"
#include "launch/pace.h"
#include "launch/survey.h"

/* How much is asked for at once: as much as NBD's 32 bits hold, since each
 * query is a round trip; less the largest block that servers are aligned to.
 */
#define QUERY_MAX ((UINT64_C (4) << 30) - (UINT64_C (64) << 10))
#define END_LEN 512

struct surveying {
  struct nbd_handle *nbd;
  struct nbd_wait wait;
  uint64_t size, offset;        /* of the disk; looked at up to there */
  const struct ranges *unused;  /* or NULL */
  size_t first;                 /* of these, that does not end before OFFSET */
  struct survey *ret;
};

/* How many of the next LEN bytes are in use. */
static uint64_t
count_used (struct surveying *s, uint64_t len)
{
  const uint64_t end = s->offset + len;
  uint64_t used = len;

  for (; s->unused != NULL && s->first < s->unused->len; s->first++) {
    const struct range *range = &s->unused->ptr[s->first];
    const uint64_t range_end = range->offset + range->len;
    const uint64_t from = MAX (range->offset, s->offset);
    const uint64_t to = MIN (range_end, end);

    if (from < to)
      used -= to - from;
    if (range_end > end)        /* it may reach into the next extent */
      break;
  }
  return used;
}

static int
count_extents (void *data, const char *context __attribute__ ((unused)),
               uint64_t offset, uint32_t *entries, size_t n,
               int *error __attribute__ ((unused)))
{
  struct surveying *s = data;

  if (offset != s->offset)      /* an answer to another question */
    return 0;
  for (size_t i = 0; i + 1 < n && s->offset < s->size; i += 2) {
    const uint64_t left = s->size - s->offset;
    const uint64_t len = entries[i] < left ? entries[i] : left;
    const bool zero = (entries[i + 1] & LIBNBD_STATE_ZERO) != 0;
    const uint64_t used = count_used (s, len);

    if (zero)
      s->ret->holes = true;
    else
      s->ret->data += used;
    s->offset += len;
  }
  return 0;
}

/* A failure is not reported: the copy treats what it gets no extents of as
 * data.
 */
static int
count_data (struct surveying *s, int64_t until_ms, struct error *err)
{
  const nbd_extent_callback callback = {
    .callback = count_extents, .user_data = s };

  while (s->offset < s->size && clock_ms () < until_ms) {
    const uint64_t from = s->offset, left = s->size - from;

    if (nbd_conn_wait (s->nbd, nbd_aio_block_status (
                         s->nbd, left < QUERY_MAX ? left : QUERY_MAX, from,
                         callback, NBD_NULL_COMPLETION, 0),
                       &s->wait, err) == -1)
      return error_is_set (err) ? -1 : 0;
    if (s->offset == from)
      return 0;
  }
  s->ret->complete = s->offset == s->size;
  return 0;
}

static int
read_end (struct surveying *s, struct error *err)
{
  char buf[END_LEN];
  const uint64_t len = s->size < sizeof buf ? s->size : sizeof buf;

  if (len == 0 || nbd_conn_pread (s->nbd, buf, len, s->size - len, &s->wait,
                                  err) == 0)
    return 0;
  nbd_conn_drop (&s->nbd);
  return error_set (err, REASON_READ,
                    _("the last bytes of the disk, at offset %" PRIu64
                      ", cannot be read"), s->size - len);
}

static int
survey (struct surveying *s, unsigned budget_ms, struct error *err)
{
  const int64_t until_ms = clock_ms () + budget_ms;

  s->ret->multi_conn = nbd_can_multi_conn (s->nbd) == 1;
  if (read_end (s, err) == -1)
    return -1;
  return nbd_can_meta_context (s->nbd, LIBNBD_CONTEXT_BASE_ALLOCATION) == 1
    ? count_data (s, until_ms, err) : 0;
}

int
survey_disk (const struct launch *launch, unsigned index,
             const struct ranges *unused,
             const struct launch_context *context, unsigned budget_ms,
             struct survey *ret, struct error *err)
{
  static const char *const contexts[] = {
    LIBNBD_CONTEXT_BASE_ALLOCATION, NULL };
  const struct launched_disk *disk = launch_disk (launch, index);
  struct surveying s = {
    .wait = {
      .supervisor = context->supervisor,
      .deadline_ms = clock_ms () + budget_ms +
        INT64_C (1000) * disk->plan.open_timeout_s,
    },
    .size = disk->size,
    .unused = unused,
    .ret = ret,
  };
  int r;

  *ret = (struct survey) { .data = 0 };
  if (pace_keep (&disk->plan, context, err) == -1)
    return -1;
  s.nbd = nbd_conn_connect (disk->uri, contexts, &s.wait, err);
  if (s.nbd == NULL)
    return error_set (err, REASON_READ,
                      _("the source cannot be opened again"));
  r = pace_keep (&disk->plan, context, err) == -1 ? -1
    : survey (&s, budget_ms, err);
  nbd_conn_leave (&s.nbd);
  if (r == -1)
    error_wrap (err, "%s", disk->name);
  return r;
}
