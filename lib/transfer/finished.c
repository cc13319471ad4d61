/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Keeps the record of a finished run, and decides whether a run is the same.
 * What is compared is collected by facts.c and finished-facts.c, files are
 * written and read by finished-file.c.
 */

#include <config.h>

#include <string.h>

#include "base/alloc.h"
#include "base/argv.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/events.h"
#include "base/file.h"
#include "base/i18n.h"
#include "context.h"
#include "output/output.h"
#include "transfer/facts.h"
#include "transfer/finished-facts.h"
#include "transfer/finished-file.h"
#include "transfer/finished-result.h"
#include "transfer/finished.h"
#include "transfer/resume-place.h"
#include "transfer/transfer-request.h"

struct finished {
  const struct launch_context *context;
  struct finished_disks disks;
  struct argv paths;            /* of the copies, one for each target; empty:
                                   nothing can be kept */
  struct argv facts;            /* of the record; empty: there is none */
  const struct location *converted; /* a target of it that was converted in
                                   place since; or NULL */
};

/* This fact says so. */
#define CONVERTED "converted in place since"

/*--- Reading. ---*/

static bool
same_lists (const struct argv *a, const struct argv *b)
{
  if (a->len != b->len)
    return false;
  for (size_t i = 0; i < a->len; i++)
    if (strcmp (a->ptr[i], b->ptr[i]) != 0)
      return false;
  return true;
}

/* Is it a record of a run to just these targets? */
static bool
has_places (const struct finished *finished, const struct argv *facts)
{
  const unsigned n = finished_count (&finished->disks);

  for (unsigned i = 0; i < n; i++) {
    CLEANUP_ERROR struct error ignored = ERROR_INIT;
    CLEANUP_FREE char *now =
      resume_place_name (finished_location (&finished->disks, i), &ignored);
    const char *place = facts_get_disk (facts, i, "place");

    if (place == NULL || now == NULL || strcmp (place, now) != 0)
      return false;
  }
  return facts_get_disk (facts, n, "place") == NULL;
}

/* A damaged record is none: the run is done again. */
static int
read_copy (const struct finished *finished, const char *path,
           struct argv *ret)
{
  CLEANUP_ERROR struct error why = ERROR_INIT;
  const int r = finished_file_read (path, ret, &why);

  if (r == -1)
    events_say (finished->context->events, EVENT_WARNING, -1,
                _("the record of a finished run is not used: %s"),
                why.message);
  return r == 1 ? 0 : -1;
}

static void
read_record (struct finished *finished)
{
  CLEANUP_ARGV struct argv first = { .ptr = NULL };
  bool is_whole = finished->paths.len > 0;

  for (size_t i = 0; i < finished->paths.len; i++) {
    CLEANUP_ARGV struct argv other = { .ptr = NULL };
    struct argv *facts = i == 0 ? &first : &other;

    if (read_copy (finished, finished->paths.ptr[i], facts) == -1)
      is_whole = false;
    if (facts_get (facts, CONVERTED) != NULL)
      finished->converted = finished_location (&finished->disks,
                                               (unsigned) i);
    is_whole &= i == 0 || same_lists (&first, &other);
  }
  if (!is_whole || !has_places (finished, &first))
    return;
  finished->facts = first;
  first = (struct argv) { .ptr = NULL };
}

static int
choose_paths (struct finished *finished, struct error *err)
{
  for (unsigned i = 0; i < finished_count (&finished->disks); i++) {
    char *path = resume_place_record (finished_location (&finished->disks, i),
                                      finished->context, err);

    if (error_is_set (err))
      return -1;
    if (path != NULL && argv_take (&finished->paths, path, err) == -1)
      return -1;
  }
  return 0;
}

struct finished *
finished_new (const struct output *output, const struct guest *guest,
              const struct launch_context *context, struct error *err)
{
  struct finished *finished = alloc_zero (sizeof *finished, err);

  if (finished == NULL)
    return NULL;
  finished->context = context;
  finished->disks = (struct finished_disks) {
    .output = output, .guest = guest,
  };
  if (choose_paths (finished, err) == -1) {
    finished_free (finished);
    return NULL;
  }
  read_record (finished);
  return finished;
}

void
finished_free (struct finished *finished)
{
  if (finished == NULL)
    return;
  argv_reset (&finished->paths);
  argv_reset (&finished->facts);
  free (finished);
}

bool
finished_is_recorded (const struct output *output,
                      const struct launch_context *context)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  struct finished *finished = finished_new (output, NULL, context, &ignored);
  const bool ret = finished != NULL && finished_exists (finished);

  finished_free (finished);
  return ret;
}

bool
finished_exists (const struct finished *finished)
{
  return finished->facts.len > 0;
}

bool
finished_has_made (const struct finished *finished, unsigned index)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;

  return finished_exists (finished) && finished->converted == NULL &&
    finished_compare_target (&finished->disks, index, finished->context,
                             &finished->facts, &ignored) == 0;
}

int
finished_results (const struct finished *finished, struct transfer_disk *ret,
                  struct error *err)
{
  for (unsigned i = 0; i < finished_count (&finished->disks); i++) {
    const char *text = facts_get_disk (&finished->facts, i, "result");

    if (text == NULL || finished_result_parse (text, &ret[i]) == -1)
      return error_set (err, REASON_INTERNAL,
                        _("the record of the finished run, %s, is damaged"),
                        finished->paths.ptr[0]);
  }
  return 0;
}

/*--- Comparing. ---*/

/* What is asked for, and which sources, as far as nothing has to be served for
 * that.
 */
static int
compare_facts (const struct finished *finished,
               const struct finished_request *request, bool served,
               struct error *err)
{
  CLEANUP_ARGV struct argv now = { .ptr = NULL };

  if (served)
    return facts_of_served (request->launch, &now, err) == -1 ? -1
      : facts_compare (&finished->facts, &now, err);
  /* What the user asks for comes first: the guest depends on that, too. */
  return facts_of_request (request->facts, &now, err) == -1 ||
    facts_compare (&finished->facts, &now, err) == -1 ||
    finished_compare_guest (&finished->disks, &finished->facts,
                            err) == -1 ||
    facts_of_sources (request->launch, FACTS_ANY_TIME, finished->context,
                      &now, err) == -1 ? -1
    : facts_compare (&finished->facts, &now, err);
}

/* Was everything found out that is asked for now? */
static int
has_answers (const struct finished *finished,
             const struct finished_request *request, struct error *err)
{
  for (unsigned i = 0; i < finished_count (&finished->disks); i++) {
    const char *text = facts_get_disk (&finished->facts, i, "result");
    struct transfer_disk disk;

    if (text == NULL || finished_result_parse (text, &disk) == -1 ||
        (request->verify && !disk.verified) ||
        (request->checksum && disk.checksum[0] == '\0')) {
      events_say (finished->context->events, EVENT_INFO, (int) i,
                  _("this run has already finished, but without --verify or "
                    "--checksum: running it again"));
      return 0;
    }
  }
  return error_is_set (err) ? -1 : 1;
}

/* The targets are not to be written to. */
static int
refuse (const struct finished *finished, struct error *err)
{
  const struct output *output = finished->disks.output;

  if (err->reason == REASON_SOURCE_CHANGED ||
      err->reason == REASON_TARGET_CHANGED) {
    error_wrap (err, _("an earlier run to this target has already finished, "
                       "and is not repeated"));
    error_hint (err, "%s", output == NULL || output_replaces (output)
                ? _("to do it again and replace the target, run the same "
                    "command without --resume")
                : _("give the copy another name with -on NAME"));
  }
  return -1;
}

int
finished_compare (struct finished *finished,
                  const struct finished_request *request, bool served,
                  bool *needs_servers, struct error *err)
{
  CLEANUP_ERROR struct error why = ERROR_INIT;
  int r;

  *needs_servers = false;
  if (!finished_exists (finished) && finished->converted == NULL)
    return 0;
  r = finished_has_targets (&finished->disks, finished->context, err);
  /* Whatever else is asked for, finished_confirm refuses it. */
  if (r != 1 || finished->converted != NULL)
    return r;
  r = compare_facts (finished, request, served, &why) == -1 ? -1
    : finished_compare_sources (request->launch, served, finished->context,
                                &finished->facts, &why);
  *needs_servers = r == 0;
  if (r != -1)
    return r;
  /* A delta of a guest that runs is another one each time. */
  if (request->facts->extents != NULL && why.reason == REASON_SOURCE_CHANGED)
    return 0;
  error_move (err, &why);
  return refuse (finished, err);
}

int
finished_confirm (struct finished *finished,
                  const struct finished_request *request, struct error *err)
{
  if (finished->converted != NULL) {
    error_set (err, REASON_TARGET_CHANGED,
               _("%s has been converted in place since then"),
               finished_name (finished->converted));
    return refuse (finished, err);
  }
  if (finished_compare_targets (&finished->disks, finished->context,
                                &finished->facts, err) == -1)
    return refuse (finished, err);
  return has_answers (finished, request, err);
}

/*--- Writing. ---*/

int
finished_forget (struct finished *finished, struct error *err)
{
  for (size_t i = 0; i < finished->paths.len; i++)
    if (access (finished->paths.ptr[i], F_OK) == 0 &&
        file_remove (finished->paths.ptr[i], err) == -1)
      return -1;
  argv_reset (&finished->facts);
  finished->converted = NULL;
  return 0;
}

static int
mark_converted (const struct finished *finished, const char *path,
                bool always, struct error *err)
{
  CLEANUP_ARGV struct argv facts = { .ptr = NULL };

  if (read_copy (finished, path, &facts) == -1 && !always)
    return 0;
  return facts_set (&facts, CONVERTED, "yes", err) == -1 ? -1
    : finished_file_write (path, &facts, err);
}

int
finished_mark_converted (const struct finished *finished, bool always,
                         struct error *err)
{
  for (size_t i = 0; i < finished->paths.len; i++)
    if (mark_converted (finished, finished->paths.ptr[i], always, err) == -1)
      return -1;
  return 0;
}

static int
collect (const struct finished *finished, const struct argv *known,
         const struct launch *launch, const struct transfer_disk *disks,
         struct argv *ret, struct error *err)
{
  const struct finished_disks *targets = &finished->disks;

  for (size_t i = 0; i < known->len; i++)
    if (facts_copy (ret, known->ptr[i], err) == -1)
      return -1;
  for (unsigned i = 0; i < finished_count (targets); i++) {
    CLEANUP_FREE char *result = finished_result_text (&disks[i], err);
    CLEANUP_FREE char *place =
      resume_place_name (finished_location (targets, i), err);

    if (result == NULL || place == NULL ||
        facts_set_disk (ret, i, "result", result, err) == -1 ||
        facts_set_disk (ret, i, "place", place, err) == -1)
      return -1;
  }
  return finished_add_sources (launch, finished->context, ret, err) == -1
    ? -1 : finished_add_targets (targets, finished->context, ret, err);
}

int
finished_store (const struct finished *finished, const struct argv *known,
                const struct launch *launch,
                const struct transfer_disk *disks, struct error *err)
{
  CLEANUP_ARGV struct argv facts = { .ptr = NULL };

  if (finished->paths.len == 0)
    return 0;
  if (collect (finished, known, launch, disks, &facts, err) == -1)
    return -1;
  for (size_t i = 0; i < finished->paths.len; i++)
    if (finished_file_write (finished->paths.ptr[i], &facts, err) == -1)
      return -1;
  return 0;
}
