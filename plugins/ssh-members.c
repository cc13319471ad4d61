/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Shares reads among SSH connections.  The first is opened when somebody wants
 * the file; another one as soon as those that there are have enough to do, or
 * at once where much will be read (.ahead).  A login takes many round trips,
 * so that they begin early and beside each other, but no more than four at a
 * time: sshd turns away those who have not logged in, from the tenth on
 * (MaxStartups), for all of its clients together.  One goes first: where it is
 * refused, the others do not try.  They wait for that when everything has been
 * said that comes before a try, so that they are one round trip behind.
 *
 * Reads of a connection that is lost are done by another one.  Where there is
 * no other, a new one is opened, once; if that fails, the reads have failed,
 * and whoever wanted them (nbdkit's retry filter, or the copy) waits as long
 * as it likes before it asks again.
 */

#include <config.h>

#define NBDKIT_API_VERSION 2
#include <nbdkit-plugin.h>

#include "base/clock.h"
#include "ssh-pool-internal.h"

/* Who have not logged in. */
#define LOGINS_MAX 4
/* How many begin before it is known how large the file is: more where round
 * trips are long, which reaching the host tells.  (Each costs the server some
 * 20 ms of its processor.)
 */
#define LOGINS_NEAR 2
#define FAR_MS 80

/* What is asked of a connection before there is another one. */
#define ENOUGH (UINT64_C (512) << 10)

/* What a connection has of a file before it is worth to begin another one. */
#define AHEAD_BYTES (UINT64_C (8) << 20)

/* How often a read may have been on a connection that was lost. */
#define LOSSES_MAX 3

/* After a further connection was refused, until the next try. */
#define PAUSE_FIRST_MS 5000
#define PAUSE_MAX_MS 60000


/*--- The members.  All of these functions are called under the lock. ---*/

unsigned
members_count (const struct pool *pool, enum state state)
{
  unsigned ret = 0;

  for (unsigned i = 0; i < PLACES; i++)
    ret += pool->members[i].state == state;
  return ret;
}

unsigned
members_beginning (const struct pool *pool)
{
  return members_count (pool, LOGGING_IN) + members_count (pool, OPENING);
}

static struct member *
member_of (struct pool *pool, const struct connection *connection)
{
  for (unsigned i = 0; i < PLACES; i++)
    if (pool->members[i].connection == connection)
      return &pool->members[i];
  return NULL;
}

static struct member *
least_loaded (struct pool *pool)
{
  struct member *ret = NULL;

  for (unsigned i = 0; i < PLACES; i++) {
    struct member *member = &pool->members[i];

    if (member->state == READY && (ret == NULL || member->load < ret->load))
      ret = member;
  }
  return ret;
}

static void
piece_end (struct pool *pool, struct piece *piece,
           const struct trouble *trouble)
{
  struct read_request *request = piece->request;

  pool->load -= piece->len;
  if (trouble != NULL && request->trouble.kind == TROUBLE_NONE)
    request->trouble = *trouble;
  if (trouble != NULL && piece->offset + piece->done < request->end)
    request->end = piece->offset + piece->done;
  if (--request->missing == 0)
    pthread_cond_signal (&request->done);
}

static void
fail_orphans (struct pool *pool)
{
  struct piece *piece;

  while ((piece = pieces_take (&pool->orphans)) != NULL)
    piece_end (pool, piece, &pool->trouble);
}

static void
no_connection (struct pool *pool, const char *why)
{
  pool->failures++;
  trouble_set (&pool->trouble, TROUBLE_LOST, "%s", why);
}

static const struct connection_ops ops;

/* A place for a connection, or NULL. */
static struct member *
free_member (struct pool *pool)
{
  for (unsigned i = 0; i < PLACES; i++) {
    struct member *member = &pool->members[i];

    if (member->state == LOST && member->ended) {
      connection_free (member->connection);
      *member = (struct member) { .state = FREE };
    }
    if (member->state == FREE)
      return member;
  }
  return NULL;
}

static void
begin (struct pool *pool)
{
  struct member *member = free_member (pool);

  if (member == NULL)
    return;
  member->connection = connection_new (&pool->shared, &ops, pool);
  if (member->connection == NULL)
    no_connection (pool, "cannot begin another connection: no memory");
  else {
    member->state = LOGGING_IN;
    member->begun_ms = clock_ms ();
  }
}

/* Will another one than the N there are be of use, once all of the file is
 * read?  Those that the run has no time for would be seen by sshd as clients
 * who do not log in, which since 9.8 it shuts out if there are many of them
 * (PerSourcePenalties).
 */
static bool
wants_ahead (const struct pool *pool, unsigned n)
{
  if (n >= pool->ahead)
    return false;
  return pool->opened ? pool->file.attrs.size > n * AHEAD_BYTES
    : n < (pool->is_far ? LOGINS_MAX : LOGINS_NEAR);
}

/* Is there so much to do that another connection is of use? */
static bool
wants_another (const struct pool *pool)
{
  const unsigned n = members_count (pool, READY) + members_beginning (pool);

  return n < pool->max &&
    (wants_ahead (pool, n) || pool->load > n * ENOUGH) &&
    clock_ms () >= pool->pause_until_ms;
}

static void
grow (struct pool *pool)
{
  while (!pool->stopping && members_count (pool, LOGGING_IN) < LOGINS_MAX &&
         wants_another (pool)) {
    const unsigned before = pool->failures;

    begin (pool);
    if (pool->failures != before)
      return;
  }
}

void
members_need_one (struct pool *pool)
{
  if (pool->stopping ||
      members_count (pool, READY) + members_beginning (pool) > 0)
    return;
  if (pool->verdict == REFUSED)
    pool->verdict = NOT_ASKED;
  begin (pool);
}

void
members_dispatch (struct pool *pool, struct piece *piece)
{
  struct member *member = least_loaded (pool);

  if (member == NULL) {
    pieces_add (&pool->orphans, piece);
    return;
  }
  member->load += piece->len;
  connection_send (member->connection, piece);
}

static void
dispatch_all (struct pool *pool, struct pieces *list)
{
  struct piece *piece;

  while ((piece = pieces_take (list)) != NULL)
    members_dispatch (pool, piece);
}

void
members_have (struct pool *pool)
{
  members_need_one (pool);
  grow (pool);
  if (members_count (pool, READY) + members_beginning (pool) == 0)
    fail_orphans (pool);
}


/*--- What connections tell. ---*/

/* Under the lock: one has reached the host, for the first time (a second login
 * of the same connection is counted from its beginning, too).
 */
static void
learn_distance (struct pool *pool, struct member *member)
{
  if (member->begun_ms != 0 && clock_ms () - member->begun_ms >= FAR_MS &&
      !pool->is_far) {
    pool->is_far = true;
    grow (pool);
  }
  member->begun_ms = 0;
}

static bool
reached (void *owner, struct connection *connection)
{
  struct pool *pool = owner;
  bool ret;

  pthread_mutex_lock (&pool->lock);
  learn_distance (pool, member_of (pool, connection));
  while (pool->verdict == ASKED && pool->asking != connection &&
         !pool->stopping)
    pthread_cond_wait (&pool->changed, &pool->lock);
  if (pool->verdict == NOT_ASKED) {
    pool->verdict = ASKED;
    pool->asking = connection;
  }
  ret = pool->verdict != REFUSED && !pool->stopping;
  pthread_mutex_unlock (&pool->lock);
  return ret;
}

/* Under the lock: is it up to this one to say whether we are let in? */
static bool
decides (const struct pool *pool, const struct connection *connection)
{
  return pool->verdict == NOT_ASKED ||
    (pool->verdict == ASKED && pool->asking == connection);
}

static void
decide (struct pool *pool, enum verdict verdict)
{
  pool->verdict = verdict;
  pool->asking = NULL;
  pthread_cond_broadcast (&pool->changed);
}

static void
logged_in (void *owner, struct connection *connection)
{
  struct pool *pool = owner;

  pthread_mutex_lock (&pool->lock);
  member_of (pool, connection)->state = OPENING;
  if (decides (pool, connection))
    decide (pool, LET_IN);
  grow (pool);
  pthread_mutex_unlock (&pool->lock);
}

/* NULL: nothing.  The node of a device has a time that says nothing of what is
 * on it.
 */
static const char *
what_changed (const struct sftp_attrs *before, const struct sftp_attrs *now)
{
  if (now->size != before->size)
    return "the size of the file changed";
  return (now->mode & SFTP_MODE_TYPE) == SFTP_MODE_REGULAR &&
    before->has_mtime && now->has_mtime && now->mtime != before->mtime
    ? "the file was written to or replaced" : NULL;
}

/* Each connection opens the file by its name. */
void
members_saw (struct pool *pool, const struct sftp_attrs *attrs)
{
  const char *change =
    pool->opened ? what_changed (&pool->file.attrs, attrs) : NULL;

  if (change != NULL) {
    nbdkit_debug ("%s", change);
    pool->file.generation++;
    pool->change = change;
    pool->spoiled = pool->spoiled ||
      (pool->clients > 0 && attrs->size == pool->file.attrs.size);
  }
  pool->opened = true;
  pool->file.attrs = *attrs;
  pool->seen_ms = clock_ms ();
}

static void
opened (void *owner, struct connection *connection,
        const struct sftp_attrs *attrs)
{
  struct pool *pool = owner;
  struct pieces orphans;

  pthread_mutex_lock (&pool->lock);
  members_saw (pool, attrs);
  pool->pause_ms = 0;
  if (members_count (pool, READY) == 0)
    pool->pause_until_ms = 0;
  member_of (pool, connection)->state = READY;
  orphans = pool->orphans;
  pool->orphans = (struct pieces) { .first = NULL };
  dispatch_all (pool, &orphans);
  grow (pool);
  pthread_cond_broadcast (&pool->changed);
  pthread_mutex_unlock (&pool->lock);
}

static void
finished (void *owner, struct connection *connection, struct piece *piece,
          const struct trouble *trouble)
{
  struct pool *pool = owner;

  pthread_mutex_lock (&pool->lock);
  member_of (pool, connection)->load -= piece->len;
  piece_end (pool, piece, trouble);
  pthread_mutex_unlock (&pool->lock);
}

/* One more was refused: we do with fewer, for a while; for ever if it is the
 * user who was refused.
 */
static void
pause_growing (struct pool *pool, const struct trouble *trouble)
{
  pool->failures++;
  pool->trouble = *trouble;
  pool->pause_ms = pool->pause_ms == 0 ? PAUSE_FIRST_MS : pool->pause_ms * 2;
  if (pool->pause_ms > PAUSE_MAX_MS)
    pool->pause_ms = PAUSE_MAX_MS;
  pool->pause_until_ms = trouble->kind == TROUBLE_LOGIN
    ? INT64_MAX : clock_ms () + pool->pause_ms;
}

/* Somebody else does them, unless they have been lost too often. */
static void
inherit (struct pool *pool, struct pieces *rest,
         const struct trouble *trouble)
{
  struct piece *piece;

  while ((piece = pieces_take (rest)) != NULL)
    if (++piece->losses > LOSSES_MAX)
      piece_end (pool, piece, trouble);
    else
      members_dispatch (pool, piece);
}

/* Nobody gets another connection. */
static void
stop (struct pool *pool, const struct trouble *trouble)
{
  pool->stopping = true;
  pool->trouble = *trouble;
}

static void
lost (void *owner, struct connection *connection,
      const struct trouble *trouble)
{
  struct pool *pool = owner;
  struct pieces rest = { .first = NULL };
  struct member *member;
  bool was_ready;

  pthread_mutex_lock (&pool->lock);
  member = member_of (pool, connection);
  was_ready = member->state == READY;
  member->state = LOST;
  connection_rest (connection, &rest);
  if (!pool->stopping)
    nbdkit_debug ("an SSH connection has ended: %s", trouble->text);
  if (!pool->stopping && ssh_nbdkit_ends ())
    stop (pool, trouble);
  if (decides (pool, connection)) {
    decide (pool, trouble->kind == TROUBLE_LOGIN ? REFUSED : NOT_ASKED);
    pause_growing (pool, trouble);
  }
  else if (!was_ready && pool->verdict != REFUSED)
    pause_growing (pool, trouble);
  inherit (pool, &rest, trouble);
  if (was_ready && pool->orphans.first != NULL)
    members_need_one (pool);
  if (members_count (pool, READY) + members_beginning (pool) == 0)
    fail_orphans (pool);
  member->ended = true;
  pthread_cond_broadcast (&pool->changed);
  pthread_mutex_unlock (&pool->lock);
}

static const struct connection_ops ops = {
  .reached = reached,
  .logged_in = logged_in,
  .opened = opened,
  .finished = finished,
  .lost = lost,
};
