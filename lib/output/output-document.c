/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What stands beside the disks and tells how the guest is run (NAME.xml):
 * where it is, whether it may be written, and writing it.  One that this
 * program has not written is never replaced: it may be all that there is of
 * that guest.  One of another output, that it has written, goes with the disks
 * that it told of.  What is in it is left to a struct output_document.
 */

#include <config.h>

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/events.h"
#include "base/file-at.h"
#include "base/i18n.h"
#include "base/visible.h"
#include "context.h"
#include "guest/differences.h"
#include "guest/domain-xml.h"
#include "guest/guest.h"
#include "output/output-internal.h"
#include "output/part-dir.h"

/* None has more, and what is larger is not ours. */
#define MAX_SIZE (16 << 20)

char *
output_document_path (const struct output *output, struct error *err)
{
  return output->ops->document == NULL ? NULL
    : format (err, "%s/%s%s", output->storage, output->guest->name,
              output->ops->document->suffix);
}

struct domain_disk *
output_domain_disks (const struct output *output, struct error *err)
{
  struct domain_disk *disks = alloc_zero ((output->n + 1) * sizeof *disks,
                                          err);

  for (unsigned i = 0; disks != NULL && i < output->n; i++)
    disks[i] = (struct domain_disk) {
      .kind = DOMAIN_DISK_FILE,
      .path = output->disks[i].location.path,
      .format = output->format,
    };
  return disks;
}

/* The file of that name, which is no link and has something in it: 1, and FD
 * is open on it.
 */
static int
open_document (struct file_at at, int *fd, struct stat *st)
{
  *fd = openat (at.dir_fd, at.name, O_RDONLY|O_NOFOLLOW|O_NONBLOCK|O_NOCTTY|
                O_CLOEXEC);
  return *fd != -1 && fstat (*fd, st) == 0 && S_ISREG (st->st_mode);
}

static char *
read_text (int fd, size_t size, size_t *len)
{
  char *text = size > MAX_SIZE ? NULL : malloc (size + 1);
  ssize_t n = 1;

  for (*len = 0; text != NULL && *len < size && n > 0;) {
    n = read (fd, text + *len, size - *len);
    if (n > 0)
      *len += (size_t) n;
  }
  return text;
}

/* Whatever is wrong with it: then it is not ours. */
static bool
is_ours (const struct output_document *document, int fd, size_t size,
         const char *path)
{
  size_t len;
  CLEANUP_FREE char *text = read_text (fd, size, &len);

  return text != NULL && document->is_ours (text, len, path);
}

static struct file_at
document_at (const struct output *output, const char *path)
{
  return (struct file_at) {
    .dir_fd = output->dir_fd, .name = strrchr (path, '/') + 1, .path = path,
  };
}

int
output_document_check (const struct output *output, enum reason refused,
                       struct error *err)
{
  CLEANUP_FREE char *path = output_document_path (output, err);
  CLEANUP_FD int fd = -1;
  struct stat st;

  if (path == NULL)
    return error_is_set (err) ? -1 : 0;
  /* An empty file holds no guest. */
  if (open_document (document_at (output, path), &fd, &st) &&
      (st.st_size == 0 || is_ours (output->ops->document, fd,
                                   (size_t) st.st_size, path)))
    return 0;
  if (fd == -1 && errno == ENOENT)
    return 0;
  if (fd == -1 && errno != ELOOP && errno != ENXIO && errno != EACCES)
    return error_errno (err, REASON_WRITE, "%s", path);
  if (fd == -1 && errno == EACCES)
    error_set (err, refused,
               _("%s exists already, and cannot be read to see whether "
                 "v2v-nbdkit-launch has written it: it is not overwritten"),
               path);
  else
    error_set (err, refused,
               _("%s exists already, and v2v-nbdkit-launch has not written "
                 "it: it is not overwritten"), path);
  error_hint (err, _("give the copy another name with -on NAME, or another "
                     "directory with -os DIR, or move the file away"));
  return -1;
}

static mode_t
mode_of (const struct output *output)
{
  const mode_t may_read = output->mode & (S_IRUSR|S_IRGRP|S_IROTH);

  return output->mode |
    (output->ops->document->executable ? may_read >> 2 : 0);
}

/* It is made in our directory, where nobody else can come between. */
static int
store (const struct output *output, struct file_at at, const char *text,
       struct error *err)
{
  CLEANUP_FREE char *aside = format (err, "%s/" PART_DIR_DOCUMENT,
                                     part_dir_path (output->part_dir));
  const struct file_at from = {
    .dir_fd = part_dir_fd (output->part_dir), .name = PART_DIR_DOCUMENT,
    .path = aside,
  };

  if (aside == NULL ||
      file_at_store (from, mode_of (output), text, strlen (text), err) == -1)
    return -1;
  if (file_at_rename (from, at, err) == 0)
    return 0;
  unlinkat (from.dir_fd, from.name, 0);
  return -1;
}

/* Changed extents leave the guest as it was defined. */
char *
output_document_next (const struct output *output, struct error *err)
{
  CLEANUP_FREE char *path = NULL, *quoted = NULL;

  if (output->ops->document == NULL || output->settings->existing)
    return NULL;
  path = format (err, "%s/%s%s", output->dir, output->guest->name,
                 output->ops->document->suffix);
  quoted = path != NULL ? shell_quoted (path, err) : NULL;
  return quoted != NULL
    ? format (err, "%s %s", output->ops->document->use, quoted) : NULL;
}

void
output_document_prepare (struct output *output)
{
  if (output->ops->document != NULL &&
      output->ops->document->prepare != NULL)
    output->ops->document->prepare (output);
}

int
output_document_try (const struct output *output, struct error *err)
{
  CLEANUP_FREE char *text = NULL;

  if (output->ops->document == NULL)
    return 0;
  if (differences_tell (output->guest, output->ops->document->differences,
                        output->context->events, err) == -1)
    return -1;
  text = output->ops->document->build (output, err);
  if (text != NULL)
    return 0;
  error_hint (err, _("give the guest another name with -on NAME, or another "
                     "directory with -os DIR"));
  return -1;
}

int
output_document_write (const struct output *output, struct error *err)
{
  CLEANUP_FREE char *path = output_document_path (output, err);
  CLEANUP_FREE char *text = path != NULL
    ? output->ops->document->build (output, err) : NULL;

  if (error_is_set (err))
    return -1;
  return text == NULL ? 0
    : output_document_check (output, REASON_WRITE, err) == -1 ? -1
    : store (output, document_at (output, path), text, err);
}

/*--- Those of other outputs. ---*/

static const struct output_ops *const others[] = {
  &output_disk_ops, &output_kubevirt_ops, &output_qemu_ops,
};

/* What another output, number INDEX, has written of the guest: it would run the
 * new disks as if they were the old ones, in their format.  The caller frees
 * the path; NULL without an error: there is none.
 */
static char *
stale_path (const struct output *output, size_t index, struct error *err)
{
  const struct output_document *document = others[index]->document;
  CLEANUP_FREE char *path = NULL;
  CLEANUP_FD int fd = -1;
  struct stat st;

  if (output->ops->document == NULL || document == output->ops->document)
    return NULL;
  path = format (err, "%s/%s%s", output->storage, output->guest->name,
                 document->suffix);
  return path != NULL && open_document (document_at (output, path), &fd,
                                        &st) &&
    is_ours (document, fd, (size_t) st.st_size, path) ? STEAL (path) : NULL;
}

int
output_document_refuse_stale (const struct output *output, const char *path,
                              struct error *err)
{
  for (size_t i = 0; i < ARRAY_LEN (others); i++) {
    CLEANUP_FREE char *stale = stale_path (output, i, err);

    if (error_is_set (err) ||
        (stale != NULL && output_refuse_name (output, path, stale, err) == -1))
      return -1;
  }
  return 0;
}

static void
tell_stale (const struct output *output, const char *path)
{
  events_say (output->context->events, EVENT_WARNING, -1,
              _("removed %s, which runs the earlier copy of this name: the "
                "new disks are not what it says"), path);
}

int
output_document_remove_stale (const struct output *output, struct error *err)
{
  for (size_t i = 0; i < ARRAY_LEN (others); i++) {
    CLEANUP_FREE char *path = stale_path (output, i, err);

    if (error_is_set (err))
      return -1;
    if (path == NULL)
      continue;
    if (unlinkat (output->dir_fd, document_at (output, path).name, 0) == -1)
      return error_errno (err, REASON_WRITE, _("cannot remove %s"), path);
    tell_stale (output, path);
  }
  return 0;
}
