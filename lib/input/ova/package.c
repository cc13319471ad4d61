/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Opening a package, whatever it comes in, and reading its members.  How
 * the members of a file and of a directory are listed is in
 * package-archive.c and package-directory.c.
 */

#include <config.h>

#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/i18n.h"
#include "input/input-request.h"
#include "input/ova/package-archive.h"
#include "input/ova/package-directory.h"
#include "input/ova/package.h"
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
  struct text_reader *reader = alloc_zero (sizeof *reader, err);

  if (reader == NULL)
    return NULL;
  reader->base = (struct reader) { member->size, text_pread, text_free };
  reader->text = member->text;
  return &reader->base;
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
  struct location *location = &package->location;

  *package = (struct package) { .request = request, .source = source };
  if (location_parse (source, location, err) == -1)
    return -1;
  if (location->kind == LOCATION_FILE && is_directory (location->path))
    return package_list_directory (package, err);
  if (location->kind != LOCATION_FILE && location->kind != LOCATION_CURL &&
      location->kind != LOCATION_SSH)
    return error_set (err, REASON_USAGE,
                      _("-i ova reads local files, directories, and "
                        "http(s):// and ssh:// URIs, not %s"), source);
  package->reader = input_open (request, source, location, err);
  return package->reader == NULL ? -1 : package_list_file (package, err);
}

void
package_reset (struct package *package)
{
  package_forget_members (package);
  reader_free (package->reader);
  location_reset (&package->location);
  free (package->unpack_dir);
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
               _("'%s' in %s is a link to a file outside it"), member->name,
               package->source);
    return NULL;
  case MEMBER_PACKED:
  default:
    error_set (err, REASON_INTERNAL, _("'%s' was not unpacked"),
               member->name);
    return NULL;
  }
}
