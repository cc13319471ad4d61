/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <config.h>

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include "base/cleanup.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/i18n.h"
#include "io/reader.h"
#include "io/supervisor.h"

#define CHUNK (1 << 20)
#define WARNINGS_MAX 20

static const struct {
  const char *name;
  gnutls_digest_algorithm_t algorithm;
  size_t bytes;
} digests[] = {
  [DIGEST_SHA1] = { "SHA1", GNUTLS_DIG_SHA1, 20 },
  [DIGEST_SHA256] = { "SHA256", GNUTLS_DIG_SHA256, 32 },
  [DIGEST_SHA512] = { "SHA512", GNUTLS_DIG_SHA512, 64 },
};

const char *
digest_name (enum digest digest)
{
  return digests[digest].name;
}

static void
write_hex (const unsigned char *bytes, enum digest digest, char *ret)
{
  for (size_t i = 0; i < digests[digest].bytes; i++)
    snprintf (ret + 2 * i, 3, "%02x", bytes[i]);
}

int
digest_text (const char *text, enum digest digest, char ret[DIGEST_HEX_MAX],
             struct error *err)
{
  unsigned char bytes[64];

  if (gnutls_hash_fast (digests[digest].algorithm, text, strlen (text),
                        bytes) < 0)
    return error_set (err, REASON_INTERNAL, _("cannot compute a digest"));
  write_hex (bytes, digest, ret);
  return 0;
}

static int
hash_all (struct reader *reader, gnutls_hash_hd_t hash, char *buf,
          struct supervisor *supervisor, struct error *err)
{
  for (uint64_t at = 0; at < reader->size; at += CHUNK) {
    const size_t len = reader->size - at < CHUNK
      ? (size_t) (reader->size - at) : CHUNK;

    if (supervisor != NULL && supervisor_signal (supervisor) != 0)
      return error_set (err, REASON_INTERRUPTED,
                        _("interrupted while a checksum was computed"));
    if (reader_pread (reader, buf, len, at, err) == -1)
      return -1;
    if (gnutls_hash (hash, buf, len) < 0)
      return error_set (err, REASON_INTERNAL,
                        _("cannot compute a checksum"));
  }
  return 0;
}

int
digest_reader (struct reader *reader, enum digest digest,
               struct supervisor *supervisor, char ret[DIGEST_HEX_MAX],
               struct error *err)
{
  CLEANUP_FREE char *buf = malloc (CHUNK);
  unsigned char bytes[64];
  gnutls_hash_hd_t hash;
  int r;

  if (buf == NULL)
    return error_nomem (err);
  if (gnutls_hash_init (&hash, digests[digest].algorithm) < 0)
    return error_set (err, REASON_UNSUPPORTED,
                      _("this host's GnuTLS does not compute %s"),
                      digest_name (digest));
  r = hash_all (reader, hash, buf, supervisor, err);
  gnutls_hash_deinit (hash, bytes);
  write_hex (bytes, digest, ret);
  return r;
}

/* Split "SHA256 (file)= hex"; the file is between the first and the last
 * parenthesis, as its name may hold some too.
 */
static int
split_line (char *line, struct manifest_line *ret)
{
  char *open = strchr (line, '('), *close = strrchr (line, ')'), *hex;
  size_t name_len;

  if (open == NULL || close == NULL || close < open)
    return -1;
  name_len = (size_t) (open - line);
  while (name_len > 0 && isspace ((unsigned char) line[name_len - 1]))
    name_len--;
  hex = close + 1 + strspn (close + 1, " \t");
  if (*hex != '=')
    return -1;
  hex++;
  hex += strspn (hex, " \t");
  *close = '\0';
  ret->file = open + 1;
  ret->hex = hex;
  for (size_t i = 0; i < ARRAY_LEN (digests); i++)
    if (strlen (digests[i].name) == name_len &&
        strncasecmp (line, digests[i].name, name_len) == 0 &&
        strlen (hex) == 2 * digests[i].bytes) {
      ret->digest = (enum digest) i;
      return hex[strspn (hex, "0123456789abcdefABCDEF")] == '\0' ? 0 : -1;
    }
  return -1;
}

static int
add_line (const char *text, struct manifest *ret, bool *odd,
          struct error *err)
{
  CLEANUP_FREE char *copy = strdup (text);
  CLEANUP_FREE char *file = NULL, *hex = NULL;
  struct manifest_line line;

  if (copy == NULL)
    return error_nomem (err);
  *odd = split_line (copy, &line) == -1;
  if (*odd)
    return 0;
  file = strdup (line.file);
  hex = strdup (line.hex);
  if (file == NULL || hex == NULL)
    return error_nomem (err);
  for (char *c = hex; *c != '\0'; c++)
    *c = (char) tolower ((unsigned char) *c);
  line.file = file;
  line.hex = hex;
  if (manifest_append (ret, line) == -1)
    return error_nomem (err);
  STEAL (file);
  STEAL (hex);
  return 0;
}

int
manifest_parse (const char *text, size_t len, const char *name,
                struct manifest *ret, struct argv *warnings,
                struct error *err)
{
  const char *const end = text + len;
  size_t number = 1, warned = 0;

  for (const char *next; text < end; text = next, number++) {
    const char *newline = memchr (text, '\n', (size_t) (end - text));
    CLEANUP_FREE char *line = NULL;
    size_t n = (size_t) ((newline == NULL ? end : newline) - text);
    bool odd = false;

    next = newline == NULL ? end : newline + 1;
    while (n > 0 && isspace ((unsigned char) text[n - 1]))
      n--;
    if (n == 0)
      continue;
    line = strndup (text, n);
    if (line == NULL)
      return error_nomem (err);
    if (add_line (line, ret, &odd, err) == -1)
      return -1;
    if (odd && warned++ < WARNINGS_MAX &&
        argv_appendf (warnings, err,
                      _("%s:%zu: not a checksum that is understood: %.200s"),
                      name, number, line) == -1)
      return -1;
  }
  return 0;
}

void
manifest_free (struct manifest *manifest)
{
  for (size_t i = 0; i < manifest->len; i++) {
    free (manifest->ptr[i].file);
    free (manifest->ptr[i].hex);
  }
  manifest_reset (manifest);
}
