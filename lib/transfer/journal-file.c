/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Writes journals to files, in the form that journal-internal.h describes.
 * When that is done, and whether a journal fits the copy, is left to resume.c;
 * reading to journal-read.c.
 */

#include <config.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/file-at.h"
#include "base/hex.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/write.h"
#include "transfer/journal-internal.h"
#include "transfer/journal.h"

static json_object *
facts_object (const struct argv *facts)
{
  json_object *array = json_object_new_array ();

  for (size_t i = 0; i < facts->len; i++) {
    const size_t len = strlen (facts->ptr[i]);
    CLEANUP_FREE char *hex = malloc (2 * len + 1);

    if (hex != NULL)
      hex_encode (facts->ptr[i], len, hex);
    json_append (&array, hex == NULL ? NULL : json_object_new_string (hex));
  }
  return array;
}

/* Kinds of runs of chunks. */
enum run { FORGOTTEN, ZERO, DATA };

/* A chunk without a digest is stored for this run only. */
static const struct blkhash_chunk *
digest_of_stored (const struct journal_disk *disk, size_t i)
{
  return disk->chunks[i].stored && disk->hash != NULL
    ? blkhash_chunk (disk->hash, i) : NULL;
}

static enum run
kind_of (const struct journal_disk *disk, size_t i)
{
  const struct blkhash_chunk *chunk = digest_of_stored (disk, i);

  if (chunk == NULL)
    return FORGOTTEN;
  return blkhash_same (chunk, blkhash_zero_chunk (disk->hash)) ? ZERO : DATA;
}

static void
encode_chunk (const struct journal_disk *disk, size_t i, char *to)
{
  const struct blkhash_chunk *chunk = blkhash_chunk (disk->hash, i);
  const size_t bytes = blkhash_bytes (blkhash_kind (disk->hash));
  const uint8_t block[] = {
    (uint8_t) (chunk->block >> 8), (uint8_t) chunk->block
  };

  hex_encode (chunk->digest, bytes, to);
  hex_encode (chunk->sample, sizeof chunk->sample, to + 2 * bytes);
  hex_encode (block, sizeof block,
              to + 2 * (bytes + sizeof chunk->sample));
}

/* The digests of N chunks one after the other. */
static json_object *
digests_object (const struct journal_disk *disk, size_t first, size_t n)
{
  const size_t len = 2 * JOURNAL_CHUNK_BYTES (blkhash_kind (disk->hash));
  CLEANUP_FREE char *hex = malloc (n * len + 1);

  for (size_t i = 0; hex != NULL && i < n; i++)
    encode_chunk (disk, first + i, hex + i * len);
  return hex == NULL ? NULL : json_object_new_string (hex);
}

static json_object *
run_object (const struct journal_disk *disk, unsigned index, enum run kind,
            size_t first, size_t n)
{
  json_object *object = json_object_new_object ();

  json_add_number (&object, "disk", index);
  json_add_number (&object, "first", first);
  json_add_number (&object, "n", n);
  if (kind == ZERO)
    json_add_bool (&object, "zero", true);
  if (kind == DATA)
    json_add (&object, "digests", digests_object (disk, first, n));
  return object;
}

static bool
is_to_be_saved (const struct journal_disk *disk, size_t i, bool all)
{
  return all ? digest_of_stored (disk, i) != NULL : !disk->chunks[i].saved;
}

static void
add_runs (json_object **array, const struct journal_disk *disk,
          unsigned index, bool all)
{
  for (size_t i = 0, end; i < disk->n; i = end) {
    enum run kind;

    end = i + 1;
    if (!is_to_be_saved (disk, i, all))
      continue;
    kind = kind_of (disk, i);
    while (end < disk->n && is_to_be_saved (disk, end, all) &&
           kind_of (disk, end) == kind)
      end++;
    json_append (array, run_object (disk, index, kind, i, end - i));
  }
}

static json_object *
sizes_object (const struct journal *journal)
{
  json_object *array = json_object_new_array ();

  for (unsigned i = 0; i < journal->n; i++)
    json_append (&array,
                 json_object_new_int64 ((int64_t) journal->disks[i].size));
  return array;
}

/* All of it, or what has changed. */
static json_object *
journal_object (const struct journal *journal, bool all)
{
  json_object *object = json_object_new_object ();
  json_object *chunks = json_object_new_array ();
  CLEANUP_JSON json_object *facts = facts_object (&journal->facts);
  CLEANUP_FREE char *text = json_dup (facts);

  if (all) {
    json_add (&object, "disks", sizes_object (journal));
    for (unsigned i = 0; i < journal->n; i++)
      if (journal->disks[i].hash != NULL) {
        const enum blkhash_kind kind = blkhash_kind (journal->disks[i].hash);

        json_add_text (&object, "digest", blkhash_name (kind));
        break;
      }
  }
  if (text == NULL)
    json_add (&object, "facts", NULL);
  else if (all || journal->saved_facts == NULL ||
           strcmp (text, journal->saved_facts) != 0)
    json_add (&object, "facts", json_object_get (facts));
  for (unsigned i = 0; i < journal->n; i++)
    add_runs (&chunks, &journal->disks[i], i, all);
  json_add (&object, "chunks", chunks);
  return object;
}

static char *
make_line (json_object *object, struct error *err)
{
  const char *json = object == NULL ? NULL
    : json_object_to_json_string_ext (object, JSON_C_TO_STRING_PLAIN);
  char sum[DIGEST_HEX_MAX];

  if (json == NULL) {
    error_nomem (err);
    return NULL;
  }
  return digest_of (json, strlen (json), DIGEST_SHA256, sum, err) == -1 ? NULL
    : format (err, "%s %s\n", sum, json);
}

static int
cannot_write (const char *path, struct error *err)
{
  return error_errno (err, errno == ENOSPC || errno == EDQUOT
                      ? REASON_SPACE : REASON_WRITE,
                      _("the journal %s cannot be written"), path);
}

/* Behind the end may be a line that is not whole. */
static int
write_line (int fd, const char *line, uint64_t len)
{
  return ftruncate (fd, (off_t) len) == -1 ||
    lseek (fd, (off_t) len, SEEK_SET) == -1 ? -1
    : full_write (fd, line, strlen (line));
}

/* After a failure of fsync the file is made anew: the kernel may have thrown
 * away what it could not write.
 */
static int
append_to (int fd, const char *path, struct journal *journal,
           const char *line, struct error *err)
{
  const uint64_t len = journal->len;

  journal->len = 0;
  if (write_line (fd, line, len) == -1) {
    cannot_write (path, err);
    if (ftruncate (fd, (off_t) len) == 0)
      journal->len = len;
    return -1;
  }
  if (fsync (fd) == -1)
    return cannot_write (path, err);
  journal->len = len + strlen (line);
  return 0;
}

static int
append (struct file_at at, struct journal *journal, const char *line,
        struct error *err)
{
  struct stat st;
  int fd, r;

  if (file_at_open_own (at, O_RDWR, &fd, err) == -1) {
    journal->len = 0;
    return -1;
  }
  if (fd == -1 || fstat (fd, &st) == -1 ||
      (uint64_t) st.st_size < journal->len) {
    journal->len = 0;           /* somebody has removed or cut it */
    if (fd != -1)
      close (fd);
    return error_set (err, REASON_WRITE, _("the journal %s no longer exists"),
                      at.path);
  }
  r = append_to (fd, at.path, journal, line, err);
  close (fd);                   /* all of it was synced */
  return r;
}

/* Write the whole journal to a new file. */
static int
make_file (struct file_at at, struct journal *journal, const char *line,
           struct error *err)
{
  CLEANUP_FREE char *text =
    format (err, "%s%s", journal->version == JOURNAL_WITH_STATE
            ? JOURNAL_MAGIC_STATE : JOURNAL_MAGIC, line);
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  struct stat st;
  const bool is_new = fstatat (at.dir_fd, at.name, &st,
                               AT_SYMLINK_NOFOLLOW) == -1;

  journal->len = 0;
  if (text == NULL || file_at_replace (at, text, strlen (text), err) == -1)
    return -1;
  /* An older journal must not come back: it may say of chunks that they are
   * stored which are not any more.
   */
  if (file_at_sync_directory (at.dir_fd, at.path,
                              is_new ? &ignored : err) == -1 && !is_new)
    return -1;
  journal->len = strlen (text);
  return 0;
}

static void
note_saved (struct journal *journal)
{
  CLEANUP_JSON json_object *facts = facts_object (&journal->facts);

  free (journal->saved_facts);
  journal->saved_facts = json_dup (facts);
  for (unsigned i = 0; i < journal->n; i++)
    for (size_t k = 0; k < journal->disks[i].n; k++)
      journal->disks[i].chunks[k].saved = true;
}

int
journal_write (struct file_at at, struct journal *journal, struct error *err)
{
  const bool all = journal->len == 0;
  CLEANUP_JSON json_object *object = journal_object (journal, all);
  CLEANUP_FREE char *line = make_line (object, err);

  if (line == NULL ||
      (all ? make_file (at, journal, line, err)
           : append (at, journal, line, err)) == -1)
    return -1;
  note_saved (journal);
  return 0;
}

/* The name is gone after a power failure only if the directory could be
 * synced; what stands in the file does not depend on that.
 */
int
journal_finish (struct file_at at, struct journal *journal, struct error *err)
{
  CLEANUP_JSON json_object *object = json_object_new_object ();
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_FREE char *line = NULL;
  bool marked;

  json_add_bool (&object, "finished", true);
  line = make_line (object, &ignored);
  marked = journal->len > 0 && line != NULL &&
    append (at, journal, line, &ignored) == 0;
  journal->len = 0;
  return file_at_remove (at, marked ? &ignored : err) == 0 || marked ? 0 : -1;
}
