/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The encoding of a .vmx file: converting the whole file to UTF-8 before its
 * lines are read.
 */

#include <config.h>

#include <iconv.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "input/vmx/vmx-lines.h"

/* The value of .encoding, which is ASCII whatever it says. */
static char *
find_encoding (struct span text, size_t *line, struct error *err)
{
  static const char wanted[] = ".encoding";

  for (*line = 1; text.len > 0; ++*line) {
    struct span key, value;

    if (vmx_split_line (vmx_next_line (&text), &key, &value) == 0 &&
        key.len == sizeof wanted - 1 &&
        strncasecmp (key.ptr, wanted, key.len) == 0)
      return vmx_unescape (value, err);
  }
  *line = 0;
  return NULL;
}

/* Convert TEXT to UTF-8; on -1 with *err unset, *bad is the offset of what
 * is not of the encoding.
 */
static int
convert (iconv_t cd, struct span text, char **ret, size_t *ret_len,
         size_t *bad, struct error *err)
{
  char *in = (char *) text.ptr, *out;
  size_t in_len = text.len, out_len;

  /* No encoding's character needs more than four bytes of UTF-8 for one of
   * its own.
   */
  *ret_len = text.len * 4 + 16;
  *ret = out = malloc (*ret_len);
  if (out == NULL)
    return error_nomem (err);
  out_len = *ret_len;
  if (iconv (cd, &in, &in_len, &out, &out_len) == (size_t) -1 ||
      iconv (cd, NULL, NULL, &out, &out_len) == (size_t) -1) {
    *bad = (size_t) (in - text.ptr);
    free (*ret);
    *ret = NULL;
    return -1;
  }
  *ret_len -= out_len;
  return 0;
}

static size_t
line_of (struct span text, size_t offset)
{
  size_t line = 1;

  for (size_t i = 0; i < offset; i++)
    line += text.ptr[i] == '\n';
  return line;
}

/* LINE is where the encoding is named. */
static char *
to_utf8_from (struct span text, const char *name, const char *encoding,
              size_t line, size_t *len, struct error *err)
{
  const iconv_t cd = iconv_open ("UTF-8", encoding);
  char *utf8 = NULL;
  size_t bad = 0;

  if (cd == (iconv_t) -1) {
    error_set (err, REASON_UNSUPPORTED,
               _("%s:%zu: this system does not know the encoding '%s'"),
               name, line, encoding);
    error_hint (err, _("install more encodings for the C library "
                       "(glibc-gconv-extra), or save the file as UTF-8 with "
                       ".encoding = \"UTF-8\""));
    return NULL;
  }
  if (convert (cd, text, &utf8, len, &bad, err) == -1 &&
      !error_is_set (err))
    error_set (err, REASON_UNSUPPORTED,
               _("%s:%zu: the text is not valid %s"), name,
               line_of (text, bad), encoding);
  iconv_close (cd);
  return utf8;
}

/* Without .encoding the text is UTF-8, or else what Windows writes. */
char *
vmx_to_utf8 (struct span text, const char *name, size_t *len,
             struct error *err)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_FREE char *encoding = NULL;
  char *utf8;
  size_t line;

  encoding = find_encoding (text, &line, err);
  if (encoding != NULL)
    return to_utf8_from (text, name, encoding, line, len, err);
  if (error_is_set (err)) {
    error_wrap (err, "%s:%zu", name, line);
    return NULL;
  }
  utf8 = to_utf8_from (text, name, "UTF-8", 1, len, &ignored);
  if (utf8 != NULL)
    return utf8;
  return to_utf8_from (text, name, "WINDOWS-1252", 1, len, err);
}
