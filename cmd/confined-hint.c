/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A program that is confined can only say "Permission denied", which would send
 * people to the modes of files.  Whether it is that is found out by opening the
 * file here, where nothing is confined.
 */

#include <config.h>

#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "confined-hint.h"
#include "io/confine.h"

#define REFUSED "ermission denied"

/* The file at the start of TEXT that this user may read: it ends at a colon, a
 * quotation mark or the end, whichever makes a name that there is.  NULL: there
 * is none.  The caller frees it.
 */
static char *
readable_file (const char *text)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;

  for (size_t len = 1;; len++) {
    len += strcspn (text + len, ":'\",");
    CLEANUP_FREE char *path = format (&ignored, "%.*s", (int) len, text);

    if (path != NULL && access (path, R_OK) == 0)
      return STEAL (path);
    if (path == NULL || text[len] == '\0')
      return NULL;
  }
}

/* The last file that is named before it is refused. */
static char *
refused_file (const char *line)
{
  const char *refused = strstr (line, REFUSED);
  char *path = NULL;

  for (const char *p = refused; path == NULL && p != NULL && p > line; p--)
    if (p[-1] == '/' && (p - 1 == line || strchr (" '\"=(", p[-2]) != NULL))
      path = readable_file (p - 1);
  return path;
}

void
confined_hint (struct error *err)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_FREE char *path = NULL, *hint = NULL;

  if (err->message == NULL || confine_abi () < 1)
    return;
  for (size_t i = 0; path == NULL && i < err->detail.len; i++)
    path = refused_file (err->detail.ptr[i]);
  if (path == NULL)
    path = refused_file (err->message);
  hint = path == NULL ? NULL
    : format (&ignored, _("this user can read %s: if confinement keeps the "
                          "program from it, run with --confine off"), path);
  if (hint != NULL)
    error_add_hint (err, hint);
}
