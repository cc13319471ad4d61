/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What nbdkit itself opens: its modules, also those of a build that has not
 * been installed, and its own files in the private directory.  What a plugin
 * opens is added by the sources, with the parameters that name it.
 */

#include <config.h>

#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "io/subprocess.h"
#include "nbdkit/caps.h"
#include "nbdkit/cmd.h"
#include "nbdkit/confined.h"

/* Is FILE (may be NULL) in a directory below DIR, which ends with a slash? */
static bool
is_deeper (const char *file, const char *dir)
{
  CLEANUP_FREE char *real = file != NULL ? realpath (file, NULL) : NULL;
  const size_t len = strlen (dir);

  return real != NULL && strncmp (real, dir, len) == 0 &&
    strchr (real + len, '/') != NULL;
}

/* What is called "nbdkit" in a build that has not been installed runs
 * "server/nbdkit" below it, with modules from other directories there, of which
 * --dump-config says nothing.
 */
static int
allow_build (const struct nbdkit_caps *caps, struct confine *ret,
             struct error *err)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_FREE char *program = subprocess_find (caps->binary, &ignored);
  CLEANUP_FREE char *dir = program != NULL ? realpath (program, NULL) : NULL;

  if (dir == NULL)
    return 0;
  strrchr (dir, '/')[1] = '\0';
  return (!is_deeper (caps->executable, dir) &&
          !is_deeper (caps->plugindir, dir)) || !confine_is_narrow (dir) ? 0
    : confine_path (ret, dir, CONFINE_RUN, err);
}

static int
allow_modules (const struct nbdkit_caps *caps, struct confine *ret,
               struct error *err)
{
  const char *const paths[] = {
    caps->filterdir, caps->plugindir, caps->libdir, caps->executable,
  };

  for (size_t i = 0; i < ARRAY_LEN (paths); i++)
    if (paths[i] != NULL && strcmp (paths[i], "/") != 0 &&
        confine_path (ret, paths[i], CONFINE_RUN, err) == -1)
      return -1;
  return allow_build (caps, ret, err);
}

/* It makes a socket and a PID file.  The files of other nbdkits in the
 * directory are not for it.
 */
static int
allow_own_files (const struct nbdkit_cmd *cmd, const char *dir,
                 struct confine *ret, struct error *err)
{
  if (confine_path (ret, dir, CONFINE_ADD, err) == -1)
    return -1;
  for (size_t i = 0; i < cmd->secrets.len; i++) {
    CLEANUP_FREE char *path = format (err, "%s/%s", dir,
                                      cmd->secrets.ptr[i].file);

    if (path == NULL || confine_path (ret, path, CONFINE_READ, err) == -1)
      return -1;
  }
  return 0;
}

int
nbdkit_confine (const struct nbdkit_cmd *cmd, const char *dir,
                const struct nbdkit_caps *caps, struct confine *ret,
                struct error *err)
{
  if (confine_programs (ret, &cmd->env, err) == -1 ||
      allow_modules (caps, ret, err) == -1 ||
      allow_own_files (cmd, dir, ret, err) == -1)
    return -1;
  ret->no_network = cmd->files.no_network;
  return confine_add_all (ret, &cmd->files, err);
}

bool
nbdkit_filter_opens_nothing (const char *filter)
{
  static const char *const names[] = {
    "blocksize", "blocksize-policy", "cacheextents", "delay",
    "exportname", "ext2", "fua", "limit", "multi-conn", "nocache",
    "noextents", "nofilter", "noparallel", "nozero", "offset", "partition",
    "protect", "readahead", "retry", "retry-request", "rotational", "scan",
    "swab", "truncate", "xz", "bzip2", "lzip",
  };

  for (size_t i = 0; i < ARRAY_LEN (names); i++)
    if (strcmp (filter, names[i]) == 0)
      return true;
  return false;
}
