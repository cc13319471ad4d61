/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Which of the .ovf files of a package is its description: the only one, the
 * one that is SOURCE itself, or the one that -io ovf names.  Appliances come
 * with one for each product that their disks are deployed on.
 */

#include <config.h>

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/argv.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/memstream.h"
#include "base/suggest.h"
#include "base/visible.h"
#include "input/input-request.h"
#include "input/ova/member-name.h"
#include "input/ova/package.h"

#define SUFFIX ".ovf"
/* How many the message lists. */
#define NAMED_MAX 20

static const char *
base_name (const char *name)
{
  const char *slash = strrchr (name, '/');

  return slash == NULL ? name : slash + 1;
}

/* Is NAME called WANTED, with its suffix or without? */
static bool
is_called (const char *name, const char *wanted)
{
  const size_t len = strlen (wanted);

  return strncmp (name, wanted, len) == 0 &&
    (name[len] == '\0' || strcasecmp (name + len, SUFFIX) == 0);
}

/* A wanted name without a folder is that of a file in any. */
bool
package_is_wanted_ovf (const struct package *package, const char *name)
{
  const char *wanted = argv_value (package->request->options, "ovf");

  if (package->only_ovf != NULL ? strcmp (name, package->only_ovf) != 0
      : !member_name_has_suffix (name, SUFFIX))
    return false;
  if (wanted == NULL)
    return true;
  if (strchr (wanted, '/') == NULL)
    return is_called (base_name (name), wanted);
  while (strncmp (wanted, "./", 2) == 0)
    wanted += 2;
  return is_called (name, wanted);
}

/* The names of the .ovf files, quoted, of all or of those that are wanted. */
static char *
list_names (const struct package *package, bool all, struct error *err)
{
  char *list = NULL;
  size_t len, n = 0;
  FILE *fp = open_memstream (&list, &len);

  if (fp == NULL) {
    error_nomem (err);
    return NULL;
  }
  for (size_t i = 0; i < package->members.len; i++) {
    const char *name = package->members.ptr[i].name;

    if (all ? !member_name_has_suffix (name, SUFFIX)
        : !package_is_wanted_ovf (package, name))
      continue;
    if (n < NAMED_MAX)
      fprintf (fp, "%s'%s'", n > 0 ? ", " : "", name);
    if (n++ == NAMED_MAX)
      fputs (", ...", fp);
  }
  if (memstream_close (fp, &list) == -1)
    error_nomem (err);
  return list;
}

/* NAME is the first of those that can be chosen; one that is not in a folder
 * may have a namesake in one.
 */
static void
hint_choice (const struct package *package, const char *name,
             struct error *err)
{
  const char *wanted = argv_value (package->request->options, "ovf");
  const bool again = wanted != NULL && strchr (name, '/') == NULL &&
    is_called (name, wanted);
  char *word = NULL;
  size_t len;
  FILE *fp;

  if (!suggest_printable (name) ||
      (fp = open_memstream (&word, &len)) == NULL)
    return;
  if (again)
    fputs ("./", fp);
  shell_quote (fp, name);
  if (memstream_close (fp, &word) == 0)
    error_hint (err, _("choose one with -io ovf=NAME: -io ovf=%s"), word);
  free (word);
}

/* Other tools' packages look alike. */
static void
refuse_none (const struct package *package, struct error *err)
{
  error_set (err, REASON_UNSUPPORTED, _("%s holds no .ovf file"),
             package->source);
  if (package_find (package, "ova.xml") != NULL)
    error_hint (err, _("it is an XVA: export the VM as an OVA, or export "
                       "each disk, on the host, with xe vdi-export "
                       "format=vhd"));
  for (size_t i = 0; i < package->members.len; i++)
    if (member_name_has_suffix (package->members.ptr[i].name, ".ova"))
      error_hint (err, package->reader == NULL
                  ? _("it holds the OVA '%s': give that file as SOURCE")
                  : _("it holds the OVA '%s': extract that file, and give it "
                      "as SOURCE"), package->members.ptr[i].name);
}

/* FIRST is the first of COUNT that are wanted. */
static void
refuse (const struct package *package, const struct package_member *first,
        size_t count, struct error *err)
{
  const char *wanted = argv_value (package->request->options, "ovf");
  CLEANUP_FREE char *names = list_names (package, count == 0, err);

  if (names == NULL)
    return;
  if (count == 0 && package->only_ovf != NULL) {
    error_set (err, REASON_USAGE,
               _("-io ovf=%s names another .ovf file than SOURCE, %s"),
               wanted, package->source);
    return;
  }
  if (*names == '\0')
    refuse_none (package, err);
  else if (count == 0)
    error_set (err, REASON_NOT_FOUND,
               _("%s holds no .ovf file '%s'; it has: %s"), package->source,
               wanted, names);
  else if (wanted == NULL)
    error_set (err, REASON_UNSUPPORTED,
               _("%s holds %zu .ovf files, not one: %s"), package->source,
               count, names);
  else
    error_set (err, REASON_UNSUPPORTED,
               _("%s holds %zu .ovf files that are called '%s': %s"),
               package->source, count, wanted, names);
  for (size_t i = 0; i < package->members.len && first == NULL; i++)
    if (member_name_has_suffix (package->members.ptr[i].name, SUFFIX))
      first = &package->members.ptr[i];
  if (first != NULL)
    hint_choice (package, first->name, err);
}

const struct package_member *
package_find_ovf (const struct package *package, struct error *err)
{
  const struct package_members *members = &package->members;
  const struct package_member *first = NULL;
  size_t count = 0;

  for (size_t i = 0; i < members->len; i++)
    if (package_is_wanted_ovf (package, members->ptr[i].name) &&
        count++ == 0)
      first = &members->ptr[i];
  if (count == 1)
    return first;
  refuse (package, first, count, err);
  return NULL;
}
