/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Comparing the files of a package with the digests in its manifests.  Parsing
 * a manifest and computing a digest are in manifest.c.
 */

#include <config.h>

#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/events.h"
#include "base/i18n.h"
#include "guest/guest.h"
#include "input/input-request.h"
#include "input/ova/manifest.h"
#include "input/ova/member-name.h"
#include "input/ova/ova.h"
#include "input/ova/package.h"
#include "io/reader.h"

/* A manifest has a line for each file. */
#define MANIFEST_MAX (1 << 20)
/* The most that is read of a remote package only for a checksum: as much as
 * the largest .ovf, and less than any disk.
 */
#define REMOTE_MAX (4 << 20)

/* The state of checking all manifests. */
struct check {
  const struct package *package;
  unsigned checked, skipped;
  struct error *err;
};

static int
mismatch (const struct check *c, const struct manifest_line *line,
          const char *actual)
{
  error_set (c->err, REASON_UNTRUSTED_IMAGE,
             _("%s: the %s of %s is %s, but the manifest says %s"),
             c->package->source, digest_name (line->digest), line->file,
             actual, line->hex);
  error_hint (c->err, _("the OVA is damaged or was changed: fetch it again, "
                        "or remove the .mf file from it if you know why"));
  return -1;
}

static int
check_member (struct check *c, const struct manifest_line *line,
              const struct package_member *member)
{
  CLEANUP_READER struct reader *reader = NULL;
  char actual[DIGEST_HEX_MAX];

  if (member->place == MEMBER_PACKED) {
    c->skipped++;               /* nothing uses it, or nothing was unpacked */
    return 0;
  }
  reader = package_member_open (c->package, member, c->err);
  if (reader == NULL)
    return -1;
  if (c->package->location.kind != LOCATION_FILE &&
      member->place == MEMBER_IN_PLACE && reader->size > REMOTE_MAX) {
    c->skipped++;
    return 0;
  }
  if (manifest_digest (reader, line->digest, c->package->request->supervisor,
                     actual, c->err) == -1) {
    error_wrap (c->err, "%s", line->file);
    return -1;
  }
  c->checked++;
  return strcmp (actual, line->hex) == 0 ? 0 : mismatch (c, line, actual);
}

/* VMware writes manifests that list files which the OVA does not have. */
static int
check_line (struct check *c, const char *manifest,
            const struct manifest_line *line)
{
  CLEANUP_FREE char *name = member_name_resolve (manifest, line->file,
                                                 c->err);
  const struct package_member *member;

  if (name == NULL)
    return -1;
  member = package_find (c->package, name);
  if (member != NULL)
    return check_member (c, line, member);
  events_say (c->package->request->events, EVENT_WARNING, -1,
              _("%s lists %s, which is not in the OVA"), manifest,
              line->file);
  return 0;
}

static char *
read_manifest (const struct check *c, const struct package_member *member,
               size_t *len)
{
  CLEANUP_READER struct reader *reader =
    package_member_open (c->package, member, c->err);
  char *text;

  if (reader == NULL)
    return NULL;
  text = reader_slurp (reader, MANIFEST_MAX, len, c->err);
  if (text == NULL)
    error_wrap (c->err, "%s", member->name);
  return text;
}

static int
check_manifest (struct check *c, const struct package_member *member)
{
  CLEANUP_MANIFEST struct manifest manifest = { .ptr = NULL };
  CLEANUP_ARGV struct argv warnings = { .ptr = NULL };
  CLEANUP_FREE char *text = NULL;
  size_t len;

  text = read_manifest (c, member, &len);
  if (text == NULL || manifest_parse (text, len, member->name, &manifest,
                                      &warnings, c->err) == -1)
    return -1;
  for (size_t i = 0; i < warnings.len; i++)
    events_say (c->package->request->events, EVENT_WARNING, -1, "%s",
                warnings.ptr[i]);
  if (manifest.len > 0)
    events_say (c->package->request->events, EVENT_MESSAGE, -1,
                _("Checking the checksums in %s"), member->name);
  for (size_t i = 0; i < manifest.len; i++)
    if (check_line (c, member->name, &manifest.ptr[i]) == -1)
      return -1;
  return 0;
}

int
ova_check_manifests (const struct package *package, struct error *err)
{
  struct check c = { .package = package, .err = err };

  for (size_t i = 0; i < package->members.len; i++)
    if (member_name_has_suffix (package->members.ptr[i].name, ".mf") &&
        check_manifest (&c, &package->members.ptr[i]) == -1)
      return -1;
  if (c.skipped > 0)
    events_say (package->request->events, EVENT_INFO, -1,
                NGETTEXT ("the checksum of %u file in the manifest was not "
                          "checked: it would have to be read for that alone",
                          "the checksums of %u files in the manifest were "
                          "not checked: they would have to be read for that "
                          "alone", c.skipped), c.skipped);
  return 0;
}
