/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Chooses the paths of a copy's journal and lock, and makes the directory
 * for those that are not beside the targets.  Neither file is touched.
 */

#include <config.h>

#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/events.h"
#include "output/output.h"
#include "transfer/resume-place.h"

#define STATE_DIR "v2v-nbdkit-launch"

/* NULL without an error: this user has no such directory. */
static char *
state_dir (struct error *err)
{
  const char *state = getenv ("XDG_STATE_HOME"), *home = getenv ("HOME");

  if (state != NULL && state[0] == '/')
    return format (err, "%s/" STATE_DIR, state);
  if (geteuid () == 0)
    return format (err, "/var/lib/" STATE_DIR);
  if (home != NULL && home[0] == '/')
    return format (err, "%s/.local/state/" STATE_DIR, home);
  return NULL;
}

/* Like mkdir -p; only the last directory is private. */
static bool
make_directories (char *path)
{
  for (char *p = path + 1; *p != '\0'; p++)
    if (*p == '/') {
      *p = '\0';
      mkdir (path, 0755);
      *p = '/';
    }
  return (mkdir (path, 0700) == 0 || errno == EEXIST) &&
    access (path, W_OK|X_OK) == 0;
}

/* A digest of the names of all targets. */
static int
key_of (const struct output *output, char key[DIGEST_HEX_MAX],
        struct error *err)
{
  CLEANUP_DIGESTER struct digester *digester =
    digester_new (DIGEST_SHA256, err);

  if (digester == NULL)
    return -1;
  for (unsigned i = 0; i < output_disk_count (output); i++) {
    const char *place = output_target (output, i);
    CLEANUP_FREE char *real = realpath (place, NULL);

    if (real != NULL)
      place = real;
    if (digester_add (digester, place, strlen (place) + 1, err) == -1)
      return -1;
  }
  digester_end (digester, key);
  return 0;
}

int
resume_place_find (const struct output *output, const struct events *events,
                   char **journal, char **lock, struct error *err)
{
  CLEANUP_FREE char *dir = NULL;
  char key[DIGEST_HEX_MAX];

  if (output_target (output, 0) == NULL) /* nothing is written */
    return 0;
  *journal = output_journal (output, err);
  if (!error_is_set (err))
    dir = state_dir (err);
  if (error_is_set (err) || key_of (output, key, err) == -1)
    return -1;
  if (dir == NULL || !make_directories (dir)) {
    events_say (events, EVENT_DEBUG, -1, "there is no place for locks: %s",
                dir != NULL ? dir : "");
    return 0;
  }
  *lock = format (err, "%s/%s.lock", dir, key);
  if (*journal == NULL)
    *journal = format (err, "%s/%s.journal", dir, key);
  return error_is_set (err) ? -1 : 0;
}
