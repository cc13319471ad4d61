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
#include "input/ova/member-name.h"
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

/* List the files below DIR, which is TOP or in it, down to DEPTH folders. */
static int
walk (struct package *package, const char *dir, const char *top, int depth,
      struct error *err)
{
  __attribute__ ((cleanup (cleanup_fts))) FTS *fts = NULL;
  char *const paths[] = { (char *) dir, NULL };
  FTSENT *entry;

  fts = fts_open (paths, FTS_PHYSICAL|FTS_COMFOLLOW|FTS_NOCHDIR|FTS_XDEV,
                  NULL);
  if (fts == NULL)
    return error_errno (err, REASON_READ, _("cannot list %s"),
                        package->source);
  while ((entry = fts_read (fts)) != NULL) {
    if (entry->fts_info == FTS_D && entry->fts_level > depth)
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
  CLEANUP_FREE char *top = realpath (package->location.path, NULL);

  if (top == NULL)
    return error_errno (err, REASON_NOT_FOUND, "%s", package->source);
  if (strcmp (top, "/") == 0)
    return error_set (err, REASON_USAGE, _("/ is not an unpacked OVA"));
  return walk (package, top, top, DEPTH_MAX, err);
}

/* The real path of the .ovf file is meant: what it names is beside it. */
int
package_list_beside (struct package *package, struct error *err)
{
  CLEANUP_FREE char *top = realpath (package->location.path, NULL);
  char *slash;

  if (top == NULL)
    return error_errno (err, REASON_NOT_FOUND, "%s", package->source);
  slash = strrchr (top, '/');
  *slash = '\0';
  package->only_ovf = alloc_copy (slash + 1, err);
  if (package->only_ovf == NULL)
    return -1;
  package->beside = STEAL (top);
  return walk (package, package->beside, package->beside, 0, err);
}

/* Is anything of this folder known? */
static bool
is_listed (const struct package *package, const char *name, size_t len)
{
  for (size_t i = 0; i < package->members.len; i++) {
    const char *known = package->members.ptr[i].name;

    if (strncmp (known, name, len) == 0 &&
        strchr (known + len, '/') == NULL)
      return true;
  }
  return false;
}

/* A link may lead to a folder inside, but not out of it. */
static int
list_folder (struct package *package, const char *name, struct error *err)
{
  const char *slash = strrchr (name, '/');
  CLEANUP_FREE char *path = NULL, *real = NULL;
  const size_t top_len = strlen (package->beside);

  if (slash == NULL ||
      is_listed (package, name, (size_t) (slash + 1 - name)))
    return 0;
  path = format (err, "%s/%.*s", package->beside, (int) (slash - name), name);
  if (path == NULL)
    return -1;
  real = realpath (path, NULL);
  if (real == NULL || strncmp (real, package->beside, top_len) != 0 ||
      real[top_len] != '/')
    return 0;
  return walk (package, path, package->beside, 0, err);
}

int
package_list_folders (struct package *package,
                      const struct member_names *names, struct error *err)
{
  for (char *const *name = names->ptr;
       package->beside != NULL && *name != NULL; name++)
    if (list_folder (package, *name, err) == -1)
      return -1;
  return 0;
}
