/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The manifests of an OVA, which give a digest for each of its files: parsing
 * them, and comparing the files with them.
 */

#include <config.h>

#include <ctype.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/events.h"
#include "base/i18n.h"
#include "guest/guest.h"
#include "input/input-request.h"
#include "input/ova/manifest.h"
#include "input/ova/member-name.h"
#include "input/ova/package.h"
#include "io/reader.h"
#include "io/supervisor.h"

#define CHUNK (1 << 20)
#define WARNINGS_MAX 20
/* A manifest has a line for each file. */
#define MANIFEST_MAX (1 << 20)
/* The most that is read of a remote package only for a checksum: as much as
 * the largest .ovf, and less than any disk.
 */
#define REMOTE_MAX (4 << 20)

/* Split "SHA256 (file)= hex".  The file's name is between the first and the
 * last parenthesis, as it may contain parentheses itself.  -1: LINE is not of
 * this form, and as it was.
 */
static int
split_line (char *line, struct manifest_line *ret)
{
  char *open = strchr (line, '('), *close = strrchr (line, ')'), *hex;
  size_t name_len;

  if (open == NULL || close == NULL || close < open)
    return -1;
  name_len = (size_t) (open - line);
  while (name_len > 0 && isspace ((unsigned char) line[name_len - 1]))
    name_len--;
  hex = close + 1 + strspn (close + 1, " \t");
  if (*hex != '=')
    return -1;
  hex += 1 + strspn (hex + 1, " \t");
  if (hex[strspn (hex, "0123456789abcdefABCDEF")] != '\0' ||
      digest_find (line, name_len, strlen (hex), &ret->digest) == -1)
    return -1;
  *close = '\0';
  ret->file = open + 1;
  ret->hex = hex;
  for (; *hex != '\0'; hex++)
    *hex = (char) tolower ((unsigned char) *hex);
  return 0;
}

int
manifest_parse (char *text, size_t len, const char *name,
                struct manifest *ret, struct argv *warnings,
                struct error *err)
{
  static const char mark[] = "\xef\xbb\xbf"; /* by Windows' editors */
  char *const end = text + len;
  size_t number = 1, warned = 0;

  if (strncmp (text, mark, sizeof mark - 1) == 0)
    text += sizeof mark - 1;
  for (char *next; text < end; text = next, number++) {
    char *newline = memchr (text, '\n', (size_t) (end - text));
    size_t n = (size_t) ((newline == NULL ? end : newline) - text);
    struct manifest_line line;

    next = newline == NULL ? end : newline + 1;
    while (n > 0 && isspace ((unsigned char) text[n - 1]))
      n--;
    text[n] = '\0';
    if (n == 0)
      continue;
    if (split_line (text, &line) == 0) {
      if (manifest_append (ret, line) == -1)
        return error_nomem (err);
    }
    else if (warned++ < WARNINGS_MAX &&
             argv_appendf (warnings, err,
                           _("%s:%zu: not a checksum of a known kind: "
                             "%.200s"), name, number, text) == -1)
      return -1;
  }
  return 0;
}

/* The digest of all that READER has.  This takes minutes for a disk. */
static int
digest_of_reader (struct reader *reader, enum digest digest,
                  struct supervisor *supervisor, char ret[DIGEST_HEX_MAX],
                  struct error *err)
{
  CLEANUP_DIGESTER struct digester *digester = digester_new (digest, err);
  CLEANUP_FREE char *buf = malloc (CHUNK);

  if (digester == NULL)
    return -1;
  if (buf == NULL)
    return error_nomem (err);
  for (uint64_t at = 0; at < reader->size; at += CHUNK) {
    const size_t len = reader->size - at < CHUNK
      ? (size_t) (reader->size - at) : CHUNK;

    if (supervisor != NULL && supervisor_signal (supervisor) != 0)
      return error_set (err, REASON_INTERRUPTED,
                        _("interrupted while a checksum was computed"));
    if (reader_pread (reader, buf, len, at, err) == -1 ||
        digester_add (digester, buf, len, err) == -1)
      return -1;
  }
  digester_end (digester, ret);
  return 0;
}

/* The state of checking all manifests. */
struct check {
  struct package *package;
  const char *ovf;              /* the one that is used */
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
  const struct package *package = c->package;
  CLEANUP_READER struct reader *reader = NULL;
  char actual[DIGEST_HEX_MAX];

  if (member->place == MEMBER_PACKED) {
    c->skipped++;               /* nothing uses it, or nothing was unpacked */
    return 0;
  }
  reader = package_member_open (package, member, c->err);
  if (reader == NULL)
    return -1;
  if (package->location.kind != LOCATION_FILE &&
      member->place == MEMBER_IN_PLACE && reader->size > REMOTE_MAX) {
    c->skipped++;
    return 0;
  }
  if (digest_of_reader (reader, line->digest, package->request->supervisor,
                        actual, c->err) == -1) {
    error_wrap (c->err, "%s", line->file);
    return -1;
  }
  c->checked++;
  return strcmp (actual, line->hex) == 0 ? 0 : mismatch (c, line, actual);
}

/* The file that a line is about; NULL: it is not in the package, or nowhere
 * that a package's file could be (nothing but this look-up uses the name).
 */
static const struct package_member *
find_listed (struct check *c, const char *manifest,
             const struct manifest_line *line)
{
  CLEANUP_ERROR struct error outside = ERROR_INIT;
  const struct package_member *member = NULL;
  struct member_names names;

  if (member_names_of (&names, manifest, line->file, &outside) == 0 &&
      package_list_folders (c->package, &names, &outside) == 0)
    member = package_find_any (c->package, &names);
  else if (outside.reason != REASON_UNTRUSTED_IMAGE)
    error_move (c->err, &outside);
  member_names_reset (&names);
  return member;
}

/* No manifest can hold its own digest, nor that of its signature, which is
 * made of it.  Home Assistant OS had a line for the manifest in builds of
 * 2021, with the digest that it had while it was empty.
 */
static bool
cannot_be_listed (const char *manifest, const struct package_member *member)
{
  return strcmp (member->name, manifest) == 0 ||
    member_name_has_suffix (member->name, ".cert");
}

/* VMware writes manifests that list files which the OVA does not have. */
static int
check_line (struct check *c, const char *manifest,
            const struct manifest_line *line)
{
  const struct package_member *member = find_listed (c, manifest, line);

  if (error_is_set (c->err))
    return -1;
  if (member == NULL)
    events_say (c->package->request->events, EVENT_WARNING, -1,
                _("%s lists %s, which is not in the OVA"), manifest,
                line->file);
  else if (cannot_be_listed (manifest, member))
    events_say (c->package->request->events, EVENT_INFO, -1,
                _("%s lists %s, but cannot hold a valid checksum of it"),
                manifest,
                line->file);
  else
    return check_member (c, line, member);
  return 0;
}

static int
check_manifest (struct check *c, const struct package_member *member)
{
  const char *name = member->name; /* stays where it is, unlike the member */
  CLEANUP_MANIFEST struct manifest manifest = { .ptr = NULL };
  CLEANUP_ARGV struct argv warnings = { .ptr = NULL };
  CLEANUP_FREE char *text = NULL;
  size_t len;

  text = input_text (package_member_open (c->package, member, c->err),
                     name, MANIFEST_MAX, &len, c->err);
  if (text == NULL || manifest_parse (text, len, name, &manifest,
                                      &warnings, c->err) == -1)
    return -1;
  for (size_t i = 0; i < warnings.len; i++)
    events_say (c->package->request->events, EVENT_WARNING, -1, "%s",
                warnings.ptr[i]);
  if (manifest.len > 0)
    events_say (c->package->request->events, EVENT_MESSAGE, -1,
                _("Checking the checksums in %s"), name);
  for (size_t i = 0; i < manifest.len; i++)
    if (check_line (c, name, &manifest.ptr[i]) == -1)
      return -1;
  return 0;
}

/* Are two names the same but for the suffix? */
static bool
same_stem (const char *a, const char *b)
{
  const char *dot_a = strrchr (a, '.'), *dot_b = strrchr (b, '.');

  return dot_a != NULL && dot_b != NULL && dot_a - a == dot_b - b &&
    strncmp (a, b, (size_t) (dot_a - a)) == 0;
}

/* A manifest is called as its .ovf.  Where a package has several, the others
 * list disks that are not used.
 */
static bool
is_for_other_ovf (const struct check *c, const char *manifest)
{
  const struct package_members *members = &c->package->members;

  if (same_stem (manifest, c->ovf))
    return false;
  if (c->package->only_ovf != NULL) /* not all that is beside it is its */
    return true;
  for (size_t i = 0; i < members->len; i++)
    if (member_name_has_suffix (members->ptr[i].name, ".ovf") &&
        same_stem (manifest, members->ptr[i].name))
      return true;
  return false;
}

int
manifest_check_all (struct package *package, const char *ovf,
                    struct error *err)
{
  struct check c = { .package = package, .ovf = ovf, .err = err };

  for (size_t i = 0; i < package->members.len; i++) {
    const struct package_member *member = &package->members.ptr[i];

    if (member_name_has_suffix (member->name, ".mf") &&
        !is_for_other_ovf (&c, member->name) &&
        check_manifest (&c, member) == -1)
      return -1;
  }
  if (c.skipped > 0)
    events_say (package->request->events, EVENT_INFO, -1,
                NGETTEXT ("the checksum of %u file in the manifest was not "
                          "checked: all of the file would have to be read",
                          "the checksums of %u files in the manifest were "
                          "not checked: all of the files would have to be "
                          "read", c.skipped), c.skipped);
  return 0;
}
