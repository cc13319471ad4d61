/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A program that is confined can only say "Permission denied", which would send
 * people to the modes of files.  Whether it is that is found out by opening the
 * file here, where nothing is confined.  Who named the file matters: to do
 * without confinement because an image names one would be what its author
 * wants.
 */

#include <config.h>

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "confined-hint.h"
#include "io/confine.h"

#define REFUSED "ermission denied"
#define NO_LIBRARY ": error while loading shared libraries: "
/* QEMU, of every image that it opens. */
#define CANNOT_OPEN "Could not open '"

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

/* Is it PATH, by whatever name? */
static bool
is_same_file (const char *name, const char *path)
{
  struct stat st, other;

  return stat (name, &st) == 0 && stat (path, &other) == 0 &&
    st.st_dev == other.st_dev && st.st_ino == other.st_ino;
}

/* "FILE", "KEY=FILE", "--option=FILE", "file://FILE". */
static bool
names_file (const char *argument, const char *path)
{
  if (strncmp (argument, "file://", 7) == 0)
    argument += 7;
  for (; argument != NULL; argument = strchr (argument, '=')) {
    argument += *argument == '=';
    if (is_same_file (argument, path))
      return true;
  }
  return false;
}

static bool
is_named (char *const *arguments, const char *path)
{
  for (; *arguments != NULL; arguments++)
    if (names_file (*arguments, path))
      return true;
  return false;
}

static bool
is_program (const char *path)
{
  struct stat st;

  return stat (path, &st) == 0 && S_ISREG (st.st_mode) &&
    access (path, X_OK) == 0;
}

/* Programs, and what they load, name each other; and "/PROGRAM: " starts what
 * a script says.  Any other file that is refused to nbdkit may as well be a
 * server's, which says so in the same words.
 */
static bool
is_of_programs (const char *line, const char *path)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_FREE char *speaker = format (&ignored, "%.*s",
                                       (int) strcspn (line, ":"), line);

  return strstr (path, ".so") != NULL || is_program (path) ||
    (speaker != NULL && *speaker == '/' && is_program (speaker));
}

static void
add_hint (struct error *err, char *hint)
{
  if (hint != NULL)
    error_add_hint (err, hint);
  free (hint);
}

static void
blame_image (const char *path, struct error *err)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;

  err->reason = REASON_UNTRUSTED_IMAGE;
  error_wrap (err, _("an image names %s, which is none of the files of this "
                     "run"), path);
  add_hint (err, format (&ignored, _("find out who made the image, and "
                                     "whether it changed during the run; it "
                                     "has not been given %s"), path));
}

/* What LINE says was refused.  IMAGES: the error is about images that qemu
 * opens, and in their names there may be any words, and line ends.  True: all
 * has been said.
 */
static bool
explain_refused (const char *line, bool images, char *const *arguments,
                 struct error *err)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_FREE char *path = refused_file (line);

  if (path == NULL)
    return false;
  if (is_named (arguments, path) || (!images && is_of_programs (line, path)))
    add_hint (err, format (&ignored, _("this user can read %s: if confinement "
                                       "keeps the program from it, run with "
                                       "--confine off"), path));
  else if (strstr (line, CANNOT_OPEN) != NULL)
    blame_image (path, err);
  else
    return false;
  return true;
}

/* The loader says "No such file" of what it cannot look for. */
static bool
explain_library (const char *line, struct error *err)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  const char *name = strstr (line, NO_LIBRARY);

  if (name == NULL)
    return false;
  name += strlen (NO_LIBRARY);
  add_hint (err, format (&ignored, _("if %.*s is installed, and confinement "
                                     "keeps the program from it, run with "
                                     "--confine off"),
                         (int) strcspn (name, ":\n"), name));
  return true;
}

static bool
is_about_images (const struct error *err)
{
  bool found = strstr (err->message, CANNOT_OPEN) != NULL;

  for (size_t i = 0; i < err->detail.len; i++)
    found = found || strstr (err->detail.ptr[i], CANNOT_OPEN) != NULL;
  return found;
}

static bool
explain (const char *line, bool images, char *const *arguments,
         struct error *err)
{
  return explain_refused (line, images, arguments, err) ||
    (!images && explain_library (line, err));
}

void
confined_hint (char *const *arguments, struct error *err)
{
  bool images;

  if (err->message == NULL || confine_abi () < 1)
    return;
  /* What this program cannot write itself. */
  if (err->reason == REASON_WRITE && err->detail.len == 0)
    return;
  images = is_about_images (err);
  for (size_t i = 0; i < err->detail.len; i++)
    if (explain (err->detail.ptr[i], images, arguments, err))
      return;
  explain (err->message, images, arguments, err);
}
