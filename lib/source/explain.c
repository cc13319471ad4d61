/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Why a source cannot be opened or read.  nbdkit only prints error messages;
 * each source has a table of texts in them, and this file looks them up.
 */

#include <config.h>

#include <string.h>

#include "base/alloc.h"
#include "base/argv.h"
#include "base/cleanup.h"
#include "base/i18n.h"
#include "source/explain.h"
#include "source/ops.h"

#define NOT_PACKED N_("leave out -io filter=NAME if the file is not " \
                      "compressed by that program; if it is, it is not " \
                      "complete")
#define DAMAGED N_("the file is damaged or not complete: compare its size " \
                   "or its checksum with the original")

/* What the filters say that unpack, above any source.  "bigger than" what:
 * maxblock in nbdkit 1.32, xz-max-block in 1.42.
 */
static const struct explanation filter_explanations[] = {
  { "xz file largest block is bigger than ", REASON_UNSUPPORTED,
    N_("a whole block has to be unpacked into memory, and xz makes one of the "
       "whole disk if it is not told otherwise: pack the disk again, xz -dc "
       "FILE | xz --block-size=16MiB >NEW, or unpack it with xz -d; or where "
       "there is the memory, allow larger blocks with -io xz-max-block=SIZE "
       "(xz --list -v FILE shows them)") },
  { "xz: not an xz file", REASON_UNSUPPORTED, NOT_PACKED },
  { "gzip: inflate: incorrect header check", REASON_UNSUPPORTED, NOT_PACKED },
  { "gzip: inflate: ", REASON_UNSUPPORTED, DAMAGED },
  { "xz: ", REASON_UNSUPPORTED, DAMAGED },
  { "could not parse block data", REASON_UNSUPPORTED, DAMAGED },
  { "write: No space left on device", REASON_SPACE,
    N_("the gzip filter unpacks the whole disk into a file in $TMPDIR, or "
       "else in /var/tmp: set TMPDIR to a directory with enough space for "
       "it") },
  { .text = NULL }
};

/* What follows "nbdkit: curl[1]: error: ". */
static const char *
error_text (const char *line)
{
  const char *text = strstr (line, "error: ");

  return text != NULL ? text + strlen ("error: ") : line;
}

/* nbdkit prints this where libnbd has no words for an error (seen: 1.32 and
 * libnbd 1.14, a server that hangs up early).
 */
static bool
says_nothing (const char *line)
{
  return strcmp (error_text (line), "(null)") == 0;
}

/* Without what 1.24 adds then: "failure to get size: (null)".  The caller
 * frees it.
 */
static char *
what_it_says (const char *line, struct error *err)
{
  static const char nothing[] = ": (null)";
  const char *text = error_text (line);
  const size_t len = strlen (text), without = strlen (nothing);
  const bool cut = len > without && strcmp (text + len - without, nothing) == 0;

  return format (err, "%.*s", (int) (cut ? len - without : len), text);
}

static const struct explanation *
find_in (const struct explanation *table, const char *line)
{
  for (; table != NULL && table->text != NULL; table++)
    if (strstr (line, table->text) != NULL)
      return table;
  return NULL;
}

/* The first explanation of the source that fits one of the lines, or NULL.
 * *LINE is the line that it fits, or the first one where none does; NULL when
 * none says anything.
 */
static const struct explanation *
find (const struct source_request *request, const struct argv *lines,
      const char **line)
{
  const struct source_ops *source = request->source;
  const bool with_filters = source_option (request, "filter") != NULL;

  for (size_t i = 0; i < lines->len; i++) {
    const struct explanation *found = find_in (source->explanations,
                                               lines->ptr[i]);

    if (found == NULL)
      found = find_in (source->more_explanations, lines->ptr[i]);
    if (found == NULL && with_filters)
      found = find_in (filter_explanations, lines->ptr[i]);
    if (found != NULL) {
      *line = lines->ptr[i];
      return found;
    }
  }
  *line = NULL;
  for (size_t i = 0; *line == NULL && i < lines->len; i++)
    if (!says_nothing (lines->ptr[i]))
      *line = lines->ptr[i];
  return NULL;
}

int
source_explain (const struct source_request *request,
                enum source_access access, const struct argv *lines,
                struct error *err)
{
  CLEANUP_FREE char *what = location_describe (request->location, err);
  CLEANUP_FREE char *text = NULL;
  const char *line;
  const struct explanation *found = find (request, lines, &line);

  text = line != NULL ? what_it_says (line, err)
    : alloc_copy (_("nbdkit gives no reason"), err);
  if (what == NULL || text == NULL)
    return -1;
  error_set (err, found != NULL ? found->reason : REASON_READ,
             access == SOURCE_OPEN ? _("cannot open %s: %s")
                                   : _("cannot read %s: %s"), what, text);
  if (found != NULL && found->hint != NULL)
    error_hint (err, "%s", _(found->hint));
  error_details (err, lines);
  return -1;
}

bool
source_hung_up (const struct source_request *request,
                const struct argv *lines)
{
  const char *const *texts = request->source->hang_ups;

  if (request->location->host == NULL)
    return false;
  for (; *texts != NULL; texts++)
    for (size_t i = 0; i < lines->len; i++)
      if (strstr (lines->ptr[i], *texts) != NULL)
        return true;
  return false;
}

/* Can the reason lie between this host and the source, and not in nbdkit? */
static bool
can_be_tried (enum reason reason)
{
  switch (reason) {
  case REASON_AUTH:
  case REASON_NOT_FOUND:
  case REASON_HOST_KEY:
  case REASON_HOST_KEY_CHANGED:
  case REASON_TLS:
  case REASON_UNREACHABLE:
  case REASON_TIMEOUT:
  case REASON_READ:
    return true;
  default:
    return false;
  }
}

/* Add a hint: when to type the command that ADD makes. */
static void
hint_command (const struct source_request *request, const char *when,
              void (*add) (const struct source_request *,
                           const struct error *, struct argv *,
                           struct error *),
              struct error *err)
{
  CLEANUP_ARGV struct argv command = { .ptr = NULL };
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_FREE char *text = NULL, *hint = NULL;

  if (add == NULL)
    return;
  add (request, err, &command, &ignored);
  if (command.len == 0 || error_is_set (&ignored))
    return;
  text = shell_command (NULL, &command);
  hint = text == NULL ? NULL : format (&ignored, _("%s: %s"), when, text);
  if (hint != NULL)
    error_add_hint (err, hint);
}

void
source_hint_command (const struct source_request *request, struct error *err)
{
  const struct source_ops *source = request->source;

  if (!can_be_tried (err->reason))
    return;
  if (source->try_instead != NULL)
    hint_command (request, _(source->instead), source->try_instead, err);
  hint_command (request, _("try"), source->try_command, err);
}
