/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Takes secrets out of the lines that other programs print.  A program that
 * was given a password prints it in other forms too: curl's verbose output
 * has base64 of the login, a URL has it percent-encoded.
 */

#include <config.h>

#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "base/alloc.h"
#include "base/argv.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/redact.h"
#include "base/uri.h"

/* An empty text would be everywhere. */
static int
add (struct redact *redact, const char *text, struct error *err)
{
  if (text[0] == '\0' || argv_contains (&redact->texts, text))
    return 0;
  return argv_append (&redact->texts, text, err);
}

static void
wipe (char **text)
{
  if (*text != NULL)
    explicit_bzero (*text, strlen (*text));
  free (*text);
}

/* Their hexadecimal digits may be of either case. */
static void
digits_to_lower (char *encoded)
{
  for (; (encoded = strchr (encoded, '%')) != NULL; encoded += 3)
    for (int i = 1; i <= 2; i++)
      encoded[i] = (char) tolower ((unsigned char) encoded[i]);
}

int
redact_add (struct redact *redact, const char *secret, struct error *err)
{
  __attribute__ ((cleanup (wipe))) char *encoded =
    uri_escape (secret, "", err);

  if (encoded == NULL || add (redact, secret, err) == -1 ||
      add (redact, encoded, err) == -1)
    return -1;
  digits_to_lower (encoded);
  return add (redact, encoded, err);
}

static char *
base64 (const char *text, struct error *err)
{
  static const char digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const size_t len = strlen (text);
  char *ret = alloc_zero ((len + 2) / 3 * 4 + 1, err), *to = ret;

  for (size_t i = 0; ret != NULL && i < len; i += 3) {
    const size_t n = len - i < 3 ? len - i : 3;
    uint32_t bits = 0;

    for (size_t j = 0; j < 3; j++)
      bits = bits << 8 | (j < n ? (unsigned char) text[i+j] : 0);
    for (size_t j = 0; j < 4; j++)
      *to++ = j <= n ? digits[bits >> (18 - 6 * j) & 63] : '=';
  }
  return ret;
}

int
redact_add_login (struct redact *redact, const char *user,
                  const char *password, struct error *err)
{
  __attribute__ ((cleanup (wipe))) char *login =
    format (err, "%s:%s", user, password);
  __attribute__ ((cleanup (wipe))) char *encoded =
    login != NULL ? base64 (login, err) : NULL;

  return encoded != NULL ? add (redact, encoded, err) : -1;
}

void
redact_line (const struct redact *redact, char *line)
{
  for (size_t i = 0; i < redact->texts.len; i++) {
    const char *text = redact->texts.ptr[i];
    const size_t len = strlen (text);

    for (char *at = line; (at = strstr (at, text)) != NULL; at += len)
      memset (at, '*', len);
  }
}

void
redact_reset (struct redact *redact)
{
  for (size_t i = 0; i < redact->texts.len; i++)
    explicit_bzero (redact->texts.ptr[i], strlen (redact->texts.ptr[i]));
  argv_reset (&redact->texts);
}
