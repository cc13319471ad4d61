/* SPDX-License-Identifier: GPL-2.0-or-later */

/* An NBD server as a struct reader, for code that looks into a disk.  Starting
 * the server, and explaining why it fails, is left to the callers.
 */

#include <config.h>

#include <inttypes.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
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
  struct nbd_wait wait = wait_of (reader);

  if (nbd_conn_pread (reader->nbd, buf, len, offset, &wait, err) == 0)
    return 0;
  return error_set (err, wait.timed_out ? REASON_TIMEOUT : REASON_READ,
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
  struct nbd_reader *reader = alloc_zero (sizeof *reader, err);
  struct nbd_wait wait;
  int64_t size;

  if (reader == NULL)
    return NULL;
  reader->supervisor = supervisor;
  reader->timeout_s = timeout_s;
  wait = wait_of (reader);
  reader->nbd = nbd_conn_connect (uri, NULL, &wait, err);
  if (reader->nbd == NULL) {
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
