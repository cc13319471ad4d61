/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The manifest of an OVA: a digest for each of its files.  Parsing it, and
 * computing the digest of a file; ova-manifest.c compares the two.
 */

#include <config.h>

#include <ctype.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "input/ova/manifest.h"
#include "io/reader.h"
#include "io/supervisor.h"

#define CHUNK (1 << 20)
#define WARNINGS_MAX 20

int
manifest_digest (struct reader *reader, enum digest digest,
               struct supervisor *supervisor, char ret[DIGEST_HEX_MAX],
               struct error *err)
{
  CLEANUP_DIGESTER struct digester *digester = digester_new (digest, err);
  CLEANUP_FREE char *buf = malloc (CHUNK);

  if (digester == NULL)
    return -1;
  if (buf == NULL)
    return error_nomem (err);
  for (uint64_t at = 0; at < reader->size; at += CHUNK) {
    const size_t len = reader->size - at < CHUNK
      ? (size_t) (reader->size - at) : CHUNK;

    if (supervisor != NULL && supervisor_signal (supervisor) != 0)
      return error_set (err, REASON_INTERRUPTED,
                        _("interrupted while a checksum was computed"));
    if (reader_pread (reader, buf, len, at, err) == -1 ||
        digester_add (digester, buf, len, err) == -1)
      return -1;
  }
  digester_end (digester, ret);
  return 0;
}

/* Split "SHA256 (file)= hex".  The file's name is between the first and the
 * last parenthesis, as it may contain parentheses itself.
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
  if (hex[strspn (hex, "0123456789abcdefABCDEF")] != '\0')
    return -1;
  return digest_find (line, name_len, strlen (hex), &ret->digest);
}

static int
add_line (const char *text, struct manifest *ret, bool *odd,
          struct error *err)
{
  CLEANUP_FREE char *copy = alloc_copy (text, err);
  CLEANUP_FREE char *file = NULL, *hex = NULL;
  struct manifest_line line;

  if (copy == NULL)
    return -1;
  *odd = split_line (copy, &line) == -1;
  if (*odd)
    return 0;
  file = alloc_copy (line.file, err);
  hex = alloc_copy (line.hex, err);
  if (file == NULL || hex == NULL)
    return -1;
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
                      _("%s:%zu: not a checksum of a known kind: %.200s"),
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
