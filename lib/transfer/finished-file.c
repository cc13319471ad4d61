/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Writes and reads records of finished runs.  What they say is left to
 * finished.c.
 *
 * The first line has a magic word, the version and the SHA-256 of what
 * follows: the facts, one a line, as hexadecimal digits, because names of
 * files may hold any character.
 */

#include <config.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/argv.h"
#include "base/cleanup.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/i18n.h"
#include "base/memstream.h"
#include "transfer/finished-file.h"

#define MAGIC "v2v-nbdkit-launch-finished 1 "
#define MAX_BYTES (16 << 20)

static char *
body_of (const struct argv *facts, struct error *err)
{
  char *text = NULL;
  size_t len;
  FILE *fp = open_memstream (&text, &len);

  for (size_t i = 0; fp != NULL && i < facts->len; i++)
    for (const char *p = facts->ptr[i];; p++) {
      char hex[3] = "\n";

      if (*p != '\0')
        hex_encode (p, 1, hex);
      fputs (hex, fp);
      if (*p == '\0')
        break;
    }
  if (fp != NULL && memstream_close (fp, &text) == 0)
    return text;
  error_nomem (err);
  return NULL;
}

int
finished_file_write (const char *path, const struct argv *facts,
                     struct error *err)
{
  CLEANUP_FREE char *body = body_of (facts, err);
  CLEANUP_FREE char *text = NULL;
  char sum[DIGEST_HEX_MAX];

  if (body == NULL ||
      digest_of (body, strlen (body), DIGEST_SHA256, sum, err) == -1)
    return -1;
  text = format (err, MAGIC "%s\n%s", sum, body);
  return text == NULL ? -1 : file_store (path, text, strlen (text), err);
}

/* Decode the digits up to END in their place; false: there are others. */
static bool
decode (char *hex, const char *end)
{
  char *to = hex;

  for (; hex + 1 < end; hex += 2) {
    const int high = hex_digit (hex[0]), low = hex_digit (hex[1]);

    if (high == -1 || low == -1 || high + low == 0)
      return false;
    *to++ = (char) (high << 4 | low);
  }
  *to = '\0';
  return hex == end;
}

static bool
parse (char *text, struct argv *ret)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  char *line = strchr (text, '\n'), *end;
  char sum[DIGEST_HEX_MAX];

  if (line == NULL || strncmp (text, MAGIC, strlen (MAGIC)) != 0 ||
      digest_of (line + 1, strlen (line + 1), DIGEST_SHA256, sum,
                 &ignored) == -1)
    return false;
  *line++ = '\0';
  if (strcmp (text + strlen (MAGIC), sum) != 0)
    return false;
  for (; (end = strchr (line, '\n')) != NULL; line = end + 1)
    if (!decode (line, end) || strchr (line, '=') == NULL ||
        argv_append (ret, line, &ignored) == -1)
      return false;
  return *line == '\0' && ret->len > 0;
}

static int
read_text (const char *path, char **ret, struct error *err)
{
  CLEANUP_FCLOSE FILE *fp = NULL;
  struct stat st;
  int fd;
  const int r = file_open_own (path, O_RDONLY, &fd, err);

  if (r != 1)
    return r;
  fp = fdopen (fd, "r");
  if (fp == NULL || fstat (fd, &st) == -1)
    return error_errno (err, REASON_INTERNAL, "%s", path);
  if (st.st_size > MAX_BYTES)
    return error_set (err, REASON_INTERNAL, _("%s is damaged"), path);
  *ret = alloc_zero ((size_t) st.st_size + 1, err);
  if (*ret == NULL)
    return -1;
  if (fread (*ret, 1, (size_t) st.st_size, fp) != (size_t) st.st_size)
    return error_set (err, REASON_INTERNAL, _("%s is damaged"), path);
  return 1;
}

int
finished_file_read (const char *path, struct argv *ret, struct error *err)
{
  CLEANUP_FREE char *text = NULL;
  const int r = read_text (path, &text, err);

  if (r != 1 || parse (text, ret))
    return r;
  argv_reset (ret);
  return error_set (err, REASON_INTERNAL, _("%s is damaged"), path);
}
