/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Writes journals to files and reads them.  When a journal is written, and
 * whether it fits the copy, is left to resume.c.
 *
 * The file is one line with a magic word, the version and the SHA-256 of
 * what follows; then one JSON object.
 */

#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <gnutls/gnutls.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/i18n.h"
#include "base/json.h"
#include "transfer/journal.h"

#define MAGIC "v2v-nbdkit-launch-journal 1 "
/* The journal of 8 TiB with digests has 8 MiB. */
#define SIZE_MAX_BYTES (256 << 20)
#define DISKS_MAX 4096
#define DISK_MAX (UINT64_C (1) << 53)
#define HEX_LEN (2 * BLKHASH_BYTES)

/*--- Writing. ---*/

/* As hexadecimal digits: file names in facts need not be UTF-8, which JSON
 * strings must be.
 */
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

/* Runs of stored chunks: first chunk, number of chunks, and so on. */
static json_object *
runs_object (const struct journal_disk *disk)
{
  json_object *array = json_object_new_array ();

  for (size_t i = 0, end; i < disk->n; i = end + 1) {
    for (end = i; end < disk->n && disk->chunks[end].stored; end++)
      ;
    if (end == i)
      continue;
    json_append (&array, json_object_new_int64 ((int64_t) i));
    json_append (&array, json_object_new_int64 ((int64_t) (end - i)));
  }
  return array;
}

/* The digests of the stored chunks; "-" for a chunk without a digest. */
static json_object *
digests_object (const struct journal_disk *disk)
{
  json_object *array = json_object_new_array ();

  for (size_t i = 0; i < disk->n; i++) {
    const struct journal_chunk *chunk = &disk->chunks[i];
    char hex[HEX_LEN + 1] = "-";

    if (!chunk->stored)
      continue;
    if (chunk->hashed)
      hex_encode (chunk->digest, sizeof chunk->digest, hex);
    json_append (&array, json_object_new_string (hex));
  }
  return array;
}

static json_object *
disk_object (const struct journal_disk *disk)
{
  json_object *object = json_object_new_object ();
  bool hashed = false;

  for (size_t i = 0; i < disk->n; i++)
    hashed |= disk->chunks[i].stored && disk->chunks[i].hashed;
  json_add_number (&object, "size", disk->size);
  json_add (&object, "stored", runs_object (disk));
  if (hashed)
    json_add (&object, "digests", digests_object (disk));
  return object;
}

static json_object *
journal_object (const struct journal *journal)
{
  json_object *object = json_object_new_object ();
  json_object *disks = json_object_new_array ();

  json_add (&object, "facts", facts_object (&journal->facts));
  for (unsigned i = 0; i < journal->n; i++)
    json_append (&disks, disk_object (&journal->disks[i]));
  json_add (&object, "disks", disks);
  return object;
}

int
journal_write (const char *path, const struct journal *journal,
               struct error *err)
{
  CLEANUP_JSON json_object *object = journal_object (journal);
  const char *json = object == NULL ? NULL
    : json_object_to_json_string_ext (object, JSON_C_TO_STRING_PLAIN);
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_FREE char *text = NULL;
  char sum[DIGEST_HEX_MAX];

  if (json == NULL)
    return error_nomem (err);
  if (digest_of (json, strlen (json), DIGEST_SHA256, sum, err) == -1)
    return -1;
  text = format (err, "%s%s\n%s", MAGIC, sum, json);
  if (text == NULL || file_replace (path, text, strlen (text), err) == -1)
    return -1;
  file_sync_parent (path, &ignored);
  return 0;
}

/*--- Reading.  The checksum finds accidental damage only: anybody can compute
 * one, so all values are checked too.
 */

/* Decode HEX, which must have exactly N bytes. */
static bool
hex_decode (const char *hex, void *ret, size_t n)
{
  const gnutls_datum_t datum = {
    .data = (unsigned char *) hex, .size = (unsigned) (2 * n)
  };
  size_t len = n;

  return strlen (hex) == 2 * n &&
    (n == 0 || (gnutls_hex_decode (&datum, ret, &len) == 0 && len == n));
}

static bool
read_facts (json_object *array, struct journal *journal)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;

  for (size_t i = 0; i < json_object_array_length (array); i++) {
    json_object *item = json_object_array_get_idx (array, i);
    const char *hex = json_object_get_string (item);
    const size_t len = hex != NULL ? strlen (hex) / 2 : 0;
    char *fact = calloc (1, len + 1);

    if (hex == NULL || fact == NULL || !hex_decode (hex, fact, len)) {
      free (fact);
      return false;
    }
    if (argv_take (&journal->facts, fact, &ignored) == -1)
      return false;
  }
  return true;
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
read_runs (json_object *array, struct journal_disk *disk)
{
  const size_t len = json_object_array_length (array);

  for (size_t i = 0; i + 1 < len; i += 2) {
    uint64_t first, n;

    if (!get_number (json_object_array_get_idx (array, i), disk->n, &first) ||
        !get_number (json_object_array_get_idx (array, i + 1),
                     disk->n - first, &n))
      return false;
    for (uint64_t k = 0; k < n; k++)
      disk->chunks[first + k].stored = true;
  }
  return len % 2 == 0;
}

static bool
read_digests (json_object *array, struct journal_disk *disk)
{
  const size_t len = json_object_array_length (array);
  size_t i = 0;

  for (size_t k = 0; k < disk->n; k++) {
    struct journal_chunk *chunk = &disk->chunks[k];
    const char *hex;

    if (!chunk->stored)
      continue;
    hex = i == len ? NULL
      : json_object_get_string (json_object_array_get_idx (array, i++));
    if (hex == NULL)
      return false;
    if (strcmp (hex, "-") == 0)
      continue;
    chunk->hashed = hex_decode (hex, chunk->digest, sizeof chunk->digest);
    if (!chunk->hashed)
      return false;
  }
  return i == len;
}

static bool
read_disk (json_object *object, struct journal_disk *disk)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  json_object *stored = json_get (object, "stored", json_type_array);
  json_object *digests = json_get (object, "digests", json_type_array);
  uint64_t size;

  return get_number (json_get (object, "size", json_type_int), DISK_MAX,
                     &size) &&
    journal_set_size (disk, size, &ignored) == 0 &&
    stored != NULL && read_runs (stored, disk) &&
    (digests == NULL || read_digests (digests, disk));
}

static bool
read_object (json_object *object, struct journal *journal)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  json_object *facts = json_get (object, "facts", json_type_array);
  json_object *disks = json_get (object, "disks", json_type_array);
  const size_t n = disks != NULL ? json_object_array_length (disks) : 0;

  if (facts == NULL || disks == NULL || !read_facts (facts, journal) ||
      n > DISKS_MAX ||
      journal_set_disks (journal, (unsigned) n, &ignored) == -1)
    return false;
  for (unsigned i = 0; i < n; i++)
    if (!read_disk (json_object_array_get_idx (disks, i),
                    &journal->disks[i]))
      return false;
  return true;
}

static bool
parse (const char *text, size_t len, struct journal *journal)
{
  const size_t head = strlen (MAGIC) + HEX_LEN + 1;
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_JSON json_object *object = NULL;
  char sum[DIGEST_HEX_MAX];

  if (len < head || strncmp (text, MAGIC, strlen (MAGIC)) != 0 ||
      digest_of (text + head, len - head, DIGEST_SHA256, sum,
                 &ignored) == -1 ||
      memcmp (text + strlen (MAGIC), sum, HEX_LEN) != 0 ||
      text[head-1] != '\n')
    return false;
  object = json_tokener_parse (text + head);
  return read_object (object, journal);
}

static int
read_text (const char *path, char **ret, size_t *len, struct error *err)
{
  CLEANUP_FCLOSE FILE *fp = fopen (path, "re");
  struct stat st;

  if (fp == NULL && errno == ENOENT)
    return 0;
  if (fp == NULL || fstat (fileno (fp), &st) == -1)
    return error_errno (err, REASON_INTERNAL, "%s", path);
  if (!S_ISREG (st.st_mode) || st.st_size > SIZE_MAX_BYTES)
    return error_set (err, REASON_INTERNAL, _("%s is not a journal"), path);
  *ret = alloc_zero ((size_t) st.st_size + 1, err);
  if (*ret == NULL)
    return -1;
  *len = fread (*ret, 1, (size_t) st.st_size, fp);
  return 1;
}

int
journal_read (const char *path, struct journal *ret, struct error *err)
{
  CLEANUP_FREE char *text = NULL;
  size_t len = 0;
  const int r = read_text (path, &text, &len, err);

  if (r != 1)
    return r;
  if (parse (text, len, ret))
    return 1;
  journal_reset (ret);
  error_set (err, REASON_INTERNAL, _("the journal %s is damaged"), path);
  return -1;
}
