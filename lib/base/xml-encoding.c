/* SPDX-License-Identifier: GPL-2.0-or-later */

/* In what encoding an XML document is.  Its first bytes are believed before
 * its declaration, as they cannot lie: XenCenter writes all its OVFs in UTF-8
 * and calls them utf-16 (the .NET string that they were made of is), and what
 * PowerShell saves is UTF-16 that goes on calling itself utf-8.  libxml2
 * 2.9 refuses the first.  Between encodings that extend ASCII only the
 * declaration can tell.
 */

#include <config.h>

#include <iconv.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/xml-encoding.h"

/* How a document can begin.  A document must begin with "<", so that UTF-16
 * is known without a mark, too.
 */
static const struct {
  const char *bytes;
  size_t len;
  size_t mark_len;              /* bytes before the document */
  const char *encoding;         /* iconv's name; NULL: UTF-8 */
} beginnings[] = {
  { "\xef\xbb\xbf", 3, 3, NULL },
  { "\xff\xfe", 2, 2, "UTF-16LE" },
  { "\xfe\xff", 2, 2, "UTF-16BE" },
  { "<\0", 2, 0, "UTF-16LE" },
  { "\0<", 2, 0, "UTF-16BE" },
};

/* A character of UTF-16 has at most three bytes of UTF-8 for its two. */
static int
convert (struct xml_bytes *bytes, const char *encoding, struct error *err)
{
  const iconv_t cd = iconv_open ("UTF-8", encoding);
  const size_t size = bytes->len / 2 * 3 + 4;
  char *in = (char *) bytes->text, *out;
  size_t in_len = bytes->len, out_len = size;
  bool valid;

  if (cd == (iconv_t) -1)
    return error_errno (err, REASON_UNSUPPORTED, "%s", encoding);
  bytes->converted = out = malloc (size);
  if (out == NULL) {
    iconv_close (cd);
    return error_nomem (err);
  }
  valid = iconv (cd, &in, &in_len, &out, &out_len) != (size_t) -1;
  iconv_close (cd);
  if (!valid)
    return error_set (err, REASON_UNSUPPORTED, _("the text is not valid %s"),
                      encoding);
  bytes->text = bytes->converted;
  bytes->len = size - out_len;
  return 0;
}

/* The encoding that the declaration "<?xml ... encoding='X'" gives, or NULL.
 * The caller frees it.
 */
static char *
declared (const struct xml_bytes *bytes)
{
  static const char start[] = "<?xml", key[] = "encoding";
  const char *end = memmem (bytes->text, bytes->len, "?>", 2);
  const char *at;

  if (end == NULL || bytes->len < sizeof start ||
      memcmp (bytes->text, start, sizeof start - 1) != 0)
    return NULL;
  at = memmem (bytes->text, (size_t) (end - bytes->text), key,
               sizeof key - 1);
  if (at == NULL)
    return NULL;
  at += sizeof key - 1;
  while (at < end && strchr (" \t\r\n='\"", *at) != NULL)
    at++;
  return strndup (at, (size_t) (end - at));
}

/* What can be read byte by byte is in none of these; and what is called ASCII
 * and is valid UTF-8 is that, or is both.
 */
static bool
must_be_utf8 (const char *encoding)
{
  static const char *const prefixes[] = {
    "utf-16", "utf16", "utf-32", "utf32", "ucs-", "ucs2", "ucs4",
    "iso-10646-ucs", "csunicode", "unicode", "us-ascii", "ascii",
  };

  for (size_t i = 0; i < ARRAY_LEN (prefixes); i++)
    if (strncasecmp (encoding, prefixes[i], strlen (prefixes[i])) == 0)
      return true;
  return false;
}

int
xml_encoding_settle (struct xml_bytes *bytes, const char *name,
                     struct error *err)
{
  CLEANUP_FREE char *encoding = NULL;

  for (size_t i = 0; i < ARRAY_LEN (beginnings); i++) {
    if (bytes->len < beginnings[i].len ||
        memcmp (bytes->text, beginnings[i].bytes, beginnings[i].len) != 0)
      continue;
    bytes->utf8 = true;
    bytes->text += beginnings[i].mark_len;
    bytes->len -= beginnings[i].mark_len;
    if (beginnings[i].encoding == NULL ||
        convert (bytes, beginnings[i].encoding, err) == 0)
      return 0;
    error_wrap (err, "%s", name);
    return -1;
  }
  encoding = declared (bytes);
  bytes->utf8 = encoding != NULL && must_be_utf8 (encoding);
  return 0;
}

void
xml_bytes_reset (struct xml_bytes *bytes)
{
  free (bytes->converted);
}
