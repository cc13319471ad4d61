/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Chooses the paths of a copy's journal and records, which are not touched.
 * Locks are left to output-claim.c.
 */

#include <config.h>

#include <string.h>

#include "base/alloc.h"
#include "base/argv.h"
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
resume_place_target (const struct output *output, unsigned index,
                     struct error *err)
{
  const struct location *location = output_location (output, index);
  char *real;

  if (location->uri != NULL)
    return place_of_uri (location->uri, err);
  real = realpath (location->path, NULL);
  return real != NULL ? real : alloc_copy (location->path, err);
}

/* A digest of the names of N targets, from target FIRST on. */
static int
key_of (const struct output *output, unsigned first, unsigned n,
        char key[DIGEST_HEX_MAX], struct error *err)
{
  CLEANUP_DIGESTER struct digester *digester =
    digester_new (DIGEST_SHA256, err);

  if (digester == NULL)
    return -1;
  for (unsigned i = first; i < first + n; i++) {
    CLEANUP_FREE char *place = resume_place_target (output, i, err);

    if (place == NULL ||
        digester_add (digester, place, strlen (place) + 1, err) == -1)
      return -1;
  }
  digester_end (digester, key);
  return 0;
}

int
resume_place_finished (const struct output *output,
                       const struct launch_context *context,
                       struct argv *paths, struct error *err)
{
  CLEANUP_ERROR struct error no_place = ERROR_INIT;
  CLEANUP_FREE char *dir = NULL;

  if (output_target (output, 0) == NULL)
    return 0;
  dir = state_dir_open (context->settings, &no_place);
  for (unsigned i = 0; dir != NULL && i < output_disk_count (output); i++) {
    char key[DIGEST_HEX_MAX];

    if (key_of (output, i, 1, key, err) == -1 ||
        argv_appendf (paths, err, "%s/%s.finished", dir, key) == -1)
      return -1;
  }
  return 0;
}

int
resume_place_find (const struct output *output,
                   const struct launch_context *context, char **journal,
                   struct error *err)
{
  CLEANUP_ERROR struct error no_place = ERROR_INIT;
  CLEANUP_FREE char *dir = NULL;
  char key[DIGEST_HEX_MAX];

  if (output_target (output, 0) == NULL) /* nothing is written */
    return 0;
  *journal = output_journal (output, err);
  if (*journal != NULL)
    return 0;
  if (error_is_set (err) ||
      key_of (output, 0, output_disk_count (output), key, err) == -1)
    return -1;
  dir = state_dir_open (context->settings, &no_place);
  if (dir == NULL) {
    events_say (context->events, EVENT_DEBUG, -1,
                "there is no place for a journal: %s", no_place.message);
    return 0;
  }
  *journal = format (err, "%s/%s.journal", dir, key);
  return *journal != NULL ? 0 : -1;
}
