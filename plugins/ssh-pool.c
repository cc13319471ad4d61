/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Reads for nbdkit's threads, which wait here: a read is cut into pieces, and
 * whoever has a connection for them (ssh-members.c) does them.
 */

#include <config.h>

#include <stdlib.h>

#include "base/clock.h"
#include "ssh-pool-internal.h"

/* Who asks so soon after somebody else gets the same answer: a copy's clients
 * come together.
 */
#define FRESH_MS 1000

struct pool *
pool_new (const struct ssh_params *params, unsigned max, unsigned ahead)
{
  struct pool *pool = calloc (1, sizeof *pool);

  if (pool == NULL)
    return NULL;
  pool->shared.params = params;
  atomic_init (&pool->shared.remembered.by_password, false);
  atomic_init (&pool->shared.remembered.guess_denied, false);
  atomic_init (&pool->shared.reply_max, SFTP_DATA_MAX);
  pool->max = max < SSH_POOL_MAX ? max : SSH_POOL_MAX;
  pool->ahead = ahead;
  pthread_mutex_init (&pool->lock, NULL);
  pthread_cond_init (&pool->changed, NULL);
  return pool;
}

static void
stop_all (struct pool *pool)
{
  pthread_mutex_lock (&pool->lock);
  pool->stopping = true;
  pthread_cond_broadcast (&pool->changed);
  for (unsigned i = 0; i < PLACES; i++)
    if (pool->members[i].state != FREE)
      connection_stop (pool->members[i].connection);
  while (members_count (pool, READY) + members_beginning (pool) > 0)
    pthread_cond_wait (&pool->changed, &pool->lock);
  pthread_mutex_unlock (&pool->lock);
}

void
pool_free (struct pool *pool)
{
  if (pool == NULL)
    return;
  stop_all (pool);
  for (unsigned i = 0; i < PLACES; i++)
    if (pool->members[i].state == LOST)
      connection_free (pool->members[i].connection);
  pthread_cond_destroy (&pool->changed);
  pthread_mutex_destroy (&pool->lock);
  free (pool);
}

static void
do_request (struct pool *pool, struct read_request *request,
            struct piece *pieces, uint32_t bytes)
{
  const unsigned n = request->missing;

  pthread_mutex_lock (&pool->lock);
  pool->load += bytes;
  for (unsigned i = 0; i < n; i++)
    members_dispatch (pool, &pieces[i]);
  members_have (pool);
  while (request->missing > 0)
    pthread_cond_wait (&request->done, &pool->lock);
  pthread_mutex_unlock (&pool->lock);
}

/*--- Opening. ---*/

/* What the path leads to later may have another size. */
static bool
look_again (struct pool *pool, struct pool_file *file, struct trouble *why)
{
  struct sftp_attrs attrs = { .has_size = false };
  struct read_request request = {
    .done = PTHREAD_COND_INITIALIZER, .missing = 1,
  };
  struct piece piece = { .request = &request, .attrs = &attrs };

  do_request (pool, &request, &piece, 0);
  pthread_cond_destroy (&request.done);
  *why = request.trouble;
  if (request.trouble.kind != TROUBLE_NONE)
    return false;
  pthread_mutex_lock (&pool->lock);
  members_saw (pool, &attrs);
  *file = pool->file;
  pthread_mutex_unlock (&pool->lock);
  return true;
}

/* Is it time to look again, and can that be done?  If not, *file is what is
 * known.
 */
static bool
is_stale (struct pool *pool, struct pool_file *file)
{
  bool stale;

  pthread_mutex_lock (&pool->lock);
  *file = pool->file;
  stale = pool->file.attrs.has_size && !pool->file.attrs.of_handle &&
    clock_ms () - pool->seen_ms > FRESH_MS;
  pthread_mutex_unlock (&pool->lock);
  return stale;
}

bool
pool_refresh (struct pool *pool, struct pool_file *file, struct trouble *why)
{
  return !is_stale (pool, file) || look_again (pool, file, why);
}

/* All who wait share the failure of one attempt, since when there have been
 * more FAILURES: it is over.  So it is when there will be no other one.
 */
static bool
is_over (const struct pool *pool, unsigned failures)
{
  return members_count (pool, READY) > 0 ||
    ((pool->failures != failures || pool->stopping) &&
     (pool->verdict == REFUSED || members_beginning (pool) == 0));
}

static bool
enter (struct pool *pool, struct trouble *why)
{
  bool ret;

  pthread_mutex_lock (&pool->lock);
  ret = !pool->spoiled;
  if (ret)
    pool->clients++;
  else
    trouble_set (why, TROUBLE_SERVER, "cannot open file for reading: %s",
                 pool->change);
  pthread_mutex_unlock (&pool->lock);
  return ret;
}

bool
pool_open (struct pool *pool, struct pool_file *file, struct trouble *why)
{
  unsigned failures;
  bool ret;

  pthread_mutex_lock (&pool->lock);
  failures = pool->failures;
  members_have (pool);
  while (!is_over (pool, failures)) {
    pthread_cond_wait (&pool->changed, &pool->lock);
    if (!is_over (pool, failures))
      members_need_one (pool);          /* it may have been lost at once */
  }
  ret = members_count (pool, READY) > 0;
  *why = pool->trouble;
  pthread_mutex_unlock (&pool->lock);
  return ret && pool_refresh (pool, file, why) && enter (pool, why);
}

void
pool_close (struct pool *pool)
{
  pthread_mutex_lock (&pool->lock);
  pool->clients--;
  pthread_mutex_unlock (&pool->lock);
}

const char *
pool_change (struct pool *pool, const struct pool_file *file)
{
  const char *ret;

  pthread_mutex_lock (&pool->lock);
  ret = pool->file.generation == file->generation ? NULL : pool->change;
  pthread_mutex_unlock (&pool->lock);
  return ret;
}

/*--- Reading. ---*/

/* Parts of equal size: the server's processor is not asked for a few bytes
 * once in a while.
 */
static unsigned
count_pieces (const struct pool *pool, uint32_t bytes)
{
  const uint32_t max = atomic_load (&pool->shared.reply_max);

  return bytes / max + (bytes % max > 0);
}

static void
cut (struct read_request *request, void *buf, uint32_t bytes, uint64_t offset,
     struct piece *pieces)
{
  const unsigned n = request->missing;
  const uint32_t each = (bytes + n - 1) / n;
  uint32_t begun = 0;

  for (unsigned i = 0; i < n; i++) {
    pieces[i] = (struct piece) {
      .request = request, .buf = (uint8_t *) buf + begun,
      .offset = offset + begun, .len = i < n - 1 ? each : bytes - begun,
    };
    begun += pieces[i].len;
  }
}

/* ATTRS: what the path leads to now is wanted, too; may be NULL. */
static bool
read_and_look (struct pool *pool, void *buf, uint32_t bytes, uint64_t offset,
               uint32_t *got, struct sftp_attrs *attrs, struct trouble *why)
{
  const unsigned n = count_pieces (pool, bytes);
  struct read_request request = {
    .done = PTHREAD_COND_INITIALIZER, .missing = n, .end = offset + bytes,
  };
  struct piece *pieces = calloc (n + 1, sizeof *pieces);

  if (pieces == NULL) {
    trouble_set (why, TROUBLE_SERVER, "read failed: no memory");
    return false;
  }
  cut (&request, buf, bytes, offset, pieces);
  if (attrs != NULL)
    pieces[request.missing++] = (struct piece) {
      .request = &request, .attrs = attrs,
    };
  do_request (pool, &request, pieces, bytes);
  free (pieces);
  pthread_cond_destroy (&request.done);
  if (got != NULL)
    *got = (uint32_t) (request.end - offset);
  *why = request.trouble;
  return request.trouble.kind == TROUBLE_NONE;
}

bool
pool_read (struct pool *pool, void *buf, uint32_t bytes, uint64_t offset,
           uint32_t *got, struct trouble *why)
{
  return bytes == 0 ||
    read_and_look (pool, buf, bytes, offset, got, NULL, why);
}

bool
pool_read_end (struct pool *pool, void *buf, uint32_t bytes, uint64_t offset,
               struct trouble *why)
{
  struct sftp_attrs attrs = { .has_size = false };
  struct pool_file file;

  if (!is_stale (pool, &file))
    return pool_read (pool, buf, bytes, offset, NULL, why);
  if (!read_and_look (pool, buf, bytes, offset, NULL, &attrs, why))
    return false;
  pthread_mutex_lock (&pool->lock);
  members_saw (pool, &attrs);
  pthread_mutex_unlock (&pool->lock);
  return true;
}
