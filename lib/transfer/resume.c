/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <config.h>

#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/events.h"
#include "base/file.h"
#include "base/i18n.h"
#include "context.h"
#include "copy/blkhash.h"
#include "copy/copy.h"
#include "io/guard.h"
#include "io/lockfile.h"
#include "launch/launch.h"
#include "output/output.h"
#include "transfer/journal.h"
#include "transfer/resume.h"

#define STATE_DIR "v2v-nbdkit-launch"
/* Of file systems' blocks, and more than most journals have. */
#define RESERVE (256 << 10)

struct resume {
  const struct launch_context *context;
  struct lockfile *lock;        /* or NULL: there is no place for it */
  char *path;                   /* of the journal, or NULL */
  char *reserve;                /* a file, or NULL */
  bool continues;
  bool kept;                    /* there is a journal */
  struct argv needed;           /* paths */
  pthread_mutex_t mutex;        /* of the rest */
  struct journal journal;
  struct blkhash **hashes;
};

/*--- Where things are. ---*/

static char *
state_dir (void)
{
  const char *state = getenv ("XDG_STATE_HOME"), *home = getenv ("HOME");
  char *ret;
  int r;

  if (state != NULL && state[0] == '/')
    r = asprintf (&ret, "%s/" STATE_DIR, state);
  else if (geteuid () == 0)
    r = asprintf (&ret, "/var/lib/" STATE_DIR);
  else if (home != NULL && home[0] == '/')
    r = asprintf (&ret, "%s/.local/state/" STATE_DIR, home);
  else
    return NULL;
  return r == -1 ? NULL : ret;
}

/* As mkdir -p; only the last one is private. */
static bool
make_directories (char *path)
{
  for (char *p = path + 1; *p != '\0'; p++)
    if (*p == '/') {
      *p = '\0';
      mkdir (path, 0755);
      *p = '/';
    }
  return (mkdir (path, 0700) == 0 || errno == EEXIST) &&
    access (path, W_OK|X_OK) == 0;
}

/* A name for the targets that is as good as theirs together. */
static int
key_of (const struct output *output, unsigned n, char ret[BLKHASH_HEX],
        struct error *err)
{
  uint8_t digest[BLKHASH_BYTES];
  gnutls_hash_hd_t hash;
  int r = 0;

  if (gnutls_hash_init (&hash, GNUTLS_DIG_SHA256) < 0)
    return error_set (err, REASON_INTERNAL, _("cannot compute a checksum"));
  for (unsigned i = 0; i < n && r == 0; i++) {
    const char *place = output_target (output, i);
    CLEANUP_FREE char *real = realpath (place, NULL);

    if (real != NULL)
      place = real;
    r = gnutls_hash (hash, place, strlen (place) + 1);
  }
  gnutls_hash_deinit (hash, digest);
  for (size_t i = 0; i < BLKHASH_BYTES; i++)
    snprintf (ret + 2 * i, 3, "%02x", digest[i]);
  return r < 0 ? error_set (err, REASON_INTERNAL,
                            _("cannot compute a checksum")) : 0;
}

static int
choose_paths (struct resume *resume, const struct output *output,
              char **lock, struct error *err)
{
  CLEANUP_FREE char *dir = state_dir ();
  char key[BLKHASH_HEX];

  if (output_target (output, 0) == NULL) /* nothing is written */
    return 0;
  resume->path = output_journal (output, err);
  if (error_is_set (err) ||
      key_of (output, resume->journal.n, key, err) == -1)
    return -1;
  if (dir == NULL || !make_directories (dir)) {
    events_say (resume->context->events, EVENT_DEBUG, -1,
                "there is no place for locks: %s", dir != NULL ? dir : "");
    return 0;
  }
  if (asprintf (lock, "%s/%s.lock", dir, key) == -1) {
    *lock = NULL;
    return error_nomem (err);
  }
  if (resume->path == NULL &&
      asprintf (&resume->path, "%s/%s.journal", dir, key) == -1) {
    resume->path = NULL;
    return error_nomem (err);
  }
  return 0;
}

/*--- The beginning. ---*/

static int
refuse_journal (const struct resume *resume, const char *what,
                struct error *err)
{
  error_set (err, REASON_TARGET_BUSY,
             _("a copy to %s was interrupted and can be gone on with; its "
               "journal is %s"), what, resume->path);
  error_hint (err, _("go on with --resume, or remove the journal (and the "
                     ".part files beside it) to begin again"));
  return -1;
}

static int
read_journal (struct resume *resume, const char *what, enum resume_how how,
              struct error *err)
{
  const unsigned n = resume->journal.n;
  struct journal found = { .n = 0 };
  int r;

  if (resume->path == NULL)
    return 0;
  if (how == RESUME_NEW && access (resume->path, F_OK) == 0)
    return refuse_journal (resume, what, err);
  if (how == RESUME_NEW)
    return 0;
  r = journal_read (resume->path, &found, err);
  if (r == -1)
    error_hint (err, _("remove it (and the .part files beside it) and begin "
                       "again"));
  if (r == 1 && found.n != n) {
    r = error_set (err, REASON_SOURCE_CHANGED,
                   _("the interrupted copy had %u disks, the guest has %u"),
                   found.n, n);
    journal_reset (&found);
  }
  if (r == 1) {
    journal_reset (&resume->journal);
    resume->journal = found;
    resume->continues = resume->kept = true;
  }
  return r == -1 ? -1 : 0;
}

static int
begin (struct resume *resume, const struct output *output, enum resume_how how,
       struct error *err)
{
  const struct launch_context *context = resume->context;
  const char *what = output_target (output, 0);
  CLEANUP_FREE char *lock = NULL;

  if (choose_paths (resume, output, &lock, err) == -1)
    return -1;
  if (lock != NULL) {
    resume->lock = lockfile_new (lock, what, context->guard,
                                 context->supervisor, err);
    if (resume->lock == NULL)
      return -1;
  }
  if (how == RESUME_NEVER) {
    free (resume->path);
    resume->path = NULL;
  }
  return read_journal (resume, what, how, err);
}

struct resume *
resume_new (const struct output *output, enum resume_how how,
            const struct launch_context *context, struct error *err)
{
  struct resume *resume = calloc (1, sizeof *resume);
  const unsigned n = output_disk_count (output);

  if (resume == NULL) {
    error_nomem (err);
    return NULL;
  }
  pthread_mutex_init (&resume->mutex, NULL);
  resume->context = context;
  resume->hashes = calloc (n + 1, sizeof resume->hashes[0]);
  if (resume->hashes == NULL)
    error_nomem (err);
  else if (journal_set_disks (&resume->journal, n, err) == 0 &&
           begin (resume, output, how, err) == 0)
    return resume;
  resume_free (resume);
  return NULL;
}

static void
drop_reserve (struct resume *resume)
{
  if (resume->reserve == NULL)
    return;
  unlink (resume->reserve);
  guard_forget (resume->context->guard, resume->reserve);
  free (resume->reserve);
  resume->reserve = NULL;
}

void
resume_free (struct resume *resume)
{
  if (resume == NULL)
    return;
  drop_reserve (resume);
  lockfile_free (resume->lock);
  journal_reset (&resume->journal);
  argv_reset (&resume->needed);
  pthread_mutex_destroy (&resume->mutex);
  free (resume->hashes);
  free (resume->path);
  free (resume);
}

bool
resume_continues (const struct resume *resume)
{
  return resume->continues;
}

bool
resume_is_kept (const struct resume *resume)
{
  return resume->kept;
}

const char *
resume_journal (const struct resume *resume)
{
  return resume->path;
}

/*--- What must stay as it is. ---*/

int
resume_fact (struct resume *resume, const char *key, const char *value,
             struct error *err)
{
  const char *before = resume_recall (resume, key);

  if (resume->continues && (before == NULL || strcmp (before, value) != 0)) {
    error_set (err, REASON_SOURCE_CHANGED,
               _("the copy cannot be gone on with: %s was '%s' and is '%s'"),
               key, before != NULL ? before : "", value);
    error_hint (err, _("to begin again, remove the journal %s (and the .part "
                       "files beside it)"), resume->path);
    return -1;
  }
  return journal_set_fact (&resume->journal, key, value, err);
}

int
resume_note (struct resume *resume, const char *key, const char *value,
             struct error *err)
{
  return journal_set_fact (&resume->journal, key, value, err);
}

const char *
resume_recall (const struct resume *resume, const char *key)
{
  return resume->continues ? journal_fact (&resume->journal, key) : NULL;
}

static void
remove_journal (const struct resume *resume)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;

  if (resume->path != NULL)
    file_remove (resume->path, &ignored);
}

void
resume_discard (struct resume *resume)
{
  remove_journal (resume);
  resume->continues = resume->kept = false;
  for (unsigned i = 0; i < resume->journal.n; i++)
    resume_forget_disk (resume, i);
}

/*--- Disks. ---*/

static void
take_digests (struct journal_disk *disk, struct blkhash *hash)
{
  for (size_t i = 0; i < disk->n; i++) {
    struct journal_chunk *chunk = &disk->chunks[i];

    if (!chunk->stored)
      continue;
    if (chunk->hashed)
      blkhash_set_chunk (hash, i, chunk->digest);
    else
      chunk->stored = false;
  }
}

int
resume_set_disk (struct resume *resume, unsigned index, uint64_t size,
                 struct blkhash *hash, struct error *err)
{
  struct journal_disk *disk = &resume->journal.disks[index];

  if (resume->continues && disk->size != size) {
    error_set (err, REASON_SOURCE_CHANGED,
               _("the copy cannot be gone on with: the disk had %" PRIu64
                 " bytes and has %" PRIu64), disk->size, size);
    err->disk = (int) index;
    return -1;
  }
  resume->hashes[index] = hash;
  if (!resume->continues)
    return journal_set_size (disk, size, err);
  if (hash != NULL)
    take_digests (disk, hash);
  return 0;
}

int
resume_missing (const struct resume *resume, unsigned index,
                struct copy_ranges *ret, struct error *err)
{
  const struct journal_disk *disk = &resume->journal.disks[index];
  size_t end;

  ret->len = 0;
  for (size_t i = 0; i < disk->n; i = end + 1) {
    const uint64_t offset = i * COPY_CHUNK;
    uint64_t stop;

    for (end = i; end < disk->n && !disk->chunks[end].stored; end++)
      ;
    if (end == i)
      continue;
    stop = end == disk->n ? disk->size : end * COPY_CHUNK;
    if (copy_ranges_append (ret, (struct copy_range) {
          offset, stop - offset }) == -1)
      return error_nomem (err);
  }
  return 0;
}

void
resume_forget_chunk (struct resume *resume, unsigned index, size_t i)
{
  struct journal_chunk *chunk = &resume->journal.disks[index].chunks[i];

  *chunk = (struct journal_chunk) { .stored = false };
  if (resume->hashes[index] != NULL)
    blkhash_forget (resume->hashes[index], i);
}

void
resume_forget_disk (struct resume *resume, unsigned index)
{
  for (size_t i = 0; i < resume->journal.disks[index].n; i++)
    resume_forget_chunk (resume, index, i);
}

void
resume_forget_hashes (struct resume *resume, unsigned index)
{
  const struct journal_disk *disk = &resume->journal.disks[index];
  struct blkhash *hash = resume->hashes[index];

  for (size_t i = 0; hash != NULL && i < disk->n; i++)
    if (!disk->chunks[i].stored)
      blkhash_forget (hash, i);
}

size_t
resume_count (const struct resume *resume)
{
  size_t n = 0;

  for (unsigned i = 0; resume != NULL && i < resume->journal.n; i++)
    for (size_t k = 0; k < resume->journal.disks[i].n; k++)
      n += resume->journal.disks[i].chunks[k].stored;
  return n;
}

/* Chunks that lie wholly in the range. */
static void
mark (struct resume *resume, unsigned index, const struct copy_range *range)
{
  struct journal_disk *disk = &resume->journal.disks[index];
  const uint64_t end = range->offset + range->len;
  const size_t first = (size_t) ((range->offset + COPY_CHUNK - 1) /
                                 COPY_CHUNK);
  const size_t stop = end == disk->size ? disk->n
                                        : (size_t) (end / COPY_CHUNK);

  for (size_t i = first; i < stop; i++) {
    struct journal_chunk *chunk = &disk->chunks[i];
    const uint8_t *digest = resume->hashes[index] == NULL ? NULL
      : blkhash_chunk (resume->hashes[index], i);

    chunk->stored = true;
    chunk->hashed = digest != NULL;
    if (digest != NULL)
      memcpy (chunk->digest, digest, sizeof chunk->digest);
  }
}

/*--- The journal. ---*/

int
resume_needs (struct resume *resume, const char *path, struct error *err)
{
  if (resume->path == NULL || argv_contains (&resume->needed, path))
    return 0;
  if (!resume->kept)
    guard_path_unless (resume->context->guard, path, resume->path);
  return argv_append (&resume->needed, path, err);
}

void
resume_reserve (struct resume *resume)
{
  CLEANUP_FD int fd = -1;
  CLEANUP_FREE char *path = NULL;

  if (resume->path == NULL || resume->reserve != NULL)
    return;
  if (asprintf (&path, "%s.reserve", resume->path) == -1) {
    path = NULL;
    return;
  }
  fd = open (path, O_RDWR|O_CREAT|O_TRUNC|O_CLOEXEC|O_NOFOLLOW, 0600);
  if (fd == -1)
    return;
  guard_path (resume->context->guard, path);
  resume->reserve = STEAL (path);
  if (posix_fallocate (fd, 0, RESERVE) != 0)
    drop_reserve (resume);
}

static int
write_journal (struct resume *resume, struct error *err)
{
  CLEANUP_ERROR struct error first = ERROR_INIT;

  if (journal_write (resume->path, &resume->journal, &first) == 0)
    return 0;
  if (first.reason == REASON_SPACE && resume->reserve != NULL) {
    drop_reserve (resume);
    return journal_write (resume->path, &resume->journal, err);
  }
  error_move (err, &first);
  return -1;
}

static int
save (struct resume *resume, struct error *err)
{
  if (resume->path == NULL || resume_count (resume) == 0)
    return 0;
  if (write_journal (resume, err) == -1)
    return -1;
  resume->kept = true;
  return 0;
}

int
resume_save (struct resume *resume, struct error *err)
{
  int r;

  pthread_mutex_lock (&resume->mutex);
  r = save (resume, err);
  pthread_mutex_unlock (&resume->mutex);
  return r;
}

int
resume_stored (struct resume *resume, unsigned index,
               const struct copy_ranges *ranges,
               struct error *err __attribute__ ((unused)))
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;

  pthread_mutex_lock (&resume->mutex);
  for (size_t i = 0; i < ranges->len; i++)
    mark (resume, index, &ranges->ptr[i]);
  /* A copy is not given up because it could not be gone on with. */
  save (resume, &ignored);
  pthread_mutex_unlock (&resume->mutex);
  return 0;
}

void
resume_finish (struct resume *resume)
{
  remove_journal (resume);
  resume->kept = false;
}
