/* SPDX-License-Identifier: GPL-2.0-or-later */

/* An NBD export: what the server can do, and how ranges are written, zeroed
 * and flushed.  Sending a command, again if need be, is left to
 * target-nbd-command.c, blocks of which only a part is written to
 * target-nbd-blocks.c.
 */

#include <config.h>

#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/param.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/lock.h"
#include "io/nbd-conn.h"
#include "io/supervisor.h"
#include "io/wake.h"
#include "target/target.h"
#include "target/target-internal.h"
#include "target/target-nbd.h"

/* The cluster of a qcow2 file: a smaller hole in it saves no space. */
#define GRANULE 65536
/* Write a file back each time that it has grown by this much. */
#define SETTLE_MIN (UINT64_C (32) << 20)
#define WRITE_MAX (UINT32_C (32) << 20)
/* The first connection: pauses between attempts, and how often. */
#define FIRST_PAUSE_MS 100
#define FIRST_RETRIES 3
/* How long an idle connection may take to show that it still stands. */
#define ANSWER_MS 5000

int
target_nbd_send (struct target_nbd *nbd, const char *p, uint32_t len,
                 uint64_t offset, struct error *err)
{
  while (len > 0) {
    const uint32_t part = MIN (len, nbd->max_write);
    const struct target_nbd_command write = {
      .kind = TARGET_NBD_WRITE, .buf = p, .len = part, .offset = offset };

    if (target_nbd_run (nbd, &write, err) == -1)
      return -1;
    p += part;
    offset += part;
    len -= part;
  }
  return 0;
}

static int
nbd_write (struct target *target, const void *buf, uint32_t len,
           uint64_t offset, struct error *err)
{
  struct target_nbd *nbd = (struct target_nbd *) target;

  return target_nbd_in_blocks (nbd, buf, len, offset, target_nbd_send, err);
}

/* With NBD a range reads as zeroes after WRITE_ZEROES, and may be given back
 * by it unless NO_HOLE forbids that.  TRIM promises nothing: qemu-nbd leaves
 * parts of a qcow2 file's clusters as they are, and nbd-server 3.24 and 3.27
 * confirm it and do nothing in the upper half of an export.
 */
static int
zero_blocks (struct target_nbd *nbd,
             const char *data __attribute__ ((unused)), uint32_t len,
             uint64_t offset, struct error *err)
{
  struct target_nbd_command c = {
    .kind = TARGET_NBD_ZERO, .len = len, .offset = offset };
  int r = 1;

  if (atomic_load (&nbd->can_fast_zero)) {
    c.flags = LIBNBD_CMD_FLAG_FAST_ZERO;
    r = target_nbd_run (nbd, &c, err);
    if (r == 1)
      atomic_store (&nbd->can_fast_zero, false);
  }
  /* Zeroing slowly in the server is still better than sending zeroes. */
  c.flags = 0;
  if (r == 1)
    r = target_nbd_run (nbd, &c, err);
  return r == 1 ? target_write_zeroes (&nbd->target, len, offset, err) : r;
}

static int
nbd_zero_range (struct target *target, uint32_t len, uint64_t offset,
                struct error *err)
{
  struct target_nbd *nbd = (struct target_nbd *) target;

  if (nbd->zero == TARGET_ZERO_SKIP)
    return 0;
  if (nbd->zero == TARGET_ZERO_WRITE)
    return target_write_zeroes (target, len, offset, err);
  return target_nbd_in_blocks (nbd, NULL, len, offset, zero_blocks, err);
}

/* With multi-conn one flush is for the writes of all connections. */
static int
nbd_flush_all (struct target *target, struct error *err)
{
  static const struct target_nbd_command flush = { .kind = TARGET_NBD_FLUSH };
  struct target_nbd *nbd = (struct target_nbd *) target;

  target_nbd_notice_losses (nbd);
  if (target_nbd_check_lost (nbd, err) == -1)
    return -1;
  if (!nbd->can_flush)          /* the user was told */
    return 0;
  return target_nbd_run (nbd, &flush, err) == -1 ? -1
    : target_nbd_check_lost (nbd, err);
}

static void
nbd_interrupt (struct target *target)
{
  wake_up (&((struct target_nbd *) target)->stop);
}

static void
nbd_free (struct target *target)
{
  struct target_nbd *nbd = (struct target_nbd *) target;

  for (unsigned i = 0; i < nbd->n_idle; i++) {
    /* The next connection may be the only one that the server allows. */
    if (!wake_wait (&nbd->stop, 0))
      nbd_conn_leave (&nbd->idle[i]);
    else
      nbd_close (nbd->idle[i]);
  }
  wake_reset (&nbd->stop);
  close_if_open (nbd->file_fd);
  pthread_mutex_destroy (&nbd->settle.lock);
  pthread_mutex_destroy (&nbd->block_lock);
  pthread_cond_destroy (&nbd->returned);
  pthread_mutex_destroy (&nbd->lock);
  target_reset (target);
  free (nbd->file);
  free (nbd->uri);
  free (nbd);
}

/* A qcow2 file grows at its end, whatever offset of the disk is written to. */
static int
nbd_settle (struct target *target, uint64_t len __attribute__ ((unused)),
            uint64_t offset __attribute__ ((unused)), struct error *err)
{
  struct target_nbd *nbd = (struct target_nbd *) target;
  uint64_t from, grown = 0;
  struct stat st;

  if (nbd->file_fd == -1)
    return 0;
  if (fstat (nbd->file_fd, &st) == -1)
    return target_errno (err, nbd->file);
  pthread_mutex_lock (&nbd->lock);
  from = nbd->settled_to;
  if ((uint64_t) st.st_size >= from + SETTLE_MIN) {
    grown = (uint64_t) st.st_size - from;
    nbd->settled_to += grown;
  }
  pthread_mutex_unlock (&nbd->lock);
  return grown == 0 ? 0
    : settle_range (&nbd->settle, nbd->file_fd, nbd->file, grown, from, err);
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
nbd_alloc (const char *uri, enum target_zero zero, struct error *err)
{
  struct target_nbd *nbd = alloc_zero (sizeof *nbd, err);

  if (nbd == NULL)
    return NULL;
  target_init (&nbd->target, &nbd_ops, 0, GRANULE);
  nbd->zero = zero;
  pthread_mutex_init (&nbd->lock, NULL);
  pthread_mutex_init (&nbd->block_lock, NULL);
  pthread_cond_init (&nbd->returned, NULL);
  nbd->max_open = 1;
  nbd->file_fd = -1;
  pthread_mutex_init (&nbd->settle.lock, NULL);
  nbd->uri = alloc_copy (uri, err);
  if (wake_init (&nbd->stop, err) == 0 && nbd->uri != NULL)
    return nbd;
  nbd_free (&nbd->target);
  return NULL;
}

/* With old-style negotiation nbdkit (1.32) says that it can flush, and refuses
 * it.  That is better known before the copy than after it.
 */
static int
try_flush (struct target_nbd *nbd, struct nbd_handle *h, struct error *err)
{
  const char *protocol = nbd_get_protocol (h);
  struct nbd_wait wait = {
    .supervisor = nbd->supervisor, .wake_fd = nbd->stop.fd,
    .deadline_ms = INT64_MAX };

  if (!nbd->can_flush || protocol == NULL || strcmp (protocol, "oldstyle") != 0
      || nbd_conn_wait (h, nbd_aio_flush (h, NBD_NULL_COMPLETION, 0), &wait,
                        err) == 0)
    return 0;
  if (error_is_set (err))
    return -1;
  error_set (err, REASON_WRITE,
             _("%s: the server advertises flush, but refuses it: %s"),
             nbd->uri, strerror (wait.errnum));
  error_hint (err, _("nbdkit does this with --oldstyle (-o): start it "
                     "without that option"));
  return -1;
}

bool
target_nbd_can_flush (const struct target *target)
{
  return ((const struct target_nbd *) target)->can_flush;
}

/* Find out, on the first connection, what the server can do. */
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
  if (nbd->zero != TARGET_ZERO_SKIP && nbd_can_zero (h) != 1)
    nbd->zero = TARGET_ZERO_WRITE;
  atomic_init (&nbd->can_fast_zero, nbd_can_fast_zero (h) == 1);
  nbd->can_flush = nbd_can_flush (h) == 1;
  nbd->min_block = nbd_conn_min_block (h);
  nbd->max_write = max > 0 ? (uint32_t) MIN (max, WRITE_MAX) : WRITE_MAX;
  nbd->max_write = MAX (nbd->max_write / nbd->min_block, 1U) *
    nbd->min_block;
  /* Without it a flush is only for the writes of its own connection. */
  if (nbd_can_multi_conn (h) == 1)
    nbd->max_open = TARGET_NBD_MAX;
  return try_flush (nbd, h, err);
}

/* A server that allows one client may not have noticed yet that the last one
 * has left, which may have been this very program, when it looked whether the
 * target is fit.
 */
static struct nbd_handle *
take_first (struct target_nbd *nbd, struct error *err)
{
  for (unsigned attempt = 0;; attempt++) {
    const int64_t start_ms = clock_ms ();
    struct nbd_handle *h = target_nbd_take (nbd, err);

    if (h != NULL) {
      nbd->connect_ms = (int) (clock_ms () - start_ms);
      atomic_store (&nbd->target.lost, false);
      return h;
    }
    if (attempt >= FIRST_RETRIES || err->reason != REASON_UNREACHABLE)
      return NULL;
    error_reset (err);
    if (supervisor_pause (nbd->supervisor, FIRST_PAUSE_MS << attempt,
                          err) == -1)
      return NULL;
  }
}

static int
connect_first (struct target_nbd *nbd, uint64_t size, struct error *err)
{
  struct nbd_handle *h = take_first (nbd, err);
  int r;

  if (h == NULL)
    return -1;
  r = learn (nbd, h, err);
  target_nbd_return (nbd, h);
  if (r == -1)
    return -1;
  return nbd->target.size >= size ? 0
    : target_too_small (&nbd->target, nbd->uri, size, err);
}

struct target *
target_nbd_open (const char *uri, uint64_t size, enum target_zero zero,
                 unsigned timeout_s, struct supervisor *supervisor,
                 struct error *err)
{
  struct target_nbd *nbd = nbd_alloc (uri, zero, err);
  int r;

  if (nbd == NULL)
    return NULL;
  nbd->target.timeout_s = timeout_s;
  nbd->supervisor = supervisor;
  r = connect_first (nbd, size, err);
  nbd->supervisor = NULL;
  if (r == 0)
    return &nbd->target;
  nbd_free (&nbd->target);
  return NULL;
}

/* A server, or a firewall on the way to it, may have forgotten a connection on
 * which nothing was sent for hours.
 */
static bool
answers (struct target_nbd *nbd, struct nbd_handle **h)
{
  struct nbd_wait wait = {
    .supervisor = nbd->supervisor, .wake_fd = nbd->stop.fd,
    .deadline_ms = clock_ms () + ANSWER_MS };
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  char byte;

  nbd_conn_poll (h, 1, -1, 0);
  if (nbd_conn_alive (*h) &&
      (nbd->target.size == 0 ||
       nbd_conn_pread (*h, &byte, 1, 0, &wait, &ignored) == 0))
    return true;
  nbd_conn_drop (h);
  return false;
}

bool
target_nbd_reopen (struct target *target, uint64_t size,
                   enum target_zero zero, struct supervisor *supervisor)
{
  struct target_nbd *nbd = (struct target_nbd *) target;
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  struct nbd_handle *h;
  bool ok = false;

  nbd->supervisor = supervisor;
  h = target_nbd_take (nbd, &ignored);
  if (h != NULL) {
    nbd->zero = zero;
    ok = answers (nbd, &h) && learn (nbd, h, &ignored) == 0 &&
      nbd->target.size >= size;
    target_nbd_return (nbd, h);
  }
  nbd->supervisor = NULL;
  return ok;
}

int
target_nbd_settle_file (struct target *target, int fd, const char *path,
                        struct error *err)
{
  struct target_nbd *nbd = (struct target_nbd *) target;
  struct stat st;

  if (alloc_set (&nbd->file, path, err) == -1)
    return -1;
  nbd->file_fd = fcntl (fd, F_DUPFD_CLOEXEC, 0);
  if (nbd->file_fd == -1 || fstat (nbd->file_fd, &st) == -1)
    return error_errno (err, REASON_WRITE, "%s", path);
  nbd->settled_to = (uint64_t) st.st_size;
  return 0;
}
