/* SPDX-License-Identifier: GPL-2.0-or-later */

/* An NBD export.  A thread takes an idle connection, or opens one more if
 * the server says that several may write (multi-conn), or waits its turn.
 */

#include <config.h>

#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "io/nbd-conn.h"
#include "target/target-internal.h"

/* The cluster of a qcow2 file: a smaller hole in it saves nothing. */
#define GRANULE 65536
#define CONNECTIONS_MAX 16
/* A file has grown by this much: worth a request to the disk. */
#define SETTLE_MIN (UINT64_C (32) << 20)

struct target_nbd {
  struct target target;
  char *uri;
  enum target_zero zero;
  bool reads_zero;
  bool can_zero, can_fast_zero, can_trim, can_flush;
  atomic_bool slow_zero;        /* fast zeroing was refused */
  uint32_t max_write;
  int stop_fd;                  /* readable: give up */
  atomic_bool stop;
  int file_fd;                  /* what the server writes to, or -1 */
  struct target_settled *settled; /* of it */
  uint64_t settled_to;          /* under the lock */

  pthread_mutex_t lock;
  pthread_cond_t returned;
  struct nbd_handle *idle[CONNECTIONS_MAX];
  unsigned n_idle, n_open, max_open;
};

static struct nbd_handle *
take_idle (struct target_nbd *nbd, bool *may_open)
{
  struct nbd_handle *h = NULL;

  pthread_mutex_lock (&nbd->lock);
  while (nbd->n_idle == 0 && nbd->n_open >= nbd->max_open)
    pthread_cond_wait (&nbd->returned, &nbd->lock);
  *may_open = nbd->n_idle == 0;
  if (nbd->n_idle > 0)
    h = nbd->idle[--nbd->n_idle];
  else
    nbd->n_open++;
  pthread_mutex_unlock (&nbd->lock);
  return h;
}

static void
give_back (struct target_nbd *nbd, struct nbd_handle *h)
{
  if (h == NULL || !nbd_conn_alive (h))
    atomic_store (&nbd->target.lost, true);
  pthread_mutex_lock (&nbd->lock);
  if (h != NULL && nbd_conn_alive (h)) {
    nbd->idle[nbd->n_idle++] = h;
    h = NULL;
  }
  else
    nbd->n_open--;
  pthread_cond_signal (&nbd->returned);
  pthread_mutex_unlock (&nbd->lock);
  nbd_conn_close (&h);
}

static int
take (struct target_nbd *nbd, struct nbd_handle **ret, struct error *err)
{
  bool may_open;

  *ret = take_idle (nbd, &may_open);
  if (!may_open)
    return 0;
  *ret = nbd_conn_open_within (nbd->uri, NULL, nbd->stop_fd,
                               nbd->target.timeout_s, err);
  if (*ret != NULL)
    return 0;
  give_back (nbd, NULL);
  return -1;
}

/* A command in flight; the completion runs while this thread polls. */
struct command {
  bool done;
  int error;
};

static int
completed (void *data, int *error)
{
  struct command *command = data;

  command->done = true;
  command->error = *error;
  return 1;                     /* retire it */
}

static int
command_failed (const struct target_nbd *nbd, int errnum, struct error *err)
{
  errno = errnum != 0 ? errnum : EIO;
  return target_errno (err, nbd->uri);
}

/* The server may still do what it was told, which does no harm: whoever
 * tries again writes the same.
 */
static int
no_answer (const struct target_nbd *nbd, unsigned timeout_s, int *errnum,
           struct error *err)
{
  *errnum = ETIMEDOUT;
  return error_set (err, REASON_STALLED,
                    _("%s: the server has not answered for %u seconds"),
                    nbd->uri, timeout_s);
}

/* Wait for the command COOKIE.  Fails with errno's value in *ERRNUM. */
static int
finish (struct target_nbd *nbd, struct nbd_handle *h, int64_t cookie,
        const struct command *command, unsigned timeout_s, int *errnum,
        struct error *err)
{
  const int64_t deadline_ms = timeout_s == 0 ? INT64_MAX
    : clock_ms () + (int64_t) timeout_s * 1000;

  if (cookie == -1) {
    *errnum = nbd_get_errno ();
    return -1;
  }
  while (!command->done && nbd_conn_alive (h)) {
    if (atomic_load (&nbd->stop)) {
      error_set (err, REASON_INTERRUPTED, _("interrupted"));
      *errnum = EINTR;
      return -1;
    }
    if (clock_ms () >= deadline_ms)
      return no_answer (nbd, timeout_s, errnum, err);
    nbd_conn_poll (&h, 1, nbd->stop_fd, timeout_s == 0 ? -1 : 1000);
  }
  *errnum = command->done ? command->error : ENOTCONN;
  return *errnum == 0 ? 0 : -1;
}

/* Run one command on a connection.  A handle with a command that was given
 * up must not be used again: the command's data are on this stack.
 */
#define RUN(nbd, h, timeout_s, errnum, err, call)                       \
  (__extension__ ({                                                     \
    struct command command = { .done = false };                         \
    nbd_completion_callback callback = {                                \
      .callback = completed, .user_data = &command };                   \
    const int run_r_ = finish (nbd, h, call, &command, timeout_s,       \
                               errnum, err);                            \
    if (run_r_ == -1 && !command.done)                                  \
      nbd_conn_close (&h);                                              \
    run_r_;                                                             \
  }))

/* Growing, capped, and not the same for threads that failed together. */
static int
pause_ms (unsigned attempt)
{
  const int base_ms = attempt < 5 ? 250 << attempt : 8000;
  struct timespec ts;

  clock_gettime (CLOCK_MONOTONIC, &ts);
  return base_ms / 4 * 3 + (int) (ts.tv_nsec / 64 % (base_ms / 4));
}

/* Is the request worth another attempt?  Then after a pause. */
static bool
again (struct target_nbd *nbd, unsigned attempt, int errnum)
{
  if (attempt >= nbd->target.retries || errnum == ENOSPC ||
      errnum == EDQUOT || errnum == EPERM || errnum == EROFS ||
      atomic_load (&nbd->target.lost) || atomic_load (&nbd->stop))
    return false;
  pthread_mutex_lock (&nbd->lock);
  if (nbd->target.retried++ == 0)
    snprintf (nbd->target.first_error, sizeof nbd->target.first_error,
              "%s: %s", nbd->uri, strerror (errnum));
  pthread_mutex_unlock (&nbd->lock);
  nbd_conn_poll (NULL, 0, nbd->stop_fd, pause_ms (attempt));
  return true;
}

static int
write_once (struct target_nbd *nbd, const void *buf, uint32_t len,
            uint64_t offset, int *errnum, struct error *err)
{
  struct nbd_handle *h;
  int r;

  *errnum = 0;
  if (take (nbd, &h, err) == -1)
    return -1;
  r = RUN (nbd, h, nbd->target.timeout_s, errnum, err,
           nbd_aio_pwrite (h, buf, len, offset, callback, 0));
  give_back (nbd, h);
  return r;
}

static int
write_part (struct target_nbd *nbd, const void *buf, uint32_t len,
            uint64_t offset, struct error *err)
{
  for (unsigned attempt = 0;; attempt++) {
    int errnum;

    if (write_once (nbd, buf, len, offset, &errnum, err) == 0)
      return 0;
    if (error_is_set (err))
      return -1;
    if (!again (nbd, attempt, errnum))
      return command_failed (nbd, errnum, err);
  }
}

static int
nbd_write (struct target *target, const void *buf, uint32_t len,
           uint64_t offset, struct error *err)
{
  struct target_nbd *nbd = (struct target_nbd *) target;
  const char *p = buf;

  while (len > 0) {
    const uint32_t part = len < nbd->max_write ? len : nbd->max_write;

    if (write_part (nbd, p, part, offset, err) == -1)
      return -1;
    p += part;
    offset += part;
    len -= part;
  }
  return 0;
}

static int
write_zeroes (struct target *target, uint32_t len, uint64_t offset,
              struct error *err)
{
  while (len > 0) {
    const uint32_t part = len < TARGET_ZEROES ? len : TARGET_ZEROES;

    if (nbd_write (target, target_zeroes, part, offset, err) == -1)
      return -1;
    offset += part;
    len -= part;
  }
  return 0;
}

/* Trimmed blocks need not read as zeroes: only where that was asked for. */
static int
trim (struct target_nbd *nbd, uint32_t len, uint64_t offset,
      struct error *err)
{
  struct nbd_handle *h;
  int errnum = 0, r;

  if (take (nbd, &h, err) == -1)
    return -1;
  r = RUN (nbd, h, nbd->target.timeout_s, &errnum, err,
           nbd_aio_trim (h, len, offset, callback, 0));
  give_back (nbd, h);
  return r == 0 ? 0 : command_failed (nbd, errnum, err);
}

static int
zero_once (struct target_nbd *nbd, uint32_t len, uint64_t offset,
           uint32_t flags, int *errnum, struct error *err)
{
  struct nbd_handle *h;
  int r;

  *errnum = 0;
  if (take (nbd, &h, err) == -1)
    return -1;
  r = RUN (nbd, h, nbd->target.timeout_s, errnum, err,
           nbd_aio_zero (h, len, offset, callback, flags));
  give_back (nbd, h);
  return r;
}

/* 1: the server cannot, or would have to write zeroes slowly, if FAST. */
static int
zero_part (struct target_nbd *nbd, uint32_t len, uint64_t offset, bool fast,
           struct error *err)
{
  const uint32_t flags = fast ? LIBNBD_CMD_FLAG_FAST_ZERO : 0;

  for (unsigned attempt = 0;; attempt++) {
    int errnum;

    if (zero_once (nbd, len, offset, flags, &errnum, err) == 0)
      return 0;
    if (error_is_set (err))
      return -1;
    if (errnum == EOPNOTSUPP || errnum == EINVAL)
      return 1;
    if (!again (nbd, attempt, errnum))
      return command_failed (nbd, errnum, err);
  }
}

static int
nbd_zero_range (struct target *target, uint32_t len, uint64_t offset,
                struct error *err)
{
  struct target_nbd *nbd = (struct target_nbd *) target;
  int r = 1;

  if (nbd->reads_zero || nbd->zero == TARGET_ZERO_SKIP)
    return 0;
  if (nbd->zero == TARGET_ZERO_DISCARD && nbd->can_trim)
    return trim (nbd, len, offset, err);
  if (nbd->zero == TARGET_ZERO_WRITE || !nbd->can_zero)
    return write_zeroes (target, len, offset, err);
  if (nbd->can_fast_zero && !atomic_load (&nbd->slow_zero)) {
    r = zero_part (nbd, len, offset, true, err);
    if (r == 1)
      atomic_store (&nbd->slow_zero, true);
  }
  /* A slow zero in the server is still better than zeroes on the wire. */
  if (r == 1)
    r = zero_part (nbd, len, offset, false, err);
  return r == 1 ? write_zeroes (target, len, offset, err) : r;
}

/* Has the server gone while a connection was idle? */
static void
notice_losses (struct target_nbd *nbd)
{
  pthread_mutex_lock (&nbd->lock);
  for (unsigned i = 0; i < nbd->n_idle; i++) {
    nbd_conn_poll (&nbd->idle[i], 1, -1, 0);
    if (!nbd_conn_alive (nbd->idle[i]))
      atomic_store (&nbd->target.lost, true);
  }
  pthread_mutex_unlock (&nbd->lock);
}

static int
report_loss (const struct target_nbd *nbd, struct error *err)
{
  return error_set (err, REASON_WRITE,
                    _("%s: the connection to the server was lost"),
                    nbd->uri);
}

/* With multi-conn a flush is for what all connections have written. */
static int
nbd_flush_all (struct target *target, struct error *err)
{
  struct target_nbd *nbd = (struct target_nbd *) target;
  struct nbd_handle *h;
  int errnum = 0, r;

  notice_losses (nbd);
  if (atomic_load (&nbd->target.lost))
    return report_loss (nbd, err);
  if (!nbd->can_flush)          /* then writes are durable as they are */
    return 0;
  if (take (nbd, &h, err) == -1)
    return -1;
  r = RUN (nbd, h, 0, &errnum, err, nbd_aio_flush (h, callback, 0));
  give_back (nbd, h);
  if (r == -1)
    return command_failed (nbd, errnum, err);
  return atomic_load (&nbd->target.lost) ? report_loss (nbd, err) : 0;
}

static void
nbd_interrupt (struct target *target)
{
  struct target_nbd *nbd = (struct target_nbd *) target;
  const uint64_t one = 1;

  atomic_store (&nbd->stop, true);
  if (write (nbd->stop_fd, &one, sizeof one) == -1)
    return;                     /* readable already */
}

static void
nbd_free (struct target *target)
{
  struct target_nbd *nbd = (struct target_nbd *) target;

  for (unsigned i = 0; i < nbd->n_idle; i++) {
    if (!atomic_load (&nbd->stop))
      nbd_shutdown (nbd->idle[i], 0);
    nbd_close (nbd->idle[i]);
  }
  close_if_open (nbd->stop_fd);
  close_if_open (nbd->file_fd);
  target_settled_free (nbd->settled);
  pthread_cond_destroy (&nbd->returned);
  pthread_mutex_destroy (&nbd->lock);
  free (nbd->uri);
  free (nbd);
}

/* A qcow2 file grows at its end, wherever in the disk something is written.
 */
static void
nbd_settle (struct target *target, uint64_t len __attribute__ ((unused)),
            uint64_t offset __attribute__ ((unused)))
{
  struct target_nbd *nbd = (struct target_nbd *) target;
  uint64_t from, grown = 0;
  struct stat st;

  if (nbd->file_fd == -1 || fstat (nbd->file_fd, &st) == -1)
    return;
  pthread_mutex_lock (&nbd->lock);
  from = nbd->settled_to;
  if ((uint64_t) st.st_size >= from + SETTLE_MIN) {
    grown = (uint64_t) st.st_size - from;
    nbd->settled_to += grown;
  }
  pthread_mutex_unlock (&nbd->lock);
  if (grown > 0)
    target_fd_settle (nbd->file_fd, nbd->settled, grown, from);
}

static const struct target_ops nbd_ops = {
  .write = nbd_write,
  .zero = nbd_zero_range,
  .settle = nbd_settle,
  .interrupt = nbd_interrupt,
  .flush = nbd_flush_all,
  .free = nbd_free,
};

static struct target_nbd *
nbd_alloc (const char *uri, enum target_zero zero, bool reads_zero,
           struct error *err)
{
  struct target_nbd *nbd = calloc (1, sizeof *nbd);

  if (nbd == NULL) {
    error_nomem (err);
    return NULL;
  }
  nbd->target = (struct target) { .ops = &nbd_ops, .granule = GRANULE };
  nbd->zero = zero;
  nbd->reads_zero = reads_zero;
  pthread_mutex_init (&nbd->lock, NULL);
  pthread_cond_init (&nbd->returned, NULL);
  nbd->max_open = 1;
  nbd->file_fd = -1;
  nbd->stop_fd = eventfd (0, EFD_CLOEXEC|EFD_NONBLOCK);
  nbd->uri = strdup (uri);
  if (nbd->stop_fd == -1 || nbd->uri == NULL) {
    error_errno (err, REASON_INTERNAL, "%s", uri);
    nbd_free (&nbd->target);
    return NULL;
  }
  return nbd;
}

/* What the server can do, as the first connection learns it. */
static int
learn (struct target_nbd *nbd, struct nbd_handle *h, struct error *err)
{
  const int64_t size = nbd_get_size (h);
  const int64_t max = nbd_get_block_size (h, LIBNBD_SIZE_MAXIMUM);

  if (size == -1)
    return error_set (err, REASON_WRITE, "%s: %s", nbd->uri,
                      nbd_conn_reason ());
  if (nbd_is_read_only (h) != 0)
    return error_set (err, REASON_WRITE, _("%s is read-only"), nbd->uri);
  nbd->target.size = (uint64_t) size;
  nbd->can_zero = nbd_can_zero (h) == 1;
  nbd->can_fast_zero = nbd->can_zero && nbd_can_fast_zero (h) == 1;
  nbd->can_trim = nbd_can_trim (h) == 1;
  nbd->can_flush = nbd_can_flush (h) == 1;
  nbd->max_write = max > 0 && max < (32 << 20) ? (uint32_t) max : 32U << 20;
  /* Without flush nothing joins what several connections have written. */
  if (nbd_can_multi_conn (h) == 1)
    nbd->max_open = CONNECTIONS_MAX;
  return 0;
}

static int
connect_first (struct target_nbd *nbd, uint64_t size, struct error *err)
{
  struct nbd_handle *h = nbd_conn_open_within (nbd->uri, NULL, nbd->stop_fd,
                                               nbd->target.timeout_s, err);

  if (h == NULL)
    return -1;
  nbd->idle[nbd->n_idle++] = h;
  nbd->n_open = 1;
  if (learn (nbd, h, err) == -1)
    return -1;
  if (nbd->target.size >= size)
    return 0;
  return error_set (err, REASON_SPACE,
                    _("%s is too small: it has %" PRIu64
                      " bytes, the disk %" PRIu64),
                    nbd->uri, nbd->target.size, size);
}

struct target *
target_nbd_open (const char *uri, uint64_t size, enum target_zero zero,
                 bool reads_zero, unsigned timeout_s, struct error *err)
{
  struct target_nbd *nbd = nbd_alloc (uri, zero, reads_zero, err);

  if (nbd == NULL)
    return NULL;
  nbd->target.timeout_s = timeout_s;
  if (connect_first (nbd, size, err) == -1) {
    nbd_free (&nbd->target);
    return NULL;
  }
  return &nbd->target;
}

int
target_nbd_settle_file (struct target *target, const char *path,
                        struct error *err)
{
  struct target_nbd *nbd = (struct target_nbd *) target;
  struct stat st;

  nbd->settled = target_settled_new (err);
  if (nbd->settled == NULL)
    return -1;
  nbd->file_fd = open (path, O_RDONLY|O_CLOEXEC);
  if (nbd->file_fd == -1 || fstat (nbd->file_fd, &st) == -1)
    return error_errno (err, REASON_WRITE, "%s", path);
  nbd->settled_to = (uint64_t) st.st_size;
  return 0;
}
