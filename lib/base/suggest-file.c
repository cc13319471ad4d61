/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The file that a mistyped path was meant to name: the one with the nearest
 * name in the same directory.  suggest.c measures how near names are.
 */

#include <config.h>

#include <ctype.h>
#include <dirent.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/suggest-file.h"
#include "base/suggest.h"
#include "base/utf8.h"

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

/* The caller frees it; NULL: nothing is near. */
static char *
nearest_name (const char *dir, const char *typed)
{
  struct suggest suggest = SUGGEST_INIT (typed);
  CLEANUP_FREE char *stem = NULL;
  char *best = NULL;
  const struct dirent *entry;
  DIR *names = opendir (dir);

  for (unsigned n = 0; names != NULL && n < NAMES_MAX &&
         (entry = readdir (names)) != NULL; n++) {
    const unsigned distance = suggest.best != NULL ? suggest.distance : -1U;

    if (entry->d_name[0] == '.' || !suggest_printable (entry->d_name))
      continue;
    suggest_try (&suggest, entry->d_name);
    if (suggest.best != NULL && suggest.distance < distance) {
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

void
suggest_file (const char *path, struct error *err)
{
  const char *slash = strrchr (path, '/');
  CLEANUP_FREE char *dir = slash == NULL ? strdup (".")
    : strndup (path, (size_t) (slash - path) + 1);
  CLEANUP_FREE char *name = NULL;

  if (dir == NULL)
    return;
  name = nearest_name (dir, slash != NULL ? slash + 1 : path);
  if (name != NULL)
    error_hint (err, _("did you mean '%s%s'?"), slash != NULL ? dir : "",
                name);
}
