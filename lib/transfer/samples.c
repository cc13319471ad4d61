/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Reads some blocks of a disk, at once where it is remote, and compares their
 * digest with an earlier one.  Which disks need that is left to finished.c.
 */

#include <config.h>

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>
#include <sys/random.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/local-file.h"
#include "io/disk-writes.h"
#include "io/nbd-conn.h"
#include "transfer/samples.h"

#define BLOCK (UINT64_C (64) << 10)
#define BLOCKS 32

/* The blocks to read of a disk of SIZE bytes, and what was read. */
struct blocks {
  uint64_t size;
  unsigned n;
  uint64_t offsets[BLOCKS];
  char *data;                   /* BLOCK bytes for each */
};

static size_t
length_of (const struct blocks *blocks, unsigned i)
{
  return MIN (BLOCK, blocks->size - blocks->offsets[i]);
}

/* splitmix64 */
static uint64_t
next_random (uint64_t *state)
{
  uint64_t z = *state += UINT64_C (0x9e3779b97f4a7c15);

  z = (z ^ (z >> 30)) * UINT64_C (0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C (0x94d049bb133111eb);
  return z ^ (z >> 31);
}

/* The first and the last block, where partition tables are, and some of those
 * between them; or all.
 */
static int
choose (struct blocks *blocks, uint64_t seed, uint64_t size,
        struct error *err)
{
  const uint64_t total = size / BLOCK + (size % BLOCK != 0);

  blocks->size = size;
  blocks->n = (unsigned) MIN (total, BLOCKS);
  for (unsigned i = 0; i < blocks->n; i++) {
    const uint64_t block = total <= BLOCKS || i == 0 ? i
      : i == 1 ? total - 1 : next_random (&seed) % total;

    blocks->offsets[i] = block * BLOCK;
  }
  blocks->data = alloc_zero ((size_t) (blocks->n + 1) * BLOCK, err);
  return blocks->data != NULL ? 0 : -1;
}

/*--- Local ones. ---*/

static int
read_file (const struct local_file *file, uint64_t seed,
           struct blocks *blocks, struct error *err)
{
  const char *path = file->path;
  const int fd = file->fd;
  const off_t size = lseek (fd, 0, SEEK_END);

  if (size == -1)
    return error_errno (err, REASON_READ, "%s", path);
  if (choose (blocks, seed, (uint64_t) size, err) == -1)
    return -1;
  for (unsigned i = 0; i < blocks->n; i++) {
    const size_t len = length_of (blocks, i);
    const ssize_t n = pread (fd, blocks->data + i * BLOCK, len,
                             (off_t) blocks->offsets[i]);

    if (n == -1)
      return error_errno (err, REASON_READ, "%s", path);
    if ((size_t) n != len)
      return error_set (err, REASON_READ, _("%s: short read"),
                        path);
  }
  return 0;
}

/*--- NBD exports. ---*/

static int
read_failed (const char *uri, bool connected, const struct nbd_wait *wait,
             struct error *err)
{
  if (error_is_set (err))
    return -1;
  if (wait->timed_out)
    return error_set (err, REASON_TIMEOUT,
                      _("%s: the server does not answer"), uri);
  return error_set (err, connected ? REASON_READ : REASON_UNREACHABLE,
                    "%s: %s", uri,
                    wait->errnum != 0 ? strerror (wait->errnum)
                    : nbd_conn_reason ());
}

/* Of each block the bytes from FROM on, LEN at most.  All requests are sent,
 * then each is waited for: that takes one round trip.
 */
static int
read_parts (struct nbd_handle *h, struct blocks *blocks, size_t from,
            size_t len, struct nbd_wait *wait, struct error *err)
{
  int64_t cookies[BLOCKS];

  for (unsigned i = 0; i < blocks->n; i++)
    cookies[i] = from >= length_of (blocks, i) ? 0
      : nbd_aio_pread (h, blocks->data + i * BLOCK + from,
                       MIN (len, length_of (blocks, i) - from),
                       blocks->offsets[i] + from, NBD_NULL_COMPLETION, 0);
  for (unsigned i = 0; i < blocks->n; i++)
    if (cookies[i] != 0 && nbd_conn_wait (h, cookies[i], wait, err) == -1)
      return -1;
  return 0;
}

static int
read_blocks (struct nbd_handle *h, struct blocks *blocks,
             struct nbd_wait *wait, struct error *err)
{
  const int64_t max = nbd_get_block_size (h, LIBNBD_SIZE_MAXIMUM);
  const size_t len = max > 0 ? MIN (BLOCK, (uint64_t) max) : BLOCK;

  for (size_t from = 0; from < BLOCK; from += len)
    if (read_parts (h, blocks, from, len, wait, err) == -1)
      return -1;
  return 0;
}

static struct nbd_wait
wait_for (const struct samples_of *of, struct supervisor *supervisor)
{
  return (struct nbd_wait) {
    .supervisor = supervisor, .wake_fd = -1,
    .deadline_ms = clock_ms () + (int64_t) of->timeout_s * 1000,
  };
}

static int
read_through (struct nbd_handle *h, uint64_t seed, struct nbd_wait *wait,
              struct blocks *blocks, struct error *err)
{
  const int64_t size = nbd_get_size (h);

  return size < 0 || choose (blocks, seed, (uint64_t) size, err) == -1 ? -1
    : read_blocks (h, blocks, wait, err);
}

/* Read through the connection that is there, which saves the round trips of a
 * new one.  False: that did not work; *err is set if nothing will.
 */
static bool
read_kept (const struct samples_of *of, uint64_t seed,
           struct supervisor *supervisor, struct blocks *blocks,
           struct error *err)
{
  struct nbd_wait wait = wait_for (of, supervisor);

  if (of->nbd == NULL || !nbd_conn_alive (*of->nbd))
    return false;
  if (read_through (*of->nbd, seed, &wait, blocks, err) == 0)
    return true;
  nbd_conn_drop (of->nbd);      /* the data are freed after this */
  free (blocks->data);
  blocks->data = NULL;
  return false;
}

static int
read_export (const struct samples_of *of, uint64_t seed,
             struct supervisor *supervisor, struct blocks *blocks,
             struct error *err)
{
  struct nbd_wait wait;
  struct nbd_handle *h;

  if (read_kept (of, seed, supervisor, blocks, err))
    return 0;
  if (error_is_set (err))
    return -1;
  wait = wait_for (of, supervisor);
  h = nbd_conn_connect (of->uri, NULL, &wait, err);
  if (h == NULL || read_through (h, seed, &wait, blocks, err) == -1) {
    read_failed (of->uri, h != NULL, &wait, err);
    nbd_conn_drop (&h);         /* the data are freed after this */
    nbd_conn_close (&h);
    return -1;
  }
  nbd_conn_leave (&h);
  return 0;
}

/*--- Both. ---*/

static char *
digest_text (const struct blocks *blocks, uint64_t seed, const char *writes,
             struct error *err)
{
  CLEANUP_DIGESTER struct digester *digester =
    digester_new (DIGEST_SHA256, err);
  char hex[DIGEST_HEX_MAX];

  for (unsigned i = 0; digester != NULL && i < blocks->n; i++)
    if (digester_add (digester, blocks->data + i * BLOCK,
                      length_of (blocks, i), err) == -1)
      return NULL;
  if (digester == NULL)
    return NULL;
  digester_end (digester, hex);
  return format (err, "%016" PRIx64 " %" PRIu64 " %s %s", seed, blocks->size,
                 hex, writes != NULL ? writes : "-");
}

static char *
take (const struct samples_of *of, uint64_t seed,
      struct supervisor *supervisor, struct error *err)
{
  CLEANUP_LOCAL_FILE struct local_file *opened =
    of->file == NULL && of->path != NULL ? local_file_open (of->path, err)
                                         : NULL;
  const struct local_file *file = of->file != NULL ? of->file : opened;
  /* Before the reads: what is written meanwhile is seen next time. */
  CLEANUP_FREE char *writes = file != NULL
    ? disk_writes_of (file->fd, err) : NULL;
  struct blocks blocks = { .data = NULL };
  char *ret = NULL;

  if (!error_is_set (err) &&
      (file != NULL ? read_file (file, seed, &blocks, err)
       : read_export (of, seed, supervisor, &blocks, err)) == 0)
    ret = digest_text (&blocks, seed, writes, err);
  free (blocks.data);
  return ret;
}

char *
samples_take (const struct samples_of *of, struct supervisor *supervisor,
              struct error *err)
{
  uint64_t seed;

  if (getrandom (&seed, sizeof seed, GRND_NONBLOCK) != sizeof seed)
    seed = (uint64_t) clock_ms ();
  return take (of, seed, supervisor, err);
}

/* The counters of writes say nothing about those of another start of the
 * host.
 */
static bool
same_writes (const char *before, const char *now)
{
  const size_t boot = strcspn (before, ":");

  return strcmp (before, now) == 0 || strcmp (before, "-") == 0 ||
    strcmp (now, "-") == 0 || boot != strcspn (now, ":") ||
    strncmp (before, now, boot) != 0;
}

int
samples_same (const struct samples_of *of, const char *before,
              struct supervisor *supervisor, struct error *err)
{
  const char *writes_before = strrchr (before, ' ');
  const size_t len = writes_before == NULL ? 0
    : (size_t) (writes_before - before);
  CLEANUP_FREE char *now = take (of, strtoull (before, NULL, 16),
                                 supervisor, err);

  if (now == NULL)
    return -1;
  return writes_before != NULL && strncmp (before, now, len) == 0 &&
    now[len] == ' ' && same_writes (writes_before + 1, now + len + 1);
}
