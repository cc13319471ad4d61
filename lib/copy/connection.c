/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What a worker reads from: an NBD server or, where that server would only
 * pass on the content of a local file, the file itself.  A socket means that
 * each byte is copied twice more, which is most of what a copy between local
 * files costs (2 GiB on two processors: 1.6 s, and 1.1 s without it).  When to
 * connect and what to do after a failure is left to worker-connect.c.
 */

#include <config.h>

#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "copy/connection.h"
#include "copy/limits.h"
#include "io/nbd-conn.h"

/* Block sizes that a server advertises are used only as far as they make
 * sense.
 */
int
conn_open_nbd (struct conn *conn, const char *uri,
               const char *const *contexts, struct nbd_wait *wait,
               struct error *err)
{
  int64_t size, min, max;

  conn->fd = -1;
  conn->h = nbd_conn_open (uri, contexts, wait, err);
  if (conn->h == NULL)
    return -1;
  size = nbd_get_size (conn->h);
  if (size == -1) {
    error_set (err, REASON_READ, "%s: %s", uri, nbd_conn_reason ());
    conn_close (conn);
    return -1;
  }
  min = nbd_get_block_size (conn->h, LIBNBD_SIZE_MINIMUM);
  max = nbd_get_block_size (conn->h, LIBNBD_SIZE_MAXIMUM);
  conn->size = (uint64_t) size;
  conn->align = min > 1 && min <= COPY_REQUEST_MIN ? (uint32_t) min : 1;
  conn->max = max >= COPY_REQUEST_MIN && max < COPY_REQUEST_MAX
    ? (uint32_t) max / COPY_REQUEST_MIN * COPY_REQUEST_MIN : COPY_REQUEST_MAX;
  return 0;
}

int
conn_open_file (struct conn *conn, int fd, uint64_t size, struct error *err)
{
  conn->h = NULL;
  conn->align = 1;
  conn->max = COPY_REQUEST_MAX;
  conn->size = size;
  conn->fd = fcntl (fd, F_DUPFD_CLOEXEC, 0);
  return conn->fd != -1 ? 0 : error_errno (err, REASON_INTERNAL, "dup");
}

bool
conn_is_open (const struct conn *conn)
{
  return conn->h != NULL || conn->fd != -1;
}

bool
conn_is_file (const struct conn *conn)
{
  return conn->fd != -1;
}

bool
conn_alive (const struct conn *conn)
{
  return conn->fd != -1 || nbd_conn_alive (conn->h);
}

void
conn_close (struct conn *conn)
{
  nbd_conn_close (&conn->h);
  close_fd (&conn->fd);
}

static int
read_file (int fd, char *buf, size_t len, uint64_t offset)
{
  while (len > 0) {
    const ssize_t n = pread (fd, buf, len, (off_t) offset);

    if (n == -1 && errno == EINTR)
      continue;
    if (n == -1)
      return errno;
    if (n == 0)
      return ENODATA;
    buf += n;
    offset += (uint64_t) n;
    len -= (size_t) n;
  }
  return 0;
}

int
conn_read (struct conn *conn, void *buf, size_t len, uint64_t offset,
           nbd_completion_callback completion)
{
  int error;

  if (!conn_is_file (conn))
    return nbd_aio_pread (conn->h, buf, len, offset, completion, 0) == -1
      ? -1 : 0;
  error = read_file (conn->fd, buf, len, offset);
  completion.callback (completion.user_data, &error);
  return 0;
}
