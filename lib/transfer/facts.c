/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Collects the facts about a run, and compares them with those of an earlier
 * one.  Where they are kept, and what a difference leads to, is left to
 * resume.c and others.
 */

#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/local-file.h"
#include "base/memstream.h"
#include "context.h"
#include "guest/guest.h"
#include "guest/location.h"
#include "io/disk-identity.h"
#include "launch/launch.h"
#include "output/output.h"
#include "source/ops.h"
#include "transfer/changed-extents.h"
#include "transfer/facts.h"

/* One of the files of a disk that has several, by its number. */
#define PIECE "file number "

/* "the file of sda". */
static char *
key_of (const char *what, unsigned index, struct error *err)
{
  char name[DISK_NAME_MAX];

  return format (err, "the %s of %s", what, disk_name (index, name));
}

static int
take_fact (struct argv *facts, char *fact, struct error *err)
{
  const size_t len = (size_t) (strchr (fact, '=') + 1 - fact);

  for (size_t i = 0; i < facts->len; i++)
    if (strncmp (facts->ptr[i], fact, len) == 0) {
      free (facts->ptr[i]);
      facts->ptr[i] = fact;
      return 0;
    }
  return argv_take (facts, fact, err);
}

int
facts_copy (struct argv *facts, const char *fact, struct error *err)
{
  char *copy = alloc_copy (fact, err);

  return copy == NULL ? -1 : take_fact (facts, copy, err);
}

int
facts_set (struct argv *facts, const char *key, const char *value,
           struct error *err)
{
  char *fact = format (err, "%s=%s", key, value);

  return fact == NULL ? -1 : take_fact (facts, fact, err);
}

int
facts_set_disk (struct argv *facts, unsigned index, const char *what,
                const char *value, struct error *err)
{
  CLEANUP_FREE char *key = key_of (what, index, err);

  return key == NULL ? -1 : facts_set (facts, key, value, err);
}

const char *
facts_get (const struct argv *facts, const char *key)
{
  return argv_value (facts, key);
}

const char *
facts_get_disk (const struct argv *facts, unsigned index, const char *what)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_FREE char *key = key_of (what, index, &ignored);

  return key == NULL ? NULL : facts_get (facts, key);
}

/*--- What is asked for. ---*/

/* The -oo options that name the targets: those are facts of their own. */
static bool
names_target (const char *option)
{
  return key_value (option, "path") != NULL ||
    key_value (option, "uri") != NULL || key_value (option, "file") != NULL;
}

/* As the user would type it. */
static int
output_fact (const struct output_settings *output, struct argv *ret,
             struct error *err)
{
  CLEANUP_FREE char *text = NULL;
  size_t len;
  FILE *fp = open_memstream (&text, &len);

  if (fp == NULL)
    return error_nomem (err);
  fprintf (fp, "-of %s -oa %s",
           output->format == OUTPUT_QCOW2 ? "qcow2" : "raw",
           output->preallocated ? "preallocated" : "sparse");
  for (size_t i = 0; i < output->options.len; i++)
    if (!names_target (output->options.ptr[i]))
      fprintf (fp, " -oo %s", output->options.ptr[i]);
  if (memstream_close (fp, &text) == -1)
    return error_nomem (err);
  return facts_set (ret, "the format of the output", text, err);
}

static int
convert_fact (const char *command, struct argv *ret, struct error *err)
{
  char text[DIGEST_HEX_MAX] = "none";

  if (command != NULL && digest_of (command, strlen (command), DIGEST_SHA256,
                                    text, err) == -1)
    return -1;
  return facts_set (ret, "the --convert command (its SHA-256)", text, err);
}

/* The last one is longer by CUT. */
static int
digest_ranges (const struct ranges *ranges, uint64_t cut,
               char ret[DIGEST_HEX_MAX], struct error *err)
{
  CLEANUP_DIGESTER struct digester *digester =
    digester_new (DIGEST_SHA256, err);

  if (digester == NULL)
    return -1;
  for (size_t i = 0; i < ranges->len; i++) {
    char line[64];

    snprintf (line, sizeof line, "%" PRIu64 "+%" PRIu64 "\n",
              ranges->ptr[i].offset,
              ranges->ptr[i].len + (i == ranges->len - 1 ? cut : 0));
    if (digester_add (digester, line, strlen (line), err) == -1)
      return -1;
  }
  digester_end (digester, ret);
  return 0;
}

static int
extents_facts (const struct facts_request *request, struct argv *ret,
               struct error *err)
{
  for (unsigned i = 0; i < request->disks; i++) {
    char text[DIGEST_HEX_MAX] = "all";

    /* As the list has it, whether the disk is known already or not. */
    if (request->extents != NULL &&
        digest_ranges (&request->extents[i].ranges, request->extents[i].cut,
                       text, err) == -1)
      return -1;
    if (facts_set_disk (ret, i, "list of changed extents (its SHA-256)", text,
                        err) == -1)
      return -1;
  }
  return 0;
}

int
facts_of_unused (const struct ranges *ranges, unsigned n, struct argv *ret,
                 struct error *err)
{
  for (unsigned i = 0; i < n; i++) {
    char text[DIGEST_HEX_MAX];

    if (digest_ranges (&ranges[i], 0, text, err) == -1 ||
        facts_set_disk (ret, i, "map of unused blocks (its SHA-256)", text,
                        err) == -1)
      return -1;
  }
  return 0;
}

int
facts_of_request (const struct facts_request *request, struct argv *ret,
                  struct error *err)
{
  char disks[16];

  snprintf (disks, sizeof disks, "%u", request->disks);
  return facts_set (ret, "the number of disks", disks, err) == -1 ||
    output_fact (request->output, ret, err) == -1 ||
    convert_fact (request->convert, ret, err) == -1 ||
    facts_set (ret, FACT_SKIP_UNUSED, request->skip_unused ? "on" : "off",
               err) == -1 ||
    extents_facts (request, ret, err) == -1 ? -1 : 0;
}

/*--- What is read. ---*/

/* What was opened is what the disk is; another file under its name means that
 * it was changed.
 */
static char *
identity_of_file (const struct local_file *file, const char *path,
                  struct error *err)
{
  if (file == NULL)
    return disk_identity_of_path (path, DISK_IDENTITY_CONTENT, err);
  return local_file_check_name (file, err) == -1 ? NULL
    : disk_identity_of_fd (file->fd, DISK_IDENTITY_CONTENT, err);
}

static int
piece_facts (const struct location *location, unsigned index,
             struct argv *ret, struct error *err)
{
  for (size_t i = 0; i < location->files.len; i++) {
    const struct local_file *file = i < location->parts.len
      ? location->parts.ptr[i] : NULL;
    CLEANUP_FREE char *text = identity_of_file (file, location->files.ptr[i],
                                                err);
    char what[sizeof PIECE + 20];

    snprintf (what, sizeof what, PIECE "%zu", i + 1);
    if (text == NULL || facts_set_disk (ret, index, what, text, err) == -1)
      return -1;
  }
  return 0;
}

/* Is it the file that the run began with? */
static int
check_version (const struct plan *plan, const char *now, struct error *err)
{
  const char *before = plan->file.version;

  if (before == NULL || now == NULL || strcmp (before, now) == 0)
    return 0;
  return error_set (err, REASON_SOURCE_CHANGED,
                    _("the version of the source changed from '%s' to '%s' "
                      "during the run"), before, now);
}

/* What identifies this version of the disk (a file's inode and times, an
 * ETag).
 */
static int
version_fact (const struct plan *plan, unsigned index, enum facts_when when,
              const struct launch_context *context, struct argv *ret,
              struct error *err)
{
  const char *before = when == FACTS_JUST_STARTED ? plan->file.version : NULL;
  const struct location *location = plan->location;
  CLEANUP_FREE char *text = NULL;

  /* Also those which are not facts of their own: an OVA's chunks. */
  if (location_check_names (location, err) == -1 ||
      piece_facts (location, index, ret, err) == -1)
    return -1;
  if (location->origin.path != NULL) {
    text = identity_of_file (location->origin.file, location->origin.path,
                             err);
    return text == NULL ? -1 : facts_set_disk (ret, index, "file", text, err);
  }
  if (plan->source->identify == NULL || location->origin.name != NULL)
    return 0;
  if (plan->source->identify (&plan->request, before, plan->aside,
                              context->supervisor, &text, err) == -1 ||
      check_version (plan, text, err) == -1)
    return -1;
  return facts_set_disk (ret, index, plan->source->identity,
                         text != NULL ? text : "not known", err);
}

/* Of an OVA, which may hold several guests, also the part. */
static char *
name_of_source (const struct location *location, struct error *err)
{
  CLEANUP_FREE char *place = location_identity (location, err);

  if (place == NULL)
    return NULL;
  if (location->origin.name != NULL)
    return alloc_copy (location->origin.name, err);
  if (location->part.tar_entry != NULL)
    return format (err, "%s: %s", place, location->part.tar_entry);
  if (location->part.length > 0)
    return format (err, "%s: %" PRIu64 "+%" PRIu64, place,
                   location->part.offset, location->part.length);
  return STEAL (place);
}

static int
source_facts (const struct launched_disk *disk, unsigned index,
              enum facts_when when, const struct launch_context *context,
              struct argv *ret, struct error *err)
{
  CLEANUP_FREE char *what = name_of_source (disk->plan.location, err);

  if (what == NULL ||
      facts_set_disk (ret, index, "source", what, err) == -1)
    return -1;
  return version_fact (&disk->plan, index, when, context, ret, err);
}

int
facts_of_sources (const struct launch *launch, enum facts_when when,
                  const struct launch_context *context, struct argv *ret,
                  struct error *err)
{
  for (unsigned i = 0; i < launch_disk_count (launch); i++)
    if (source_facts (launch_disk (launch, i), i, when, context, ret,
                      err) == -1) {
      err->disk = (int) i;
      return -1;
    }
  return 0;
}

int
facts_of_served (const struct launch *launch, struct argv *ret,
                 struct error *err)
{
  for (unsigned i = 0; i < launch_disk_count (launch); i++) {
    const struct launched_disk *disk = launch_disk (launch, i);
    char size[32];

    snprintf (size, sizeof size, "%" PRIu64, disk->size);
    if (facts_set_disk (ret, i, "format",
                        image_format_name (&disk->image), err) == -1 ||
        facts_set_disk (ret, i, "size", size, err) == -1)
      return -1;
  }
  return 0;
}

/*--- Where it is written. ---*/

int
facts_of_target (const struct output *output, unsigned index,
                 struct argv *ret, struct error *err)
{
  CLEANUP_FREE char *identity = output_identity (output, index, err);

  if (error_is_set (err))
    return -1;
  return identity == NULL ? 0
    : facts_set_disk (ret, index, "target", identity, err);
}

/*--- Comparing. ---*/

/* Which facts are identities, and those whose change is the target's. */
static bool
is_about (const char *fact, const char *what)
{
  return strncmp (fact, "the ", 4) == 0 &&
    strncmp (fact + 4, what, strlen (what)) == 0 &&
    strncmp (fact + 4 + strlen (what), " of sd", 6) == 0;
}

static bool
is_same (const char *fact, const char *before, const char *now)
{
  /* Versions that did not have this choice did not record it. */
  if (before == NULL)
    return strcmp (fact, FACT_SKIP_UNUSED "=off") == 0;
  return is_about (fact, "file") || is_about (fact, "target") ||
    strncmp (fact, "the " PIECE, strlen ("the " PIECE)) == 0
    ? disk_identity_same (before, now) : strcmp (before, now) == 0;
}

static int
compare_fact (const struct argv *before, const char *fact, struct error *err)
{
  const char *value = strchr (fact, '=') + 1;
  CLEANUP_FREE char *key = format (err, "%.*s", (int) (value - 1 - fact),
                                   fact);
  const char *old = key != NULL ? facts_get (before, key) : NULL;

  if (key == NULL)
    return -1;
  if (is_same (fact, old, value))
    return 0;
  return error_set (err, is_about (fact, "target") ? REASON_TARGET_CHANGED
                                                   : REASON_SOURCE_CHANGED,
                    _("%s changed from '%s' to '%s'"), key,
                    old != NULL ? old : "", value);
}

int
facts_compare (const struct argv *before, const struct argv *now,
               struct error *err)
{
  for (size_t i = 0; i < now->len; i++)
    if (compare_fact (before, now->ptr[i], err) == -1)
      return -1;
  return 0;
}
