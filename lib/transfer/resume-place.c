/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Chooses where a copy's journal and records are, which are not touched.
 * Locks are left to output-claim.c.
 */

#include <config.h>

#include <fcntl.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/events.h"
#include "context.h"
#include "guest/location.h"
#include "io/state-dir.h"
#include "output/output.h"
#include "output/place.h"
#include "transfer/resume-place.h"

char *
resume_place_name (const struct location *location, struct error *err)
{
  char *real;

  /* A server that is started again has another socket under the old name. */
  if (location->uri != NULL)
    return strstr (location->uri, "+unix:") != NULL
      ? alloc_copy (location->uri, err) : place_of_uri (location->uri, err);
  real = realpath (location->path, NULL);
  return real != NULL ? real : alloc_copy (location->path, err);
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
    CLEANUP_FREE char *name =
      resume_place_name (output_location (output, i), err);

    if (name == NULL ||
        digester_add (digester, name, strlen (name) + 1, err) == -1)
      return -1;
  }
  digester_end (digester, key);
  return 0;
}

char *
resume_place_record (const struct location *location,
                     const struct launch_context *context, struct error *err)
{
  CLEANUP_ERROR struct error no_place = ERROR_INIT;
  CLEANUP_FREE char *name = resume_place_name (location, err);
  CLEANUP_FREE char *dir = NULL;
  char key[DIGEST_HEX_MAX];

  if (name == NULL ||
      digest_of (name, strlen (name) + 1, DIGEST_SHA256, key, err) == -1)
    return NULL;
  dir = state_dir_open (context->settings, &no_place);
  return dir == NULL ? NULL : format (err, "%s/%s.finished", dir, key);
}

void
resume_place_reset (struct resume_place *place)
{
  close_fd (&place->dir_fd);
  free (place->path);
  free (place->needed);
  *place = (struct resume_place) { .dir_fd = -1 };
}

struct file_at
resume_place_at (const struct resume_place *place)
{
  return (struct file_at) {
    .dir_fd = place->dir_fd, .name = strrchr (place->path, '/') + 1,
    .path = place->path,
  };
}

/* The directory is gone with the journal. */
static int
place_in_output (struct file_at journal, struct resume_place *ret,
                 struct error *err)
{
  ret->dir_fd = fcntl (journal.dir_fd, F_DUPFD_CLOEXEC, 0);
  if (ret->dir_fd == -1)
    return error_errno (err, REASON_WRITE, "%s", journal.path);
  ret->needed = alloc_copy (journal.path, err);
  ret->path = format (err, "%s/%s", journal.path, journal.name);
  return ret->needed != NULL && ret->path != NULL ? 0 : -1;
}

static int
place_in_state_dir (const struct output *output, const char *dir,
                    struct resume_place *ret, struct error *err)
{
  char key[DIGEST_HEX_MAX];

  if (key_of (output, key, err) == -1)
    return -1;
  ret->dir_fd = open (dir, O_PATH|O_DIRECTORY|O_CLOEXEC);
  if (ret->dir_fd == -1)
    return error_errno (err, REASON_WRITE, "%s", dir);
  ret->path = format (err, "%s/%s.journal", dir, key);
  return ret->path == NULL ? -1 : alloc_set (&ret->needed, ret->path, err);
}

int
resume_place_find (const struct output *output,
                   const struct launch_context *context,
                   struct resume_place *ret, struct error *err)
{
  CLEANUP_ERROR struct error no_place = ERROR_INIT;
  CLEANUP_FREE char *dir = NULL;
  struct file_at journal;

  *ret = (struct resume_place) { .dir_fd = -1 };
  if (output_target (output, 0) == NULL) /* nothing is written */
    return 0;
  if (output_journal (output, &journal))
    return place_in_output (journal, ret, err);
  dir = state_dir_open (context->settings, &no_place);
  if (dir != NULL)
    return place_in_state_dir (output, dir, ret, err);
  events_say (context->events, EVENT_DEBUG, -1,
              "there is no place for a journal: %s", no_place.message);
  return 0;
}
