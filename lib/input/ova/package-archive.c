/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Packages that are one file.  A plain tar file is used in place, so that
 * only where its members are has to be known.  A compressed one, a zip file,
 * or one with sparse members is read twice: first for the .ovf, which should
 * come first and says what is needed and how large it may be, then to unpack
 * that and nothing else.  libarchive does the reading, behind unpack.h.
 */

#include <config.h>

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/events.h"
#include "base/i18n.h"
#include "image/tar-header.h"
#include "input/input-request.h"
#include "input/ova/member-name.h"
#include "input/ova/ovf.h"
#include "input/ova/package.h"
#include "input/ova/unpack.h"
#include "io/reader.h"

/* An .ovf or .mf; xml.c has the same limit. */
#define TEXT_MAX (4 << 20)

static bool
is_text (const char *name)
{
  return member_name_has_suffix (name, ".ovf") ||
    member_name_has_suffix (name, ".mf");
}

static int
add_text (struct package *package, struct unpack *unpack, struct error *err)
{
  struct package_member member = { .place = MEMBER_TEXT };
  size_t len;

  member.text = unpack_text (unpack, TEXT_MAX, &len, err);
  if (member.text == NULL) {
    error_wrap (err, "%s", unpack_name (unpack));
    return -1;
  }
  member.size = len;
  return package_add (package, unpack_name (unpack), member, err);
}

/* The disk that the file called NAME holds, or a part of. */
static const struct ovf_disk *
find_disk (const struct ovf_disks *disks, const char *name)
{
  for (size_t i = 0; i < disks->len; i++)
    for (char *const *wanted = disks->ptr[i].names.ptr; *wanted != NULL;
         wanted++)
      if (strcasecmp (*wanted, name) == 0 ||
          package_name_is_numbered (name, *wanted))
        return &disks->ptr[i];
  return NULL;
}

static int
add_other (struct package *package, struct unpack *unpack,
           const struct ovf_disks *disks, struct error *err)
{
  const char *name = unpack_name (unpack);
  const struct ovf_disk *disk = find_disk (disks, name);
  struct package_member member = { .place = MEMBER_PACKED };

  if (disk != NULL && (package->request->scratch != NULL ||
                       package->request->dry_run)) {
    member.path = package_new_path (package, name, err);
    if (member.path == NULL)
      return -1;
  }
  if (disk != NULL && package->request->scratch != NULL) {
    member.place = MEMBER_FILE;
    if (unpack_file (unpack, member.path, ovf_disk_limit (disk), err) == -1) {
      free (member.path);
      error_wrap (err, "%s", name);
      return -1;
    }
  }
  return package_add (package, name, member, err);
}

/* While the .ovf is looked for nothing behind it is read, unless there is an
 * index of all files.  An OVA in place of it is of interest to the error.
 */
static int
add_descriptions (struct package *package, struct unpack *unpack,
                  struct error *err)
{
  int r;

  while ((r = unpack_next (unpack, err)) == 1) {
    const char *name = unpack_name (unpack);

    if (member_name_has_suffix (name, ".ovf"))
      r = add_text (package, unpack, err);
    else if (member_name_has_suffix (name, ".ova"))
      r = package_add (package, name, (struct package_member) {
          .place = MEMBER_PACKED }, err);
    if (r == -1)
      return -1;
    if (!package->has_index && package_is_wanted_ovf (package, name))
      break;
  }
  return r == -1 ? -1 : 0;
}

/* A second .ovf that could be the one is an error: no more disks are unpacked
 * then.
 */
static int
add_all (struct package *package, struct unpack *unpack,
         const struct ovf_disks *disks, struct error *err)
{
  static const struct ovf_disks none = { .ptr = NULL };
  unsigned descriptions = 0;
  int r;

  while ((r = unpack_next (unpack, err)) == 1) {
    const char *name = unpack_name (unpack);

    descriptions += package_is_wanted_ovf (package, name);
    if (is_text (name))
      r = add_text (package, unpack, err);
    else
      r = add_other (package, unpack, descriptions > 1 ? &none : disks, err);
    if (r == -1)
      return -1;
  }
  return r;
}

/* DISKS is NULL while the .ovf is looked for. */
static int
add_members (struct package *package, struct unpack *unpack,
             const struct ovf_disks *disks, struct error *err)
{
  return disks == NULL ? add_descriptions (package, unpack, err)
    : add_all (package, unpack, disks, err);
}

static int
read_archive (struct package *package, const struct ovf_disks *disks,
              struct error *err)
{
  CLEANUP_UNPACK struct unpack *unpack =
    unpack_open (package->reader, UNPACK_ARCHIVE,
                 package->request->supervisor, err);

  if (unpack != NULL && add_members (package, unpack, disks, err) == 0)
    return 0;
  error_wrap (err, "%s", package->source);
  return -1;
}

static int
list_archive (struct package *package, struct error *err)
{
  package->must_unpack = true;
  return read_archive (package, NULL, err);
}

int
package_unpack (struct package *package, const struct ovf_disks *disks,
                struct error *err)
{
  if (!package->must_unpack)
    return 0;
  if (package->request->scratch != NULL)
    events_say (package->request->events, EVENT_MESSAGE, -1,
                _("Unpacking %s, as only an uncompressed tar file with whole "
                  "disks can be read in place"), package->source);
  package_forget_members (package);
  return read_archive (package, disks, err);
}

int
package_list_tar (struct package *package, bool *in_pieces,
                  struct error *err)
{
  CLEANUP_UNPACK struct unpack *unpack =
    unpack_open (package->reader, UNPACK_TAR_IN_PLACE, NULL, err);
  int r;

  if (unpack == NULL)
    return -1;
  while ((r = unpack_next (unpack, err)) == 1) {
    struct package_member member = { .place = MEMBER_IN_PLACE };

    unpack_place (unpack, &member.offset, &member.size);
    if (package_add (package, unpack_name (unpack), member, err) == -1)
      return -1;
  }
  *in_pieces = unpack_any_in_pieces (unpack);
  return r;
}

static int
list_tar (struct package *package, struct error *err)
{
  bool in_pieces;

  if (package_list_tar (package, &in_pieces, err) == -1) {
    error_wrap (err, "%s", package->source);
    return -1;
  }
  if (!in_pieces)
    return 0;
  package_forget_members (package);
  return list_archive (package, err);
}

static int
refuse_kind (const struct package *package, struct error *err)
{
  error_set (err, REASON_UNSUPPORTED,
             _("%s is not an OVA: it is neither tar (plain or compressed) "
               "nor zip"), package->source);
  error_hint (err, _("if it is a disk, use -i disk"));
  return -1;
}

/* Does a file that begins with these bytes look like XML? */
static bool
is_xml (const unsigned char *start, size_t len)
{
  static const struct {
    const char *bytes;
    size_t len;
  } beginnings[] = {
    { "<", 1 }, { "\xef\xbb\xbf<", 4 }, { "\xff\xfe<", 3 },
    { "\xfe\xff\0<", 4 }, { "\0<", 2 },
  };

  for (size_t i = 0; i < ARRAY_LEN (beginnings); i++)
    if (len >= beginnings[i].len &&
        memcmp (start, beginnings[i].bytes, beginnings[i].len) == 0)
      return true;
  return false;
}

/* What is beside a file on a server cannot be listed. */
static int
list_beside (struct package *package, struct error *err)
{
  if (package->location.kind == LOCATION_FILE) {
    reader_free (package->reader);
    package->reader = NULL;
    return package_list_beside (package, err);
  }
  error_set (err, REASON_UNSUPPORTED,
             _("%s is an .ovf file, which can be read only from a local "
               "directory"), package->source);
  error_hint (err, _("copy it with the files beside it to this host, or give "
                     "the URIs of its disks with -i disk"));
  return -1;
}

/* Does a file that begins with these bytes look like an archive that has to be
 * unpacked?
 */
static bool
is_archive (const unsigned char *start, size_t len)
{
  static const struct {
    const char *magic;
    size_t len;
  } kinds[] = {
    { "\x1f\x8b", 2 },          /* gzip */
    { "\xfd" "7zXZ\0", 6 },     /* xz */
    { "PK\3\4", 4 },            /* zip */
    { "BZh", 3 },               /* bzip2 */
    { "\x28\xb5\x2f\xfd", 4 },  /* zstd */
  };

  for (size_t i = 0; i < ARRAY_LEN (kinds); i++)
    if (len >= kinds[i].len &&
        memcmp (start, kinds[i].magic, kinds[i].len) == 0)
      return true;
  return false;
}

int
package_list_file (struct package *package, struct error *err)
{
  unsigned char start[TAR_BLOCK] = { 0 };
  const size_t len = package->reader->size < sizeof start
    ? (size_t) package->reader->size : sizeof start;

  if (reader_pread (package->reader, start, len, 0, err) == -1)
    return -1;
  if (len == sizeof start && tar_is_first_header (start))
    return list_tar (package, err);
  package->has_index = len > 2 && memcmp (start, "PK", 2) == 0;
  if (is_archive (start, len))
    return list_archive (package, err);
  return is_xml (start, len) ? list_beside (package, err)
                             : refuse_kind (package, err);
}

/* As io/tempdir.c would call it, and make_directory what is in it. */
static int
name_directory (struct package *package, struct error *err)
{
  CLEANUP_FREE char *parent =
    location_absolute_path (package->request->scratch_parent, err);

  package->unpack_dir = parent == NULL ? NULL
    : format (err, "%s/v2v.XXXXXX/ova.XXXXXX", parent);
  return package->unpack_dir != NULL ? 0 : -1;
}

static int
make_directory (struct package *package, struct error *err)
{
  const struct input_request *request = package->request;
  const char *scratch;
  CLEANUP_FREE char *dir = NULL;

  if (package->unpack_dir != NULL)
    return 0;
  if (request->scratch == NULL)
    return name_directory (package, err);
  scratch = request->scratch (request->scratch_data, err);
  if (scratch == NULL)
    return -1;
  dir = format (err, "%s/ova.XXXXXX", scratch);
  if (dir == NULL)
    return -1;
  if (mkdtemp (dir) == NULL)
    return error_errno (err, REASON_WRITE,
                        _("cannot create a directory in %s"), scratch);
  package->unpack_dir = STEAL (dir);
  return 0;
}

/* The number makes the name unique; characters that could be special to a
 * program are replaced.
 */
char *
package_new_path (struct package *package, const char *name,
                  struct error *err)
{
  const char *slash = strrchr (name, '/');
  char safe[64];
  size_t len = 0;

  if (make_directory (package, err) == -1)
    return NULL;
  for (name = slash == NULL ? name : slash + 1;
       *name != '\0' && len < sizeof safe - 1; name++)
    safe[len++] = isalnum ((unsigned char) *name) || *name == '.' ? *name
                                                                 : '_';
  safe[len] = '\0';
  return format (err, "%s/%u-%s", package->unpack_dir, package->unpacked++,
                 safe);
}
