/* SPDX-License-Identifier: GPL-2.0-or-later */

/* How near a mistyped word is to the words that are known, which are told by
 * the caller, or to the names in a directory.
 */

#include <config.h>

#include <ctype.h>
#include <dirent.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/suggest.h"
#include "base/utf8.h"

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

/*--- Files. ---*/

/* A directory with more names is not looked through. */
#define NAMES_MAX 10000

bool
suggest_printable (const char *name)
{
  for (const char *c = name; *c != '\0'; c++)
    if (iscntrl ((unsigned char) *c))
      return false;
  return utf8_valid (name);
}

static size_t
stem_len (const char *name)
{
  const char *dot = strrchr (name, '.');

  return dot != NULL && dot != name ? (size_t) (dot - name) : strlen (name);
}

/* "disk" and "disk.raw" for "disk.qcow2". */
static bool
same_stem (const char *a, const char *b)
{
  const size_t len = stem_len (a);

  return len == stem_len (b) && strncasecmp (a, b, len) == 0;
}

/* "disk1" and "disk2" are two disks, and not one that was mistyped. */
static bool
differs_in_numbers (const char *a, const char *b)
{
  static const char digits[] = "0123456789";

  while (*a != '\0' && same (*a, *b)) {
    a++;
    b++;
  }
  if (strspn (a, digits) == 0 || strspn (b, digits) == 0)
    return false;
  a += strspn (a, digits);
  b += strspn (b, digits);
  return strcasecmp (a, b) == 0 || differs_in_numbers (a, b);
}

/* What runs write beside their disks, perhaps this very one. */
static bool
is_record (const char *name)
{
  static const char *const extensions[] = { ".html", ".log" };
  const char *dot = name + stem_len (name);

  for (size_t i = 0; i < ARRAY_LEN (extensions); i++)
    if (strcasecmp (dot, extensions[i]) == 0)
      return true;
  return false;
}

/* May what was TYPED have been meant to be NAME, in the directory DIR? */
static bool
is_candidate (int dir, const char *name, const char *typed, bool directories)
{
  struct stat st;

  if (name[0] == '.' || !suggest_printable (name) ||
      differs_in_numbers (name, typed) ||
      fstatat (dir, name, &st, 0) == -1)
    return false;
  return directories ? S_ISDIR (st.st_mode)
    : !S_ISDIR (st.st_mode) && !S_ISBLK (st.st_mode) && !is_record (name);
}

/* The caller frees it; NULL: nothing is near. */
static char *
nearest_name (const char *dir, const char *typed, bool directories)
{
  struct suggest suggest = SUGGEST_INIT (typed);
  CLEANUP_FREE char *stem = NULL;
  char *best = NULL;
  const struct dirent *entry;
  DIR *names = opendir (dir);

  for (unsigned n = 0; names != NULL && n < NAMES_MAX &&
         (entry = readdir (names)) != NULL; n++) {
    if (!is_candidate (dirfd (names), entry->d_name, typed, directories))
      continue;
    suggest_try (&suggest, entry->d_name);
    if (suggest.best == entry->d_name) {
      free (best);
      best = strdup (entry->d_name);
      if (best == NULL)
        break;
      suggest.best = best;
    }
    else if (stem == NULL && same_stem (entry->d_name, typed))
      stem = strdup (entry->d_name);
  }
  if (names != NULL)
    closedir (names);
  return best != NULL ? best : STEAL (stem);
}

static void
suggest_name (const char *path, bool directories, struct error *err)
{
  const char *slash = strrchr (path, '/');
  CLEANUP_FREE char *dir = slash == NULL ? strdup (".")
    : strndup (path, (size_t) (slash - path) + 1);
  CLEANUP_FREE char *name = NULL;

  if (dir == NULL)
    return;
  name = nearest_name (dir, slash != NULL ? slash + 1 : path, directories);
  if (name != NULL)
    error_hint (err, _("did you mean '%s%s'?"), slash != NULL ? dir : "",
                name);
}

void
suggest_file (const char *path, struct error *err)
{
  suggest_name (path, false, err);
}

void
suggest_directory (const char *path, struct error *err)
{
  suggest_name (path, true, err);
}
