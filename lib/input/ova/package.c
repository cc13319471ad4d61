/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The list of a package's members: adding to it, finding in it, and reading
 * the members.  Where they come from is the matter of package-archive.c and
 * package-directory.c.
 */

#include <config.h>

#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/local-file.h"
#include "input/ova/member-name.h"
#include "input/ova/package.h"
#include "io/reader.h"

/* An OVA has a handful of files; a directory with more is another one than
 * the user meant.
 */
#define MEMBERS_MAX 4096

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

void
package_reset (struct package *package)
{
  package_forget_members (package);
  reader_free (package->reader);
  location_reset (&package->location);
  free (package->only_ovf);
  beneath_reset (&package->dir);
  free (package->unpack_dir);
}

int
package_add (struct package *package, const char *name,
             struct package_member member, struct error *err)
{
  /* A folder in which an .ovf file is can have any number of other files, but
   * none twice.
   */
  const bool any_number = package->beside;

  member.name = strdup (name);
  if (!any_number && package_find (package, name) != NULL)
    error_set (err, REASON_UNTRUSTED_IMAGE,
               _("%s holds '%s' twice"), package->source, name);
  else if (!any_number && package->members.len == MEMBERS_MAX)
    error_set (err, REASON_UNSUPPORTED,
               _("%s has more than %d files"), package->source, MEMBERS_MAX);
  else if (member.name == NULL ||
           package_members_append (&package->members, member) == -1)
    error_nomem (err);
  else
    return 0;
  member_reset (&member);
  return -1;
}

const struct package_member *
package_find (const struct package *package, const char *name)
{
  for (size_t i = 0; i < package->members.len; i++)
    if (strcmp (package->members.ptr[i].name, name) == 0)
      return &package->members.ptr[i];
  return NULL;
}

/* The only one called NAME in any case: systems on which packages are written
 * do not tell them apart.
 */
static const struct package_member *
find_any_case (const struct package *package, const char *name)
{
  const struct package_member *ret = NULL;

  for (size_t i = 0; i < package->members.len; i++)
    if (strcasecmp (package->members.ptr[i].name, name) == 0) {
      if (ret != NULL)
        return NULL;
      ret = &package->members.ptr[i];
    }
  return ret;
}

const struct package_member *
package_find_any (const struct package *package,
                  const struct member_names *names)
{
  const struct package_member *ret = NULL;

  for (size_t i = 0; names->ptr[i] != NULL && ret == NULL; i++)
    ret = package_find (package, names->ptr[i]);
  for (size_t i = 0; names->ptr[i] != NULL && ret == NULL; i++)
    ret = find_any_case (package, names->ptr[i]);
  return ret;
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
  struct text_reader *reader = alloc_zero (sizeof *reader, err);

  if (reader == NULL)
    return NULL;
  reader->base = (struct reader) {
    .size = member->size, .pread = text_pread, .free = text_free,
  };
  reader->text = member->text;
  return &reader->base;
}

/* What is in the directory can be exchanged by others; what was unpacked is in
 * a directory of ours.
 */
struct local_file *
package_member_file (const struct package *package,
                     const struct package_member *member, struct error *err)
{
  const size_t len = package->dir.path != NULL
    ? strlen (package->dir.path) : 0;

  if (member->place == MEMBER_OUTSIDE) {
    error_set (err, REASON_UNTRUSTED_IMAGE,
               _("'%s' in %s is a link to a file outside it"), member->name,
               package->source);
    return NULL;
  }
  if (package->dir.fd != -1 &&
      strncmp (member->path, package->dir.path, len) == 0 &&
      member->path[len] == '/')
    return local_file_open_beneath (&package->dir, member->path + len + 1,
                                    err);
  return local_file_open (member->path, err);
}

static struct reader *
file_reader_new (const struct package *package,
                 const struct package_member *member, struct error *err)
{
  CLEANUP_LOCAL_FILE struct local_file *file =
    package_member_file (package, member, err);

  return file == NULL ? NULL : reader_file_of (file, err);
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
  case MEMBER_OUTSIDE:
    return file_reader_new (package, member, err);
  case MEMBER_TEXT:
    return text_reader_new (member, err);
  case MEMBER_PACKED:
  default:
    error_set (err, REASON_INTERNAL, _("'%s' was not unpacked"),
               member->name);
    return NULL;
  }
}
