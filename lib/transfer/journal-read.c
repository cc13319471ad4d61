/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Reads journals, whose form journal-internal.h describes.  The checksums find
 * accidental damage only: anybody can compute them, so all values are checked
 * too.
 */

#include <config.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <gnutls/gnutls.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/file-at.h"
#include "base/i18n.h"
#include "base/json.h"
#include "transfer/journal-internal.h"
#include "transfer/journal.h"

/* That of 64 TiB of data has about 130 MiB. */
#define SIZE_MAX_BYTES (1 << 30)
#define DISKS_MAX 4096
#define DISK_MAX (UINT64_C (1) << 53)

/* Decode HEX, which must have exactly N bytes. */
static bool
hex_decode (const char *hex, size_t hex_len, void *ret, size_t n)
{
  const gnutls_datum_t datum = {
    .data = (unsigned char *) hex, .size = (unsigned) hex_len
  };
  size_t len = n;

  return hex_len == 2 * n &&
    (n == 0 || (gnutls_hex_decode (&datum, ret, &len) == 0 && len == n));
}

static bool
get_number (json_object *item, uint64_t max, uint64_t *ret)
{
  const int64_t number = json_object_get_int64 (item);

  *ret = (uint64_t) number;
  return json_object_is_type (item, json_type_int) && number >= 0 &&
    *ret <= max;
}

static bool
read_fact (const char *hex, struct argv *facts)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  const size_t len = hex != NULL ? strlen (hex) : 0;
  CLEANUP_FREE char *fact = calloc (1, len / 2 + 1);

  return hex != NULL && fact != NULL &&
    hex_decode (hex, len, fact, len / 2) && strchr (fact, '=') != NULL &&
    argv_take (facts, STEAL (fact), &ignored) == 0;
}

static bool
read_facts (json_object *array, struct journal *journal)
{
  argv_reset (&journal->facts);
  for (size_t i = 0; i < json_object_array_length (array); i++)
    if (!read_fact (json_object_get_string (
                      json_object_array_get_idx (array, i)),
                    &journal->facts))
      return false;
  free (journal->saved_facts);
  journal->saved_facts = json_dup (array);
  return true;
}

/*--- Disks. ---*/

static bool
read_kind (json_object *object, enum blkhash_kind *ret)
{
  const char *name =
    json_object_get_string (json_get (object, "digest", json_type_string));

  for (*ret = BLKHASH_XXH3; name != NULL; *ret = BLKHASH_SHA256) {
    if (strcmp (name, blkhash_name (*ret)) == 0)
      return true;
    if (*ret == BLKHASH_SHA256)
      break;
  }
  return false;
}

static bool
read_disk (json_object *item, enum blkhash_kind kind,
           struct journal_disk *disk)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  struct blkhash *hash;
  uint64_t size;

  if (!get_number (item, DISK_MAX, &size))
    return false;
  hash = blkhash_new (size, kind, false, &ignored);
  return hash != NULL && journal_set_size (disk, size, hash, &ignored) == 0;
}

/* The first line. */
static bool
read_disks (json_object *object, struct journal *journal)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  json_object *disks = json_get (object, "disks", json_type_array);
  const size_t n = disks != NULL ? json_object_array_length (disks) : 0;
  enum blkhash_kind kind;

  if (disks == NULL || n > DISKS_MAX || !read_kind (object, &kind) ||
      journal_set_disks (journal, (unsigned) n, &ignored) == -1)
    return false;
  for (unsigned i = 0; i < n; i++)
    if (!read_disk (json_object_array_get_idx (disks, i), kind,
                    &journal->disks[i]))
      return false;
  return true;
}

/*--- Chunks. ---*/

static bool
read_chunk (struct journal_disk *disk, size_t i, const char *hex)
{
  const enum blkhash_kind kind = blkhash_kind (disk->hash);
  const size_t bytes = blkhash_bytes (kind);
  struct blkhash_chunk chunk = { .block = 0 };
  uint8_t block[2];

  if (!hex_decode (hex, 2 * bytes, chunk.digest, bytes) ||
      !hex_decode (hex + 2 * bytes, 2 * sizeof chunk.sample, chunk.sample,
                   sizeof chunk.sample) ||
      !hex_decode (hex + 2 * (bytes + sizeof chunk.sample), 2 * sizeof block,
                   block, sizeof block))
    return false;
  chunk.block = (uint16_t) (block[0] << 8 | block[1]);
  blkhash_set_chunk (disk->hash, i, &chunk);
  return chunk.block < blkhash_blocks (disk->hash, i);
}

static bool
read_run (json_object *object, struct journal *journal)
{
  const bool zero = json_get (object, "zero", json_type_boolean) != NULL;
  json_object *digests = json_get (object, "digests", json_type_string);
  const char *hex = digests != NULL ? json_object_get_string (digests) : NULL;
  struct journal_disk *disk;
  uint64_t index, first, n;
  size_t len;

  if (!get_number (json_get (object, "disk", json_type_int), DISKS_MAX,
                   &index) || index >= journal->n)
    return false;
  disk = &journal->disks[index];
  if (!get_number (json_get (object, "first", json_type_int), disk->n,
                   &first) ||
      !get_number (json_get (object, "n", json_type_int), disk->n - first,
                   &n))
    return false;
  len = 2 * JOURNAL_CHUNK_BYTES (blkhash_kind (disk->hash));
  if (hex != NULL &&
      (uint64_t) json_object_get_string_len (digests) != n * len)
    return false;
  for (size_t i = (size_t) first; i < first + n; i++) {
    disk->chunks[i].stored = zero || hex != NULL;
    if (zero)
      blkhash_set_chunk (disk->hash, i, blkhash_zero_chunk (disk->hash));
    else if (hex == NULL)
      blkhash_forget (disk->hash, i);
    else if (!read_chunk (disk, i, hex + (i - first) * len))
      return false;
  }
  return true;
}

static bool
read_chunks (json_object *array, struct journal *journal)
{
  for (size_t i = 0; i < json_object_array_length (array); i++)
    if (!read_run (json_object_array_get_idx (array, i), journal))
      return false;
  return true;
}

/*--- Lines. ---*/

static bool
read_object (json_object *object, bool first, struct journal *journal,
             bool *finished)
{
  json_object *facts = json_get (object, "facts", json_type_array);
  json_object *chunks = json_get (object, "chunks", json_type_array);

  if (json_get (object, "finished", json_type_boolean) != NULL)
    *finished = true;
  return (!first || (facts != NULL && read_disks (object, journal))) &&
    (facts == NULL || read_facts (facts, journal)) &&
    (chunks == NULL || read_chunks (chunks, journal));
}

/* A line without its newline.  1: it is fine; 0: its checksum is wrong; -1:
 * what it says is impossible.
 */
static int
read_line (char *line, size_t len, bool first, struct journal *journal,
           bool *finished)
{
  const size_t head = JOURNAL_SUM_LEN + 1;
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_JSON json_object *object = NULL;
  char sum[DIGEST_HEX_MAX];

  if (len < head ||
      digest_of (line + head, len - head, DIGEST_SHA256, sum,
                 &ignored) == -1 ||
      memcmp (line, sum, JOURNAL_SUM_LEN) != 0 || line[head-1] != ' ')
    return 0;
  line[len] = '\0';
  object = json_tokener_parse (line + head);
  return read_object (object, first, journal, finished) ? 1 : -1;
}

static bool
parse (char *text, size_t len, struct journal *journal, bool *finished)
{
  const char *stop = text + len;
  char *line = text + strlen (JOURNAL_MAGIC), *end;

  for (bool first = true; line < stop; first = false, line = end + 1) {
    int r;

    end = memchr (line, '\n', (size_t) (stop - line));
    r = end == NULL ? 0
      : read_line (line, (size_t) (end - line), first, journal, finished);
    if (r == 0 && !first && (end == NULL || end + 1 == stop))
      break;                    /* it was being written */
    if (r != 1)
      return false;
  }
  journal->len = (uint64_t) (line - text);
  return line > text + strlen (JOURNAL_MAGIC);
}

/* What another user has put there is no journal of ours. */
static int
open_journal (struct file_at at, int *fd, struct error *err)
{
  const int r = file_at_open_own (at, O_RDONLY, fd, err);

  if (r == -1 && err->reason == REASON_TARGET_CHANGED)
    error_hint (err, _("a journal is a file that this user wrote, and nobody "
                       "else can write to: find out who made this one"));
  return r;
}

static int
read_text (struct file_at at, char **ret, size_t *len, struct error *err)
{
  int fd;
  const int r = open_journal (at, &fd, err);
  CLEANUP_FCLOSE FILE *fp = r == 1 ? fdopen (fd, "r") : NULL;
  struct stat st;

  if (r != 1)
    return r;
  if (fp == NULL || fstat (fd, &st) == -1)
    return error_errno (err, REASON_INTERNAL, "%s", at.path);
  if (st.st_size > SIZE_MAX_BYTES)
    return error_set (err, REASON_INTERNAL, _("%s is not a journal"), at.path);
  *ret = alloc_zero ((size_t) st.st_size + 1, err);
  if (*ret == NULL)
    return -1;
  *len = fread (*ret, 1, (size_t) st.st_size, fp);
  return 1;
}

static bool
begins_with (const char *text, const char *magic)
{
  return strncmp (text, magic, strlen (magic)) == 0;
}

/* False: it is none of those that are known. */
static bool
read_version (const char *text, enum journal_version *ret)
{
  *ret = begins_with (text, JOURNAL_MAGIC_STATE) ? JOURNAL_WITH_STATE
                                                 : JOURNAL_COMMON;
  return *ret == JOURNAL_WITH_STATE || begins_with (text, JOURNAL_MAGIC);
}

static void
explain (const char *path, const char *text, struct error *err)
{
  enum journal_version ignored;

  if (begins_with (text, JOURNAL_MAGIC_WORD) &&
      !read_version (text, &ignored))
    error_set (err, REASON_INTERNAL,
               _("the journal %s was written by another version"), path);
  else
    error_set (err, REASON_INTERNAL, _("the journal %s is damaged"), path);
}

int
journal_read (struct file_at at, struct journal *ret, struct error *err)
{
  CLEANUP_FREE char *text = NULL;
  bool finished = false;
  size_t len = 0;
  const int r = read_text (at, &text, &len, err);

  if (r != 1)
    return r;
  if (!read_version (text, &ret->version) ||
      !parse (text, len, ret, &finished)) {
    journal_reset (ret);
    explain (at.path, text, err);
    return -1;
  }
  for (unsigned i = 0; i < ret->n; i++)
    for (size_t k = 0; k < ret->disks[i].n; k++)
      ret->disks[i].chunks[k].saved = true;
  if (finished)
    journal_reset (ret);
  return finished ? 0 : 1;
}
