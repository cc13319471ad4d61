/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A package that is a directory: an OVA that somebody has unpacked.  Links
 * may lead to files inside it, which are listed instead; others are listed, but
 * reading them is refused by package.c.  What has been put in a file's place by
 * the time that it is opened is base/beneath.c's matter.
 */

#include <config.h>

#include <fts.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/beneath.h"
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

static int
add (struct package *package, const FTSENT *entry, struct error *err)
{
  const struct beneath *dir = &package->dir;
  const char *name = entry->fts_path + strlen (dir->path) + 1;
  CLEANUP_FREE char *target = beneath_name (dir, name);
  struct package_member member = { .place = MEMBER_FILE };

  if (target == NULL && errno == ENOMEM)
    return error_nomem (err);
  if (target == NULL)
    member.place = MEMBER_OUTSIDE;
  else {
    member.path = format (err, "%s/%s", dir->path, target);
    if (member.path == NULL)
      return -1;
  }
  return package_add (package, name, member, err);
}

/* List the files below DIR, which is the package's or in it, down to DEPTH
 * folders.
 */
static int
walk (struct package *package, const char *dir, int depth, struct error *err)
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
      if (add (package, entry, err) == -1)
        return -1;
  }
  return 0;
}

int
package_list_directory (struct package *package, struct error *err)
{
  struct beneath *dir = &package->dir;

  if (beneath_open_directory (package->location.path, dir, err) == -1)
    return -1;
  if (*dir->path == '\0')
    return error_set (err, REASON_USAGE, _("/ is not an unpacked OVA"));
  return walk (package, dir->path, DEPTH_MAX, err);
}

/* The real path of the .ovf file is meant: what it names is beside it. */
int
package_list_beside (struct package *package, struct error *err)
{
  package->beside = true;
  return beneath_open_parent (package->location.path, &package->dir,
                              &package->only_ovf, err) == -1 ? -1
    : walk (package, *package->dir.path == '\0' ? "/" : package->dir.path, 0,
            err);
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
  CLEANUP_FREE char *folder = NULL, *inside = NULL, *path = NULL;

  if (slash == NULL ||
      is_listed (package, name, (size_t) (slash + 1 - name)))
    return 0;
  folder = format (err, "%.*s", (int) (slash - name), name);
  if (folder == NULL)
    return -1;
  inside = beneath_name (&package->dir, folder);
  if (inside == NULL)
    return errno == ENOMEM ? error_nomem (err) : 0;
  path = format (err, "%s/%s", package->dir.path, folder);
  return path == NULL ? -1 : walk (package, path, 0, err);
}

int
package_list_folders (struct package *package,
                      const struct member_names *names, struct error *err)
{
  for (char *const *name = names->ptr;
       package->beside && *name != NULL; name++)
    if (list_folder (package, *name, err) == -1)
      return -1;
  return 0;
}
