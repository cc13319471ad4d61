/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the files of disks are called, and the directory that they are in: that
 * of -os, or of the paths that -oo file= gives.  All disks of a guest are in
 * one directory, where they get their names by being renamed.
 *
 * The directory is opened once: what somebody makes of its path later changes
 * nothing.
 */

#include <config.h>

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/events.h"
#include "base/i18n.h"
#include "base/suggest.h"
#include "base/trust.h"
#include "base/utf8.h"
#include "base/visible.h"
#include "base/walk.h"
#include "context.h"
#include "guest/guest.h"
#include "output/output-internal.h"

/*--- -oo file=PATH. ---*/

static const char *
base_name (const char *path)
{
  const char *slash = strrchr (path, '/');

  return slash != NULL ? slash + 1 : path;
}

/* The directory of PATH; a name alone is in -os, or in the current one. */
static char *
directory_of (const struct output *output, const char *path,
              struct error *err)
{
  const char *slash = strrchr (path, '/');

  if (slash == NULL)
    return alloc_copy (output->storage != NULL ? output->storage : ".", err);
  /* All slashes at its end, but the one that is the root. */
  while (slash > path && slash[-1] == '/')
    slash--;
  return format (err, "%.*s", slash == path ? 1 : (int) (slash - path), path);
}

/* Names that the run itself uses there, or what it writes. */
static bool
is_taken (const struct output *output, const char *file)
{
  const struct output_document *document = output->ops->document;
  const char *const suffixes[] = {
    ".part", document != NULL ? document->suffix : NULL,
    document != NULL ? document->makes : NULL,
  };
  const size_t len = strlen (output->guest->name);

  for (size_t i = 0; i < ARRAY_LEN (suffixes); i++)
    if (suffixes[i] != NULL &&
        strncmp (file, output->guest->name, len) == 0 &&
        strcmp (file + len, suffixes[i]) == 0)
      return true;
  return false;
}

static int
check_file (const struct output *output, unsigned index, struct error *err)
{
  const char *path = output_nth_option (output, "file", index);
  const char *file = base_name (path);

  if (*file == '\0' || strcmp (file, ".") == 0 || strcmp (file, "..") == 0)
    return error_set (err, REASON_USAGE,
                      _("-oo file=%s is not the name of a file"), path);
  if (is_taken (output, file)) {
    error_set (err, REASON_USAGE,
               _("-oo file=%s: the run itself writes what has this name"),
               path);
    error_hint (err, _("give the disk another name"));
    return -1;
  }
  for (unsigned i = 0; i < index; i++)
    if (strcmp (base_name (output_nth_option (output, "file", i)),
                file) == 0)
      return error_set (err, REASON_USAGE,
                        _("-oo file=%s is given for two disks"), path);
  return 0;
}

/* The disks get their names together, from one directory beside them. */
static int
check_directory (struct output *output, unsigned index, struct error *err)
{
  const char *path = output_nth_option (output, "file", index);
  CLEANUP_FREE char *dir = directory_of (output, path, err);

  if (dir == NULL)
    return -1;
  if (output->storage == NULL)
    output->storage = STEAL (dir);
  else if (strcmp (dir, output->storage) != 0) {
    error_set (err, REASON_USAGE,
               _("-oo file=%s: all disks of a guest must be in one "
                 "directory, and the others are in %s"), path,
               output->storage);
    error_hint (err, _("give all of them in the same directory, or names "
                       "without '/' and the directory with -os DIR"));
    return -1;
  }
  return 0;
}

/* Directories are compared by how they are written. */
static void
strip_slashes (char *path)
{
  size_t len = strlen (path);

  while (len > 1 && path[len - 1] == '/')
    path[--len] = '\0';
}

/* The name is no request: programs go by what they are told, or look. */
static void
tell_other_format (const struct output *output, const char *path)
{
  const char *dot = strrchr (base_name (path), '.');
  const bool qcow2 = strcmp (output->format, "qcow2") == 0;

  if (dot == NULL)
    return;
  if (!qcow2 && strcmp (dot, ".qcow2") == 0)
    events_say (output->context->events, EVENT_WARNING, -1,
                _("-oo file=%s will be a raw file, whatever its name says: "
                  "-of qcow2 makes a qcow2 file"), path);
  else if (qcow2 && (strcmp (dot, ".raw") == 0 || strcmp (dot, ".img") == 0))
    events_say (output->context->events, EVENT_WARNING, -1,
                _("-oo file=%s will be a qcow2 file, whatever its name says: "
                  "-of raw makes a raw file"), path);
}

static int
check_files (struct output *output, struct error *err)
{
  const int given = output_each_or_none (output, "file", err);

  if (given != 1)
    return given;
  if (output->storage != NULL)
    strip_slashes (output->storage);
  for (unsigned i = 0; i < output->n; i++)
    if (check_file (output, i, err) == -1 ||
        check_directory (output, i, err) == -1) {
      err->disk = (int) i;
      return -1;
    }
  for (unsigned i = 0; i < output->n && !output->settings->existing; i++)
    tell_other_format (output, output_nth_option (output, "file", i));
  return 0;
}

int
output_names_check (struct output *output, struct error *err)
{
  const char *name = output->guest->name;

  if (output->storage == NULL && output->settings->storage != NULL &&
      alloc_set (&output->storage, output->settings->storage, err) == -1)
    return -1;
  if (check_files (output, err) == -1)
    return -1;
  if (output->storage == NULL) {
    error_set (err, REASON_USAGE, _("-o %s needs the output directory"),
               output->settings->mode);
    error_hint (err, _("give it with -os DIR"));
    return -1;
  }
  if (name[0] == '\0' || name[0] == '.' || strchr (name, '/') != NULL)
    return error_set (err, REASON_USAGE,
                      _("'%s' cannot be used in the names of files: give "
                        "another name with -on NAME"), name);
  return 0;
}

bool
output_names_given (const struct output *output)
{
  return output->ops->makes_files &&
    output_nth_option (output, "file", 0) != NULL;
}

/*--- The directory. ---*/

/* errno says why. */
static int
refuse_storage (const char *storage, struct error *err)
{
  CLEANUP_FREE char *quoted = shell_quoted (storage, err);
  const bool missing = errno == ENOENT, denied = errno == EACCES;

  if (quoted == NULL)
    return -1;
  error_errno (err, REASON_WRITE, _("output directory %s"), storage);
  if (missing) {
    suggest_directory (storage, err);
    error_hint (err, _("create it: mkdir -p %s"), quoted);
  }
  else if (denied)
    error_hint (err, _("run this program as a user who can write there, or "
                       "choose another place with -os"));
  return -1;
}

/* A link that another user could have put on the way is not followed. */
static int
open_storage (struct output *output, struct error *err)
{
  const char *storage = output->storage;
  CLEANUP_FD int fd = -1;
  int r;

  if (output->dir_fd != -1)
    return 0;
  r = walk_to_directory (storage, &fd, err);
  if (r == -1)
    return -1;
  errno = ENOENT;
  if (r == 0 || faccessat (fd, ".", W_OK|X_OK, 0) == -1)
    return refuse_storage (storage, err);
  output->dir = directory_path (fd);
  if (output->dir == NULL)
    return error_errno (err, REASON_WRITE, "%s", storage);
  output->dir_fd = STEAL_FD (fd);
  return 0;
}

/*--- The files. ---*/

/* The name of disk INDEX's file. */
static char *
name_of (const struct output *output, unsigned index, struct error *err)
{
  const char *given = output_nth_option (output, "file", index);
  char disk[DISK_NAME_MAX];

  return given != NULL ? alloc_copy (base_name (given), err)
    : format (err, "%s-%s", output->guest->name, disk_name (index, disk));
}

static int
check_utf8 (const struct output *output, const char *file, struct error *err)
{
  const bool dir_valid = utf8_valid (output->dir);

  if ((output->ops->document != &output_document_xml &&
       output->ops->definition == NULL) ||
      (dir_valid && utf8_valid (file)))
    return 0;
  error_set (err, REASON_UNSUPPORTED,
             _("the path of the disks is not UTF-8, so it cannot be "
               "written to the guest's XML: %s/%s"), output->dir, file);
  error_hint (err, "%s", !dir_valid
              ? _("choose another directory with -os DIR")
              : output_names_given (output)
              ? _("give the disk another name")
              : _("give the copy another name with -on NAME"));
  return -1;
}

/* The names that there are while the disk is written, and when it is complete:
 * that of a file that the user has named has nothing to do with the guest's.
 * libvirt has NAME.xml.new in a directory of its own, and would not say before
 * the end of the copy that the name is too long.
 */
static int
check_length (const struct output *output, const char *file,
              struct error *err)
{
  const long max = fpathconf (output->dir_fd, _PC_NAME_MAX);
  const size_t guest = strlen (output->guest->name);
  const size_t part = guest +
    strlen (output->ops->definition != NULL ? ".xml.new" : ".part");
  const size_t len = output_names_given (output) || strlen (file) < part
    ? part : strlen (file);

  if (max != -1 && len > (size_t) max) {
    error_set (err, REASON_USAGE,
               _("the name of the guest is too long for the names of files "
                 "(%zu bytes, at most %ld fit here): %s"),
               guest, max - (long) (len - guest), output->guest->name);
    error_hint (err, _("give the copy another name with -on NAME"));
    return -1;
  }
  return max == -1 || strlen (file) <= (size_t) max ? 0
    : error_set (err, REASON_USAGE,
                 _("the name of the file is too long (%zu bytes, at most "
                   "%ld fit here): %s"), strlen (file), max, file);
}

/* A device that the user names is meant to be written to, and a file that
 * takes its name would not do that.
 */
static int
refuse_device (const struct output *output, const char *file,
               struct error *err)
{
  CLEANUP_FREE char *quoted = NULL;
  struct stat st;

  if (!output_names_given (output) ||
      fstatat (output->dir_fd, file, &st, 0) == -1 ||
      (!S_ISBLK (st.st_mode) && !S_ISCHR (st.st_mode)))
    return 0;
  error_set (err, REASON_USAGE, _("%s/%s is a device, and not a file"),
             output->dir, file);
  quoted = format (err, "%s/%s", output->dir, file);
  if (quoted != NULL)
    error_hint (err, _("write to a device with -o device -oo path=%s"),
                quoted);
  return -1;
}

int
output_files_locate (struct output *output, unsigned index,
                     struct location *ret, struct error *err)
{
  const char *guest = output->guest->name;
  CLEANUP_FREE char *file = NULL;
  char disk[DISK_NAME_MAX];

  if (open_storage (output, err) == -1)
    return -1;
  file = name_of (output, index, err);
  if (file == NULL || check_utf8 (output, file, err) == -1 ||
      check_length (output, file, err) == -1 ||
      refuse_device (output, file, err) == -1)
    return -1;
  ret->kind = LOCATION_FILE;
  ret->path = format (err, "%s/%s", output->dir, file);
  if (ret->path == NULL || output->settings->existing)
    return ret->path != NULL ? 0 : -1;
  output->disks[index].part_path = format (err, "%s/%s.part/%s", output->dir,
                                           guest, disk_name (index, disk));
  return output->disks[index].part_path != NULL ? 0 : -1;
}
