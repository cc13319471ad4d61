/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Reading from local files, from NBD servers, and from parts of whatever can
 * be read.  launch/remote-reader.c reads from places that need an nbdkit.
 * Starting a server, and explaining why it fails, is left to the callers.
 */

#include <config.h>

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/local-file.h"
#include "base/ranges.h"
#include "io/nbd-conn.h"
#include "io/reader.h"
#include "io/supervisor.h"

struct file_reader {
  struct reader base;
  struct local_file *file;
};

struct part_reader {
  struct reader base;
  struct reader *parent;
  uint64_t offset;
};

struct nbd_reader {
  struct reader base;
  struct nbd_handle *nbd;
  struct supervisor *supervisor;
  unsigned timeout_s;
  bool (*give_up) (void *data);
  void *data;
  const char *start;            /* the first start_len bytes */
  size_t start_len;
  const char *end;              /* the last end_len bytes, */
  size_t end_len;
  int64_t end_cookie;           /* when this read has ended; 0: it has */
};

/*--- Files. ---*/

static int
file_pread (struct reader *base, void *buf, size_t len, uint64_t offset,
            struct error *err)
{
  struct file_reader *reader = (struct file_reader *) base;
  char *at = buf;

  while (len > 0) {
    const ssize_t n = pread (reader->file->fd, at, len, (off_t) offset);

    if (n == -1 && errno == EINTR)
      continue;
    if (n == -1)
      return error_errno (err, REASON_READ, _("cannot read %s"),
                          reader->file->path);
    if (n == 0)
      return error_set (err, REASON_SOURCE_CHANGED,
                        _("%s became shorter while it was read"),
                        reader->file->path);
    at += n;
    len -= (size_t) n;
    offset += (uint64_t) n;
  }
  return 0;
}

static void
file_free (struct reader *base)
{
  struct file_reader *reader = (struct file_reader *) base;

  local_file_free (reader->file);
  free (reader);
}

struct reader *
reader_file_of (const struct local_file *file, struct error *err)
{
  struct file_reader *reader = alloc_zero (sizeof *reader, err);

  if (reader == NULL)
    return NULL;
  reader->base = (struct reader) {
    .size = file->size, .pread = file_pread, .free = file_free,
  };
  reader->file = local_file_dup (file, err);
  if (reader->file != NULL)
    return &reader->base;
  free (reader);
  return NULL;
}

struct reader *
reader_file_new (const char *path, struct error *err)
{
  CLEANUP_LOCAL_FILE struct local_file *file = local_file_open (path, err);

  return file == NULL ? NULL : reader_file_of (file, err);
}

struct reader *
reader_fd_new (int fd, const char *path, struct error *err)
{
  char *const name = (char *) path; /* borrowed */
  const off_t end = lseek (fd, 0, SEEK_END);

  if (end != -1)
    return reader_file_of (&(struct local_file) {
        .fd = fd, .path = name, .size = (uint64_t) end }, err);
  error_errno (err, REASON_READ, "%s", path);
  return NULL;
}

/*--- NBD servers. ---*/

static struct nbd_wait
wait_of (const struct nbd_reader *reader)
{
  return (struct nbd_wait) {
    .supervisor = reader->supervisor,
    .deadline_ms = clock_ms () + INT64_C (1000) * reader->timeout_s,
    .give_up = reader->give_up,
    .data = reader->data,
  };
}

static int
await_end (struct nbd_reader *reader, struct nbd_wait *wait,
           struct error *err)
{
  const int64_t cookie = reader->end_cookie;
  int r;

  if (cookie == 0 || reader->nbd == NULL)
    return cookie == 0 ? 0 : -1;
  *wait = wait_of (reader);
  r = nbd_conn_wait (reader->nbd, cookie, wait, err);
  reader->end_cookie = 0;
  if (r == -1)
    reader->end_len = 0;
  return r;
}

static int
ask (struct nbd_reader *reader, void *buf, size_t len, uint64_t offset,
     struct nbd_wait *wait, struct error *err)
{
  const int pause_ms = reader->base.pause_ms;

  if (pause_ms > 0 &&
      supervisor_pause (reader->supervisor, pause_ms, err) == -1)
    return -1;
  *wait = wait_of (reader);
  return reader->nbd == NULL ? -1
    : nbd_conn_pread (reader->nbd, buf, len, offset, wait, err);
}

static int
read_nbd (struct reader *base, void *buf, size_t len, uint64_t offset,
          struct error *err)
{
  struct nbd_reader *reader = (struct nbd_reader *) base;
  const uint64_t end = base->size - reader->end_len;
  struct nbd_wait wait = { .timed_out = false };
  int r = -1;

  if (reader->start_len > 0 && offset <= reader->start_len &&
      len <= reader->start_len - offset) {
    memcpy (buf, reader->start + offset, len);
    return 0;
  }
  if (reader->end_len > 0 && offset >= end) {
    r = await_end (reader, &wait, err);
    if (r == 0)
      memcpy (buf, reader->end + (offset - end), len);
  }
  else
    r = ask (reader, buf, len, offset, &wait, err);
  /* Not every nbdkit tries again by itself. */
  if (r == -1 && wait.errnum != 0 && nbd_conn_alive (reader->nbd))
    r = ask (reader, buf, len, offset, &wait, err);
  if (r == 0)
    return 0;
  nbd_conn_drop (&reader->nbd);
  return error_set (err, wait.timed_out ? REASON_TIMEOUT : REASON_READ,
                    _("the disk cannot be read at offset %" PRIu64), offset);
}

/* An answer that is still to come would be written to what may be gone. */
static void
free_nbd (struct reader *base)
{
  struct nbd_reader *reader = (struct nbd_reader *) base;
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  struct nbd_wait wait;

  if (await_end (reader, &wait, &ignored) == -1)
    nbd_conn_drop (&reader->nbd);
  nbd_conn_leave (&reader->nbd);
  free (reader);
}

struct reader *
reader_nbd_take (struct nbd_handle *nbd, unsigned timeout_s,
                 struct supervisor *supervisor,
                 bool (*give_up) (void *data), void *data, struct error *err)
{
  struct nbd_reader *reader = alloc_zero (sizeof *reader, err);
  const int64_t size = nbd_get_size (nbd);

  if (reader == NULL) {
    nbd_conn_leave (&nbd);
    return NULL;
  }
  *reader = (struct nbd_reader) {
    .base = {
      .size = size > 0 ? (uint64_t) size : 0,
      .pread = read_nbd, .free = free_nbd,
    },
    .nbd = nbd, .supervisor = supervisor, .timeout_s = timeout_s,
    .give_up = give_up, .data = data,
  };
  return &reader->base;
}

void
reader_nbd_start (struct reader *base, const char *start, size_t len)
{
  struct nbd_reader *reader = (struct nbd_reader *) base;

  reader->start = start;
  reader->start_len = len;
}

void
reader_nbd_end (struct reader *base, const char *end, size_t len,
                int64_t cookie)
{
  struct nbd_reader *reader = (struct nbd_reader *) base;

  reader->end = end;
  reader->end_len = len;
  reader->end_cookie = cookie;
}

struct reader *
reader_nbd_new (const char *uri, unsigned timeout_s,
                struct supervisor *supervisor, struct error *err)
{
  const struct nbd_reader reader = {
    .supervisor = supervisor, .timeout_s = timeout_s,
  };
  struct nbd_wait wait = wait_of (&reader);
  struct nbd_handle *nbd = nbd_conn_connect (uri, NULL, &wait, err);

  if (nbd != NULL)
    return reader_nbd_take (nbd, timeout_s, supervisor, NULL, NULL, err);
  error_set (err, REASON_READ, _("the disk cannot be opened again"));
  return NULL;
}

/*--- Parts. ---*/

static int
part_pread (struct reader *base, void *buf, size_t len, uint64_t offset,
            struct error *err)
{
  struct part_reader *reader = (struct part_reader *) base;

  return reader_pread (reader->parent, buf, len, reader->offset + offset,
                       err);
}

static int
part_prefetch (struct reader *base, const struct ranges *ranges,
               struct error *err)
{
  struct part_reader *reader = (struct part_reader *) base;
  struct ranges moved = { .ptr = NULL };
  int r = 0;

  for (size_t i = 0; i < ranges->len && r == 0; i++)
    r = ranges_append (&moved, (struct range) {
        reader->offset + ranges->ptr[i].offset, ranges->ptr[i].len });
  r = r == -1 ? error_nomem (err)
    : reader_prefetch (reader->parent, &moved, err);
  ranges_reset (&moved);
  return r;
}

static void
part_free (struct reader *base)
{
  free (base);
}

struct reader *
reader_part_new (struct reader *parent, uint64_t offset, uint64_t length,
                 struct error *err)
{
  struct part_reader *reader = alloc_zero (sizeof *reader, err);

  if (reader == NULL)
    return NULL;
  reader->base.size = length;
  reader->base.remote = parent->remote;
  reader->base.pread = part_pread;
  reader->base.prefetch = parent->prefetch != NULL ? part_prefetch : NULL;
  reader->base.free = part_free;
  reader->parent = parent;
  reader->offset = offset;
  return &reader->base;
}

/*--- All readers. ---*/

int
reader_pread (struct reader *reader, void *buf, size_t len, uint64_t offset,
              struct error *err)
{
  if (offset > reader->size || len > reader->size - offset)
    return error_set (err, REASON_READ,
                      _("it ends at byte %" PRIu64 ", before %zu bytes at %"
                        PRIu64), reader->size, len, offset);
  return len == 0 ? 0 : reader->pread (reader, buf, len, offset, err);
}

int
reader_prefetch (struct reader *reader, const struct ranges *ranges,
                 struct error *err)
{
  return reader->prefetch == NULL || ranges->len == 0 ? 0
    : reader->prefetch (reader, ranges, err);
}

char *
reader_slurp (struct reader *reader, size_t max, size_t *len,
              struct error *err)
{
  CLEANUP_FREE char *text = NULL;

  if (reader->size > max) {
    error_set (err, REASON_UNSUPPORTED,
               _("it has %" PRIu64 " bytes, more than the %zu that such a "
                 "file may have"), reader->size, max);
    error_hint (err, _("if it is a disk, use -i disk"));
    return NULL;
  }
  text = alloc_zero (reader->size + 1, err);
  if (text == NULL ||
      reader_pread (reader, text, reader->size, 0, err) == -1)
    return NULL;
  *len = reader->size;
  return STEAL (text);
}

void
reader_free (struct reader *reader)
{
  if (reader != NULL)
    reader->free (reader);
}
