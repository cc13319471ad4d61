/* SPDX-License-Identifier: GPL-2.0-or-later */

/* How near a mistyped word is to the words that are known.  Which words
 * these are is told by the caller.
 */

#include <config.h>

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "base/error.h"
#include "base/i18n.h"
#include "base/suggest.h"

/* No option's name is longer; what was typed may be. */
#define WORD_MAX 40

static unsigned
min3 (unsigned a, unsigned b, unsigned c)
{
  const unsigned ab = a < b ? a : b;

  return ab < c ? ab : c;
}

static bool
same (char a, char b)
{
  return tolower ((unsigned char) a) == tolower ((unsigned char) b);
}

/* How many letters must be changed, added, left out or swapped with their
 * neighbours to get from A to B.
 */
static unsigned
edit_distance (const char *a, size_t a_len, const char *b, size_t b_len)
{
  unsigned d[WORD_MAX + 1][WORD_MAX + 1];

  for (unsigned i = 0; i <= a_len; i++)
    d[i][0] = i;
  for (unsigned j = 0; j <= b_len; j++)
    d[0][j] = j;
  for (size_t i = 1; i <= a_len; i++)
    for (size_t j = 1; j <= b_len; j++) {
      d[i][j] = min3 (d[i-1][j] + 1, d[i][j-1] + 1,
                      d[i-1][j-1] + !same (a[i-1], b[j-1]));
      if (i > 1 && j > 1 && same (a[i-1], b[j-2]) && same (a[i-2], b[j-1]) &&
          d[i-2][j-2] + 1 < d[i][j])
        d[i][j] = d[i-2][j-2] + 1;
    }
  return d[a_len][b_len];
}

/* One mistake in three letters; fewer would make any two short words
 * alike.
 */
static void
try_word (struct suggest *suggest, const char *candidate, size_t len)
{
  const size_t typed_len = strlen (suggest->word);
  unsigned distance;

  if (typed_len > WORD_MAX || len > WORD_MAX)
    return;
  distance = edit_distance (suggest->word, typed_len, candidate, len);
  if (distance > (typed_len > len ? typed_len : len) / 3 ||
      (suggest->best != NULL && distance >= suggest->distance))
    return;
  suggest->best = candidate;
  suggest->distance = distance;
}

void
suggest_try (struct suggest *suggest, const char *candidate)
{
  try_word (suggest, candidate, strlen (candidate));
}

void
suggest_try_joined (struct suggest *suggest, const char *words)
{
  for (;;) {
    const size_t len = strcspn (words, "|");

    try_word (suggest, words, len);
    if (words[len] == '\0')
      return;
    words += len + 1;
  }
}

void
suggest_hint (const struct suggest *suggest, const char *prefix,
              const char *hint, struct error *err)
{
  if (suggest->best != NULL)
    error_hint (err, _("did you mean '%s%.*s'?"), prefix,
                (int) strcspn (suggest->best, "|"), suggest->best);
  else
    error_hint (err, "%s", hint);
}
