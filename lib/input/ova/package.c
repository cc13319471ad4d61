/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <config.h>

#include <ctype.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/events.h"
#include "base/i18n.h"
#include "input/input.h"
#include "input/ova/member-name.h"
#include "input/ova/package-internal.h"
#include "input/ova/tar-index.h"
#include "input/ova/unpack.h"
#include "io/reader.h"

/* A copy of what is in memory. */
struct text_reader {
  struct reader base;
  const char *text;
};

static int
text_pread (struct reader *base, void *buf, size_t len, uint64_t offset,
            struct error *err __attribute__ ((unused)))
{
  memcpy (buf, ((struct text_reader *) base)->text + offset, len);
  return 0;
}

static void
text_free (struct reader *base)
{
  free (base);
}

static struct reader *
text_reader_new (const struct package_member *member, struct error *err)
{
  struct text_reader *reader = calloc (1, sizeof *reader);

  if (reader == NULL) {
    error_nomem (err);
    return NULL;
  }
  reader->base = (struct reader) { member->size, text_pread, text_free };
  reader->text = member->text;
  return &reader->base;
}

static void
member_reset (struct package_member *member)
{
  free (member->name);
  free (member->path);
  free (member->text);
}

void
package_forget_members (struct package *package)
{
  for (size_t i = 0; i < package->members.len; i++)
    member_reset (&package->members.ptr[i]);
  package_members_reset (&package->members);
}

int
package_add (struct package *package, struct package_member member,
             struct error *err)
{
  if (package_find (package, member.name) != NULL)
    error_set (err, REASON_UNTRUSTED_IMAGE,
               _("%s holds '%s' twice"), package->source, member.name);
  else if (package->members.len == PACKAGE_MEMBERS_MAX)
    error_set (err, REASON_UNSUPPORTED,
               _("%s has more than %d files"), package->source,
               PACKAGE_MEMBERS_MAX);
  else if (package_members_append (&package->members, member) == -1)
    error_nomem (err);
  else
    return 0;
  member_reset (&member);
  return -1;
}

static int
list_tar (struct package *package, struct tar_members *members,
          struct error *err)
{
  for (size_t i = 0; i < members->len; i++) {
    struct tar_member *from = &members->ptr[i];

    if (package_add (package, (struct package_member) {
          .name = STEAL (from->name), .place = MEMBER_IN_PLACE,
          .offset = from->offset, .size = from->size }, err) == -1)
      return -1;
  }
  return 0;
}

static bool
any_sparse (const struct tar_members *members)
{
  for (size_t i = 0; i < members->len; i++)
    if (members->ptr[i].sparse)
      return true;
  return false;
}

static int
open_tar (struct package *package, struct error *err)
{
  CLEANUP_TAR_MEMBERS struct tar_members members = { .ptr = NULL };

  if (tar_index (package->reader, &members, err) == -1) {
    error_wrap (err, "%s", package->source);
    return -1;
  }
  if (!any_sparse (&members))
    return list_tar (package, &members, err);
  package->archive = true;
  return package_scan (package, err);
}

static int
refuse_kind (struct package *package, const unsigned char *start, size_t len,
             struct error *err)
{
  error_set (err, REASON_UNSUPPORTED,
             _("%s is not an OVA: it is neither tar (plain or compressed) "
               "nor zip"), package->source);
  if (len > 0 && start[0] == '<')
    error_hint (err, _("of an unpacked OVA name the directory, not the .ovf "
                       "file"));
  error_hint (err, _("is it a disk?  then it is read with -i disk"));
  return -1;
}

static int
open_file (struct package *package, struct error *err)
{
  unsigned char start[TAR_BLOCK] = { 0 };
  const size_t len = package->reader->size < sizeof start
    ? (size_t) package->reader->size : sizeof start;

  if (reader_pread (package->reader, start, len, 0, err) == -1)
    return -1;
  if (len == sizeof start && tar_is_header (start))
    return open_tar (package, err);
  if (!unpack_claims (start, len))
    return refuse_kind (package, start, len, err);
  package->archive = true;
  return package_scan (package, err);
}

/* Remote sources are opened with the password of -ip. */
static struct reader *
open_remote (struct package *package, struct error *err)
{
  const struct input_request *request = package->request;
  struct location *location = &package->location;

  if (location->kind != LOCATION_CURL && location->kind != LOCATION_SSH) {
    error_set (err, REASON_USAGE,
               _("-i ova reads local files, directories, and http(s):// and "
                 "ssh:// URIs, not %s"), package->source);
    return NULL;
  }
  if (request->open_location == NULL) {
    error_set (err, REASON_UNSUPPORTED,
               _("%s has to be opened to know its disks, which is not done "
                 "here"), package->source);
    return NULL;
  }
  if (location_default_password (location, package->request->password,
                                 err) == -1)
    return NULL;
  return request->open_location (request->open_data, location, err);
}

static bool
is_directory (const char *path)
{
  struct stat st;

  return stat (path, &st) == 0 && S_ISDIR (st.st_mode);
}

int
package_open (struct package *package, const struct input_request *request,
              const char *source, struct error *err)
{
  *package = (struct package) { .request = request, .source = source };
  if (location_parse (source, &package->location, err) == -1)
    return -1;
  if (package->location.kind != LOCATION_FILE)
    package->reader = open_remote (package, err);
  else if (is_directory (package->location.path))
    return package_list_directory (package, err);
  else
    package->reader = reader_file_new (package->location.path, err);
  return package->reader == NULL ? -1 : open_file (package, err);
}

void
package_reset (struct package *package)
{
  package_forget_members (package);
  reader_free (package->reader);
  location_reset (&package->location);
  free (package->dir);
}

const struct package_member *
package_find (const struct package *package, const char *name)
{
  for (size_t i = 0; i < package->members.len; i++)
    if (strcmp (package->members.ptr[i].name, name) == 0)
      return &package->members.ptr[i];
  return NULL;
}

bool
package_name_is_numbered (const char *name, const char *base)
{
  const size_t len = strlen (base);

  if (strncmp (name, base, len) != 0 || name[len] != '.' ||
      name[len + 1] == '\0')
    return false;
  return name[len + 1 + strspn (name + len + 1, "0123456789")] == '\0';
}

const struct package_member *
package_find_numbered (const struct package *package, const char *name,
                       unsigned *count)
{
  const struct package_member *best = NULL;

  *count = 0;
  for (size_t i = 0; i < package->members.len; i++) {
    const struct package_member *member = &package->members.ptr[i];

    if (!package_name_is_numbered (member->name, name))
      continue;
    ++*count;
    if (best == NULL || strverscmp (member->name, best->name) > 0)
      best = member;
  }
  return best;
}

struct reader *
package_member_open (const struct package *package,
                     const struct package_member *member, struct error *err)
{
  switch (member->place) {
  case MEMBER_IN_PLACE:
    return reader_part_new (package->reader, member->offset, member->size,
                            err);
  case MEMBER_FILE:
    return reader_file_new (member->path, err);
  case MEMBER_TEXT:
    return text_reader_new (member, err);
  case MEMBER_OUTSIDE:
    error_set (err, REASON_UNTRUSTED_IMAGE,
               _("'%s' in %s is a link to a file elsewhere"), member->name,
               package->source);
    return NULL;
  case MEMBER_PACKED:
  default:
    error_set (err, REASON_INTERNAL, _("'%s' was not unpacked"),
               member->name);
    return NULL;
  }
}
