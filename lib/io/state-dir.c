/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Finds and makes the state directory.  What is in it, and whether a run can
 * do without it, is left to its users in transfer/ and output/.
 */

#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <linux/magic.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"
#include "io/state-dir.h"
#include "settings.h"

#define NAME "v2v-nbdkit-launch"

static char *
choose (const struct settings *settings, struct error *err)
{
  const char *state = getenv ("XDG_STATE_HOME"), *home = getenv ("HOME");

  if (settings->state_dir != NULL)
    return alloc_copy (settings->state_dir, err);
  if (geteuid () == 0)
    return alloc_copy ("/var/lib/" NAME, err);
  if (state != NULL && state[0] == '/')
    return format (err, "%s/" NAME, state);
  if (home != NULL && home[0] == '/')
    return format (err, "%s/.local/state/" NAME, home);
  error_set (err, REASON_WRITE, _("there is no state directory, because HOME "
                                  "is not set"));
  error_hint (err, _("choose one with --state-dir DIR"));
  return NULL;
}

/* Make PATH and the directories above it that do not exist.  A new directory
 * lasts only when its name is on stable storage, too.
 */
static int
make_directories (char *path, struct error *err)
{
  char *slash = strrchr (path, '/');
  int r = 0;

  if (mkdir (path, 0700) == 0)
    return file_sync_parent (path, err);
  if (errno == EEXIST)
    return 0;
  if (errno != ENOENT || slash == NULL || slash == path)
    return error_errno (err, REASON_WRITE, "%s", path);
  *slash = '\0';
  r = make_directories (path, err);
  *slash = '/';
  if (r == 0 && mkdir (path, 0700) == -1 && errno != EEXIST)
    r = error_errno (err, REASON_WRITE, "%s", path);
  return r == 0 ? file_sync_parent (path, err) : -1;
}

/* Others could plant a journal or a record in a directory of theirs. */
static int
check_private (const char *path, struct error *err)
{
  struct stat st;

  if (stat (path, &st) == -1)
    return error_errno (err, REASON_WRITE, "%s", path);
  if (!S_ISDIR (st.st_mode))
    return error_set (err, REASON_WRITE, _("%s is not a directory"), path);
  if (access (path, W_OK|X_OK) == -1)
    return error_errno (err, REASON_WRITE, "%s", path);
  if (st.st_uid == geteuid () && (st.st_mode & 022) == 0)
    return 0;
  error_set (err, REASON_WRITE, _("%s is writable by other users"), path);
  error_hint (err, _("the state directory must belong to the user who runs "
                     "v2v-nbdkit-launch, with mode 0700 or 0755"));
  return -1;
}

char *
state_dir_open (const struct settings *settings, struct error *err)
{
  CLEANUP_FREE char *dir = choose (settings, err);
  char *real = NULL;

  if (dir == NULL)
    return NULL;
  if (make_directories (dir, err) == 0 && check_private (dir, err) == 0) {
    real = realpath (dir, NULL);
    if (real == NULL)
      error_errno (err, REASON_WRITE, "%s", dir);
  }
  if (real == NULL)
    error_wrap (err, _("the state directory cannot be used"));
  return real;
}

bool
file_system_is_lasting (const char *dir)
{
  struct statfs fs;

  return statfs (dir, &fs) == -1 ||
    (fs.f_type != TMPFS_MAGIC && fs.f_type != RAMFS_MAGIC);
}
