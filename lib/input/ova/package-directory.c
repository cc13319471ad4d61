/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A package that is a directory: an OVA that somebody has unpacked.  Links
 * may lead to files inside it; others are listed, but reading them is
 * refused by package.c.
 */

#include <config.h>

#include <fts.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "input/ova/package.h"

/* Folders inside folders; a package has one or two. */
#define DEPTH_MAX 8

static void
cleanup_fts (FTS **fts)
{
  if (*fts != NULL)
    fts_close (*fts);
}

/* Where a link leads to, if that is a file below TOP. */
static char *
link_target (const char *path, const char *top)
{
  CLEANUP_FREE char *real = realpath (path, NULL);
  const size_t len = strlen (top);
  struct stat st;

  if (real == NULL || stat (real, &st) == -1 || !S_ISREG (st.st_mode) ||
      strncmp (real, top, len) != 0 || real[len] != '/')
    return NULL;
  return STEAL (real);
}

static int
add (struct package *package, const FTSENT *entry, const char *top,
     struct error *err)
{
  struct package_member member = { .place = MEMBER_FILE };

  member.path = entry->fts_info == FTS_F ? alloc_copy (entry->fts_path, err)
    : link_target (entry->fts_path, top);
  if (error_is_set (err))
    return -1;
  if (member.path == NULL)
    member.place = MEMBER_OUTSIDE;
  return package_add (package, entry->fts_path + strlen (top) + 1, member,
                      err);
}

static int
walk (struct package *package, FTS *fts, const char *top, struct error *err)
{
  FTSENT *entry;

  while ((entry = fts_read (fts)) != NULL) {
    if (entry->fts_info == FTS_D && entry->fts_level > DEPTH_MAX)
      fts_set (fts, entry, FTS_SKIP);
    if ((entry->fts_info == FTS_F && S_ISREG (entry->fts_statp->st_mode)) ||
        entry->fts_info == FTS_SL || entry->fts_info == FTS_SLNONE)
      if (add (package, entry, top, err) == -1)
        return -1;
  }
  return 0;
}

int
package_list_directory (struct package *package, struct error *err)
{
  __attribute__ ((cleanup (cleanup_fts))) FTS *fts = NULL;
  CLEANUP_FREE char *top = realpath (package->location.path, NULL);
  char *const paths[] = { top, NULL };

  if (top == NULL)
    return error_errno (err, REASON_NOT_FOUND, "%s", package->source);
  if (strcmp (top, "/") == 0)
    return error_set (err, REASON_USAGE, _("/ is not an unpacked OVA"));
  fts = fts_open (paths, FTS_PHYSICAL|FTS_NOCHDIR|FTS_XDEV, NULL);
  if (fts == NULL)
    return error_errno (err, REASON_READ, _("cannot list %s"),
                        package->source);
  return walk (package, fts, top, err);
}
