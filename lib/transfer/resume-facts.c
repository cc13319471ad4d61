/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Compares the facts about a copy (facts.h) with those in the journal of the
 * copy that is resumed, or records them; and those about the overlays of a
 * conversion.  The journal itself is left to resume.c.
 */

#include <config.h>

#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "io/disk-identity.h"
#include "launch/launch.h"
#include "launch/overlay.h"
#include "transfer/facts.h"
#include "transfer/resume-internal.h"
#include "transfer/resume.h"

#define OVERLAY_DIR "the directory of the overlays"
#define STATE "the state of what is stored"
#define STATE_SOURCE "the source's"
#define STATE_COMPLETE "the target's"

int
resume_facts (struct resume *resume, const struct launch *launch,
              const struct facts_request *request,
              const struct launch_context *context, struct error *err)
{
  CLEANUP_ARGV struct argv now = { .ptr = NULL };

  return facts_of_request (request, &now, err) == -1 ||
    facts_of_sources (launch, FACTS_JUST_STARTED, context, &now, err) == -1 ||
    facts_of_served (launch, &now, err) == -1 ? -1
    : resume_compare (resume, &now, err);
}

int
resume_check_sources (struct resume *resume, const struct launch *launch,
                      const struct launch_context *context,
                      struct error *err)
{
  CLEANUP_ARGV struct argv now = { .ptr = NULL };

  /* Nobody has looked at them: not all kinds of runs can be resumed. */
  if (!resume_knows_facts (resume))
    return 0;
  if (facts_of_sources (launch, FACTS_ANY_TIME, context, &now, err) == -1) {
    error_wrap (err, _("checking the sources again after the copy"));
    return -1;
  }
  if (resume_differs (resume, &now, err) == 0)
    return 0;
  error_wrap (err, _("a source changed while it was copied"));
  error_hint (err, _("copy it again while nothing writes to it: what was "
                     "copied is not used"));
  return -1;
}

int
resume_note_source (struct resume *resume, bool is_source, struct error *err)
{
  resume->is_source = is_source;
  if (!is_source && facts_get (resume_known (resume), STATE) == NULL)
    return 0;
  pthread_mutex_lock (&resume->mutex);
  journal_set_version (&resume->journal, JOURNAL_WITH_STATE);
  pthread_mutex_unlock (&resume->mutex);
  return resume_note (resume, STATE, is_source ? STATE_SOURCE : STATE_COMPLETE,
                      err);
}

/* If that fails the journal is still true: nothing was copied meanwhile that
 * it does not expect.
 */
void
resume_keep_source (struct resume *resume)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;

  pthread_mutex_lock (&resume->mutex);
  resume->keeps_source = true;
  pthread_mutex_unlock (&resume->mutex);
  resume_save (resume, &ignored);
}

bool
resume_has_source (const struct resume *resume)
{
  const char *state = resume_recall (resume, STATE);

  return state != NULL && strcmp (state, STATE_SOURCE) == 0;
}

int
resume_facts_converted (struct resume *resume,
                        const struct overlays *overlays, unsigned n,
                        struct error *err)
{
  const char *dir = overlays_dir (overlays);

  if (overlays_sync (overlays, err) == -1)
    return -1;
  for (unsigned i = 0; i < n; i++) {
    CLEANUP_FREE char *identity = overlay_identity (dir, i, err);

    if (error_is_set (err) ||
        resume_note_disk (resume, i, "overlay",
                          identity != NULL ? identity : "", err) == -1)
      return -1;
  }
  if (resume_note (resume, OVERLAY_DIR, dir, err) == -1)
    return -1;
  return resume_needs_dir (resume, dir, err);
}

bool
resume_knows_overlays (const struct resume *resume, const char *dir)
{
  const char *known = facts_get (resume_known (resume), OVERLAY_DIR);

  return known != NULL && dir != NULL && strcmp (known, dir) == 0;
}

int
resume_facts_overlays (const struct resume *resume, unsigned n,
                       const char **dir, struct error *err)
{
  *dir = resume_recall (resume, OVERLAY_DIR);
  if (*dir == NULL)
    return 0;
  for (unsigned i = 0; i < n; i++) {
    CLEANUP_FREE char *identity = overlay_identity (*dir, i, err);
    const char *before = resume_recall_disk (resume, i, "overlay");

    if (error_is_set (err))
      return -1;
    if (identity == NULL || before == NULL ||
        !disk_identity_same (before, identity))
      return 0;
  }
  return 1;
}
