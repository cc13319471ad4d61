/* SPDX-License-Identifier: GPL-2.0-or-later */

/* OVAs that are compressed, zip files, or have sparse members: read twice,
 * first for the .ovf, which should come first and says what is needed and
 * how large it may be, then to unpack that and nothing else.
 */

#include <config.h>

#include <ctype.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/events.h"
#include "base/i18n.h"
#include "input/input.h"
#include "input/ova/member-name.h"
#include "input/ova/package-internal.h"
#include "input/ova/unpack.h"
#include "io/reader.h"

/* An .ovf or .mf; xml.c has the same limit. */
#define TEXT_MAX (4 << 20)

struct visit {
  struct package *package;
  const struct package_wants *wants; /* NULL: looking for the .ovf */
};

static bool
is_text (const char *name)
{
  return member_name_has_suffix (name, ".ovf") ||
    member_name_has_suffix (name, ".mf");
}

static int
add_text (struct package *package, struct unpack *unpack, const char *name,
          struct error *err)
{
  struct package_member member = { .place = MEMBER_TEXT };
  size_t len;

  member.text = unpack_text (unpack, TEXT_MAX, &len, err);
  if (member.text == NULL) {
    error_wrap (err, "%s", name);
    return -1;
  }
  member.size = len;
  member.name = strdup (name);
  if (member.name == NULL) {
    free (member.text);
    return error_nomem (err);
  }
  return package_add (package, member, err);
}

static const struct package_want *
find_want (const struct package_wants *wants, const char *name)
{
  for (size_t i = 0; i < wants->len; i++)
    if (strcmp (wants->ptr[i].name, name) == 0 ||
        package_name_is_numbered (name, wants->ptr[i].name))
      return &wants->ptr[i];
  return NULL;
}

static int
add_other (const struct visit *visit, struct unpack *unpack,
           const char *name, struct error *err)
{
  const struct package_want *want = find_want (visit->wants, name);
  struct package_member member = { .place = MEMBER_PACKED };

  if (want != NULL && visit->package->request->scratch != NULL) {
    member.place = MEMBER_FILE;
    member.path = package_new_path (visit->package, name, err);
    if (member.path == NULL)
      return -1;
    if (unpack_file (unpack, member.path, want->limit, err) == -1) {
      free (member.path);
      error_wrap (err, "%s", name);
      return -1;
    }
  }
  member.name = strdup (name);
  if (member.name == NULL) {
    free (member.path);
    return error_nomem (err);
  }
  return package_add (visit->package, member, err);
}

static int
on_member (void *data, struct unpack *unpack, const char *name,
           struct error *err)
{
  const struct visit *visit = data;

  if (visit->wants != NULL)
    return is_text (name) ? add_text (visit->package, unpack, name, err)
                          : add_other (visit, unpack, name, err);
  if (!member_name_has_suffix (name, ".ovf"))
    return 0;
  return add_text (visit->package, unpack, name, err) == -1 ? -1 : 1;
}

static int
visit_all (struct package *package, const struct package_wants *wants,
           struct error *err)
{
  struct visit visit = { package, wants };

  if (unpack_walk (package->reader, package->request->supervisor, on_member,
                   &visit, err) == -1) {
    error_wrap (err, "%s", package->source);
    return -1;
  }
  return 0;
}

int
package_scan (struct package *package, struct error *err)
{
  return visit_all (package, NULL, err);
}

int
package_unpack (struct package *package, const struct package_wants *wants,
                struct error *err)
{
  if (!package->archive)
    return 0;
  if (package->request->scratch != NULL)
    events_say (package->request->events, EVENT_MESSAGE, -1,
                _("Unpacking %s, as only a plain tar file can be read in "
                  "place"), package->source);
  package_forget_members (package);
  return visit_all (package, wants, err);
}

static int
make_directory (struct package *package, struct error *err)
{
  const struct input_request *request = package->request;
  const char *scratch;
  char *dir;

  if (package->dir != NULL)
    return 0;
  scratch = request->scratch (request->scratch_data, err);
  if (scratch == NULL)
    return -1;
  if (asprintf (&dir, "%s/ova.XXXXXX", scratch) == -1)
    return error_nomem (err);
  if (mkdtemp (dir) == NULL) {
    error_errno (err, REASON_WRITE, _("cannot create a directory in %s"),
                 scratch);
    free (dir);
    return -1;
  }
  package->dir = dir;
  return 0;
}

/* A number makes the name unique, and what could mean anything to anyone
 * is replaced.
 */
char *
package_new_path (struct package *package, const char *name,
                  struct error *err)
{
  const char *slash = strrchr (name, '/');
  char safe[64], *path;
  size_t len = 0;

  if (make_directory (package, err) == -1)
    return NULL;
  for (name = slash == NULL ? name : slash + 1;
       *name != '\0' && len < sizeof safe - 1; name++)
    safe[len++] = isalnum ((unsigned char) *name) || *name == '.' ? *name
                                                                 : '_';
  safe[len] = '\0';
  if (asprintf (&path, "%s/%u-%s", package->dir, package->files++,
                safe) == -1) {
    error_nomem (err);
    return NULL;
  }
  return path;
}
