/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Makes visible what must not reach a terminal as it is.  All texts for people
 * go through here; whether they are valid UTF-8 is base/utf8.c's question.
 */

#include <config.h>

#include <stdbool.h>
#include <string.h>

#include "base/error.h"
#include "base/memstream.h"
#include "base/utf8.h"
#include "base/visible.h"

/* C0 and C1 controls, the line separators, and the marks, embeddings and
 * isolates of the Unicode Bidirectional Algorithm (UAX #9).
 */
static bool
is_harmless (uint32_t c)
{
  static const struct { uint32_t from, to; } harmful[] = {
    { 0, 0x1f }, { 0x7f, 0x9f }, { 0x61c, 0x61c }, { 0x200e, 0x200f },
    { 0x2028, 0x202e }, { 0x2066, 0x2069 },
  };

  for (size_t i = 0; i < sizeof harmful / sizeof harmful[0]; i++)
    if (c >= harmful[i].from && c <= harmful[i].to)
      return false;
  return true;
}

void
visible_print (FILE *fp, const char *text)
{
  uint32_t c = 0;

  while (*text != '\0') {
    const size_t len = utf8_decode (text, &c);

    if (len > 0 && (is_harmless (c) || c == '\t'))
      fwrite (text, 1, len, fp);
    else if (len > 1)
      fprintf (fp, "\\u%04x", (unsigned) c);
    else
      fprintf (fp, "\\x%02x", (unsigned char) *text);
    text += len > 0 ? len : 1;
  }
}

void
visible_print_json (FILE *fp, const char *json)
{
  uint32_t c = 0;

  for (size_t len; (len = utf8_decode (json, &c)) > 0; json += len)
    if (is_harmless (c) || c == '\n')
      fwrite (json, 1, len, fp);
    else
      fprintf (fp, "\\u%04x", (unsigned) c);
}

/* In octal, which has a fixed length: "\x1" followed by "b" would be another
 * character.
 */
static void
print_dollar_quoted (FILE *fp, const char *str)
{
  uint32_t c = 0;

  fputs ("$'", fp);
  while (*str != '\0') {
    const size_t len = utf8_decode (str, &c);

    if (len > 0 && is_harmless (c) && *str != '\'' && *str != '\\') {
      fwrite (str, 1, len, fp);
      str += len;
      continue;
    }
    for (size_t i = 0; i < (len > 0 ? len : 1); i++)
      fprintf (fp, "\\%03o", (unsigned char) *str++);
  }
  putc ('\'', fp);
}

static bool
is_all_harmless (const char *str)
{
  uint32_t c = 0;
  size_t len;

  for (; (len = utf8_decode (str, &c)) > 0; str += len)
    if (!is_harmless (c))
      return false;
  return *str == '\0';
}

void
sh_quote (FILE *fp, const char *str)
{
  static const char safe[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    "-_=,:./+@%^";

  if (*str != '\0' && str[strspn (str, safe)] == '\0') {
    fputs (str, fp);
    return;
  }
  putc ('\'', fp);
  for (; *str != '\0'; str++) {
    if (*str == '\'')
      fputs ("'\\''", fp);
    else
      putc (*str, fp);
  }
  putc ('\'', fp);
}

void
shell_quote (FILE *fp, const char *str)
{
  if (is_all_harmless (str))
    sh_quote (fp, str);
  else
    print_dollar_quoted (fp, str);
}

static char *
printed (void (*print) (FILE *fp, const char *str), const char *str,
         struct error *err)
{
  char *text = NULL;
  size_t len;
  FILE *fp = open_memstream (&text, &len);

  if (fp != NULL) {
    print (fp, str);
    memstream_close (fp, &text);
  }
  if (text == NULL)
    error_nomem (err);
  return text;
}

char *
visible_text (const char *text, struct error *err)
{
  return printed (visible_print, text, err);
}

char *
shell_quoted (const char *str, struct error *err)
{
  return printed (shell_quote, str, err);
}
