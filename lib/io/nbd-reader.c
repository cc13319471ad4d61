/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <config.h>

#include <inttypes.h>

#include <libnbd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "io/nbd-client.h"
#include "io/nbd-conn.h"
#include "io/nbd-reader.h"
#include "io/reader.h"

struct nbd_reader {
  struct reader base;
  struct nbd_handle *nbd;
  struct supervisor *supervisor;
  unsigned timeout_s;
};

static struct nbd_wait
wait_of (const struct nbd_reader *reader)
{
  return (struct nbd_wait) {
    .supervisor = reader->supervisor,
    .deadline_ms = clock_ms () + INT64_C (1000) * reader->timeout_s,
  };
}

static int
read_nbd (struct reader *base, void *buf, size_t len, uint64_t offset,
          struct error *err)
{
  struct nbd_reader *reader = (struct nbd_reader *) base;
  const struct nbd_wait wait = wait_of (reader);
  bool timed_out;

  if (nbd_client_pread (reader->nbd, buf, len, offset, &wait, &timed_out,
                        err) == 0)
    return 0;
  if (error_is_set (err))
    return -1;
  return error_set (err, timed_out ? REASON_TIMEOUT : REASON_READ,
                    _("the disk cannot be read at offset %" PRIu64), offset);
}

static void
free_nbd (struct reader *base)
{
  struct nbd_reader *reader = (struct nbd_reader *) base;

  nbd_conn_leave (&reader->nbd);
  free (reader);
}

struct reader *
nbd_reader_new (const char *uri, unsigned timeout_s,
                struct supervisor *supervisor, struct error *err)
{
  struct nbd_reader *reader = calloc (1, sizeof *reader);
  struct nbd_wait wait;
  bool timed_out;
  int64_t size;

  if (reader == NULL) {
    error_nomem (err);
    return NULL;
  }
  reader->supervisor = supervisor;
  reader->timeout_s = timeout_s;
  wait = wait_of (reader);
  reader->nbd = nbd_client_connect (uri, &wait, &timed_out, err);
  if (reader->nbd == NULL) {
    if (!error_is_set (err))
      error_set (err, REASON_READ, _("the disk cannot be opened again"));
    free (reader);
    return NULL;
  }
  size = nbd_get_size (reader->nbd);
  reader->base = (struct reader) {
    .size = size > 0 ? (uint64_t) size : 0,
    .pread = read_nbd, .free = free_nbd,
  };
  return &reader->base;
}
