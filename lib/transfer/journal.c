/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <json-c/json.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/json.h"
#include "copy/copy.h"
#include "transfer/journal.h"

#define MAGIC "v2v-nbdkit-launch-journal 1 "
/* 8 TiB with digests have 8 MiB. */
#define SIZE_MAX_BYTES (256 << 20)
#define DISKS_MAX 4096
#define DISK_MAX (UINT64_C (1) << 53)
#define HEX_LEN (2 * BLKHASH_BYTES)

V2V_DEFINE_CLEANUP (cleanup_json, json_object *, json_object_put);
#define CLEANUP_JSON __attribute__ ((cleanup (cleanup_json)))

int
journal_set_disks (struct journal *journal, unsigned n, struct error *err)
{
  journal->disks = calloc (n + 1, sizeof journal->disks[0]);
  if (journal->disks == NULL)
    return error_nomem (err);
  journal->n = n;
  return 0;
}

int
journal_set_size (struct journal_disk *disk, uint64_t size,
                  struct error *err)
{
  const uint64_t n = size / COPY_CHUNK + (size % COPY_CHUNK != 0);

  free (disk->chunks);
  disk->n = 0;
  disk->chunks = calloc ((size_t) n + 1, sizeof disk->chunks[0]);
  if (disk->chunks == NULL)
    return error_nomem (err);
  disk->size = size;
  disk->n = (size_t) n;
  return 0;
}

void
journal_reset (struct journal *journal)
{
  argv_reset (&journal->facts);
  for (unsigned i = 0; i < journal->n; i++)
    free (journal->disks[i].chunks);
  free (journal->disks);
  *journal = (struct journal) { .n = 0 };
}

static size_t
find_fact (const struct journal *journal, const char *key)
{
  const size_t len = strlen (key);
  size_t i;

  for (i = 0; i < journal->facts.len; i++)
    if (strncmp (journal->facts.ptr[i], key, len) == 0 &&
        journal->facts.ptr[i][len] == '=')
      break;
  return i;
}

const char *
journal_fact (const struct journal *journal, const char *key)
{
  const size_t i = find_fact (journal, key);

  return i == journal->facts.len ? NULL
    : journal->facts.ptr[i] + strlen (key) + 1;
}

int
journal_set_fact (struct journal *journal, const char *key,
                  const char *value, struct error *err)
{
  const size_t i = find_fact (journal, key);
  char *fact;

  if (i == journal->facts.len)
    return argv_appendf (&journal->facts, err, "%s=%s", key, value);
  if (asprintf (&fact, "%s=%s", key, value) == -1)
    return error_nomem (err);
  free (journal->facts.ptr[i]);
  journal->facts.ptr[i] = fact;
  return 0;
}

/*--- Hexadecimal digits. ---*/

static void
to_hex (const uint8_t *bytes, size_t n, char *ret)
{
  for (size_t i = 0; i < n; i++)
    snprintf (ret + 2 * i, 3, "%02x", bytes[i]);
}

static int
digit (char c)
{
  return c >= '0' && c <= '9' ? c - '0'
    : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool
from_hex (const char *hex, uint8_t *ret, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    const int high = digit (hex[2 * i]);
    const int low = high == -1 ? -1 : digit (hex[2 * i + 1]);

    if (low == -1)
      return false;
    ret[i] = (uint8_t) (high << 4 | low);
  }
  return true;
}

static int
checksum (const char *text, size_t len, char ret[HEX_LEN + 1],
          struct error *err)
{
  uint8_t digest[BLKHASH_BYTES];

  if (gnutls_hash_fast (GNUTLS_DIG_SHA256, text, len, digest) < 0)
    return error_set (err, REASON_INTERNAL, _("cannot compute a checksum"));
  to_hex (digest, sizeof digest, ret);
  return 0;
}

/*--- Writing. ---*/

/* Facts may hold any bytes (file names), which JSON strings may not. */
static json_object *
facts_object (const struct argv *facts)
{
  json_object *array = json_object_new_array ();

  for (size_t i = 0; i < facts->len; i++) {
    const size_t len = strlen (facts->ptr[i]);
    CLEANUP_FREE char *hex = malloc (2 * len + 1);

    if (hex != NULL)
      to_hex ((const uint8_t *) facts->ptr[i], len, hex);
    json_append (&array, hex == NULL ? NULL
                 : json_object_new_string_len (hex, (int) (2 * len)));
  }
  return array;
}

/* Runs of stored chunks: first, number, first, number... */
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

/* The digests of the stored chunks, or "-" where one has none. */
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
      to_hex (chunk->digest, sizeof chunk->digest, hex);
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
  json_add (&object, "size", json_object_new_int64 ((int64_t) disk->size));
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
  CLEANUP_FREE char *text = NULL;
  char sum[HEX_LEN + 1];
  int len;

  if (json == NULL)
    return error_nomem (err);
  if (checksum (json, strlen (json), sum, err) == -1)
    return -1;
  len = asprintf (&text, "%s%s\n%s", MAGIC, sum, json);
  if (len == -1) {
    text = NULL;
    return error_nomem (err);
  }
  return file_store (path, text, (size_t) len, err);
}

/*--- Reading.  The checksum tells accidents; what it lets pass is still
 * checked, for anyone can compute one.
 */

static bool
read_facts (json_object *object, struct journal *journal)
{
  json_object *array;
  CLEANUP_ERROR struct error ignored = ERROR_INIT;

  if (!json_object_object_get_ex (object, "facts", &array) ||
      !json_object_is_type (array, json_type_array))
    return false;
  for (size_t i = 0; i < json_object_array_length (array); i++) {
    json_object *item = json_object_array_get_idx (array, i);
    const char *hex = json_object_get_string (item);
    const size_t len = hex != NULL ? strlen (hex) / 2 : 0;
    CLEANUP_FREE char *fact = calloc (1, len + 1);

    if (hex == NULL || fact == NULL ||
        !from_hex (hex, (uint8_t *) fact, len) ||
        argv_append (&journal->facts, fact, &ignored) == -1)
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
    chunk->hashed = strlen (hex) == HEX_LEN &&
      from_hex (hex, chunk->digest, sizeof chunk->digest);
    if (!chunk->hashed)
      return false;
  }
  return i == len;
}

static bool
read_disk (json_object *object, struct journal_disk *disk)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  json_object *item;
  uint64_t size;

  if (!json_object_object_get_ex (object, "size", &item) ||
      !get_number (item, DISK_MAX, &size) ||
      journal_set_size (disk, size, &ignored) == -1 ||
      !json_object_object_get_ex (object, "stored", &item) ||
      !json_object_is_type (item, json_type_array) ||
      !read_runs (item, disk))
    return false;
  if (!json_object_object_get_ex (object, "digests", &item))
    return true;
  return json_object_is_type (item, json_type_array) &&
    read_digests (item, disk);
}

static bool
read_object (json_object *object, struct journal *journal)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  json_object *disks;
  size_t n;

  if (!json_object_is_type (object, json_type_object) ||
      !read_facts (object, journal) ||
      !json_object_object_get_ex (object, "disks", &disks) ||
      !json_object_is_type (disks, json_type_array))
    return false;
  n = json_object_array_length (disks);
  if (n > DISKS_MAX || journal_set_disks (journal, (unsigned) n,
                                          &ignored) == -1)
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
  char sum[HEX_LEN + 1];

  if (len < head || strncmp (text, MAGIC, strlen (MAGIC)) != 0 ||
      checksum (text + head, len - head, sum, &ignored) == -1 ||
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
    return error_set (err, REASON_INTERNAL, _("%s is no journal"), path);
  *ret = calloc (1, (size_t) st.st_size + 1);
  if (*ret == NULL)
    return error_nomem (err);
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
