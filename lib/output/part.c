/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The files NAME.part/sda of -o disk: which of them this run writes, and
 * giving them their names.  What is written to them is left to output-disk.c,
 * the directory to part-dir.c.
 */

#include <config.h>

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/file-at.h"
#include "base/i18n.h"
#include "base/visible.h"
#include "base/write.h"
#include "context.h"
#include "io/guard.h"
#include "io/image-lock.h"
#include "output/output-internal.h"
#include "output/output.h"
#include "output/part-dir.h"
#include "output/part.h"

int
part_check (const struct output *output, unsigned index, struct error *err)
{
  const struct file_at at = output_part_file (output, index);

  if (image_lock_has (output->disks[index].part_lock, at))
    return 0;
  error_set (err, REASON_TARGET_CHANGED,
             _("%s is no longer the file that this run was writing"), at.path);
  error_hint (err, _("another program has replaced or removed it: no disk "
                     "was given its final name"));
  return -1;
}

static void
drop (struct output_disk_state *disk)
{
  image_lock_free (disk->part_lock);
  disk->part_lock = NULL;
  close_fd (&disk->part_fd);
}

static int
lock_part (struct output *output, unsigned index, struct error *err)
{
  struct output_disk_state *disk = &output->disks[index];

  disk->part_lock = image_lock_new (disk->part_fd, disk->part_path,
                                    output_qemu_writes (output)
                                    ? IMAGE_LOCK_FOR_QEMU : IMAGE_LOCK_WRITE,
                                    err);
  return disk->part_lock != NULL ? part_check (output, index, err) : -1;
}

static int
open_part (const struct output *output, unsigned index, struct error *err)
{
  const struct file_at at = output_part_file (output, index);
  int fd;
  const int r = file_at_open_own (at, O_RDWR, &fd, err);

  if (r == 0) {
    errno = ENOENT;
    error_errno (err, REASON_WRITE, "%s", at.path);
  }
  if (r == -1 && err->reason == REASON_TARGET_CHANGED)
    error_hint (err, _("it is not what the interrupted copy was writing: find "
                       "out who made it"));
  return fd;
}

int
part_hold (struct output *output, unsigned index, struct error *err)
{
  struct output_disk_state *disk = &output->disks[index];

  if (disk->part_lock != NULL)
    return part_check (output, index, err);
  disk->part_fd = open_part (output, index, err);
  if (disk->part_fd == -1)
    return -1;
  return lock_part (output, index, err);
}

/* Somebody may have removed the lock of the directory by hand, while a run was
 * writing: that run has the file itself, too.
 */
static int
remove_old (const struct output *output, unsigned index, struct error *err)
{
  const struct file_at at = output_part_file (output, index);
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_ERROR struct error in_use = ERROR_INIT;
  CLEANUP_FD int fd = open_part (output, index, &ignored);
  struct image_lock *lock = fd == -1 ? NULL
    : image_lock_new (fd, at.path, IMAGE_LOCK_FOR_QEMU, &in_use);

  image_lock_free (lock);
  if (in_use.reason == REASON_TARGET_BUSY) {
    error_move (err, &in_use);
    return -1;
  }
  return unlinkat (at.dir_fd, at.name, 0) == 0 || errno == ENOENT ? 0
    : error_errno (err, REASON_WRITE, _("cannot remove %s"), at.path);
}

/* No run is writing them: this one has the directory. */
int
part_refuse_left (const struct output *output,
                  unsigned index __attribute__ ((unused)), struct error *err)
{
  const char *path = part_dir_path (output->part_dir);
  CLEANUP_FREE char *quoted = NULL;

  if (!part_dir_has_files (output->part_dir))
    return 0;
  error_set (err, REASON_TARGET_BUSY, _("%s exists already"), path);
  quoted = shell_quoted (path, err);
  if (quoted != NULL)
    error_hint (err, _("it was left by a run that was killed: use --resume to "
                       "replace it, or remove it: rm -r %s"), quoted);
  err->resumable = err->needs_resume = true;
  return -1;
}

static int
refuse_left_file (const struct output *output, unsigned index,
                  struct error *err)
{
  const struct file_at at = output_part_file (output, index);
  struct stat st;

  return fstatat (at.dir_fd, at.name, &st, AT_SYMLINK_NOFOLLOW) == -1 ? 0
    : part_refuse_left (output, index, err);
}

int
part_choose (struct output *output, unsigned index, enum output_how how,
             struct error *err)
{
  struct output_disk_state *disk = &output->disks[index];

  if (how != OUTPUT_CONTINUE)
    drop (disk);
  if (how == OUTPUT_REPLACE && remove_old (output, index, err) == -1)
    return -1;
  if (how == OUTPUT_NEW && refuse_left_file (output, index, err) == -1)
    return -1;
  disk->has_part = true;
  return 0;
}

int
part_create (struct output *output, unsigned index, struct error *err)
{
  struct output_disk_state *disk = &output->disks[index];
  const struct file_at at = output_part_file (output, index);

  disk->part_fd = openat (at.dir_fd, at.name, O_RDWR|O_CREAT|O_EXCL|
                          O_NOFOLLOW|O_NOCTTY|O_CLOEXEC, 0600);
  if (disk->part_fd == -1)
    return error_errno (err, errno == ENOSPC || errno == EDQUOT
                        ? REASON_SPACE : REASON_WRITE, _("cannot create %s"),
                        at.path);
  guard_at (output->context->guard, at.dir_fd, at.name);
  return lock_part (output, index, err);
}

/* Before the first disk gets its name: no disk of an older guest is replaced
 * by a file that is not what this run wrote.
 */
static int
check_parts (const struct output *output, struct error *err)
{
  for (unsigned i = 0; i < output->n; i++)
    if (part_check (output, i, err) == -1) {
      err->disk = (int) i;
      return -1;
    }
  return 0;
}

static int
rename_part (struct output *output, unsigned index, struct error *err)
{
  struct output_disk_state *disk = &output->disks[index];
  const struct file_at from = output_part_file (output, index);
  const struct file_at to = output_final (output, index);

  if (image_lock_chmod (disk->part_lock, output->mode) == -1)
    return error_errno (err, REASON_WRITE, _("cannot set the mode of %s"),
                        from.path);
  disk->has_replaced = faccessat (to.dir_fd, to.name, F_OK,
                                  AT_SYMLINK_NOFOLLOW) == 0;
  if (renameat (from.dir_fd, from.name, to.dir_fd, to.name) == -1) {
    error_errno (err, REASON_WRITE, _("cannot rename %s to %s"), from.path,
                 to.path);
    err->disk = (int) index;
    /* Disks of two runs, or of two guests, would not go together. */
    if (index > 0)
      error_wrap (err, _("%u of the %u disks already have their final names"),
                  index, output->n);
    return -1;
  }
  part_forget (output, index, true);
  return 0;
}

int
part_rename_all (struct output *output, struct error *err)
{
  if (check_parts (output, err) == -1)
    return -1;
  for (unsigned i = 0; i < output->n; i++)
    if (rename_part (output, i, err) == -1)
      return -1;
  return 0;
}

/*--- Names that can be taken back. ---*/

int
part_look_at_final (const struct output *output, unsigned index,
                    enum reason refused, struct error *err)
{
  const struct file_at part = output_part_file (output, index);
  const struct file_at at = output_final (output, index);
  CLEANUP_FD int fd = openat (at.dir_fd, at.name,
                              O_PATH|O_NOFOLLOW|O_CLOEXEC);

  if (fd == -1)
    return errno == ENOENT ? 0 : error_errno (err, REASON_WRITE, "%s",
                                              at.path);
  if (file_at_is (part, fd))
    return 1;
  if (output->disks[index].old_fd != -1 &&
      file_at_is (at, output->disks[index].old_fd))
    return 2;
  error_set (err, refused, _("%s exists already: it is not replaced"),
             at.path);
  error_hint (err, _("give the copy another name with -on NAME, or remove the "
                     "file if no guest needs it"));
  return -1;
}

int
part_drop_final (const struct output *output, unsigned index,
                 struct error *err)
{
  const struct file_at at = output_final (output, index);
  const int r = part_look_at_final (output, index, REASON_WRITE, err);

  if (r != 1)
    return r;
  guard_forget_at (output->context->guard, at.dir_fd, at.name);
  return unlinkat (at.dir_fd, at.name, 0) == 0 ? 0
    : error_errno (err, REASON_WRITE, _("cannot remove %s"), at.path);
}

void
part_keep_all (const struct output *output)
{
  for (unsigned i = 0; i < output->n; i++) {
    const struct file_at at = output_final (output, i);
    const struct file_at part = output_part_file (output, i);

    guard_forget_at (output->context->guard, at.dir_fd, at.name);
    guard_forget_at (output->context->guard, part.dir_fd, part.name);
  }
}

void
part_unlink_all (const struct output *output)
{
  for (unsigned i = 0; i < output->n; i++) {
    CLEANUP_ERROR struct error ignored = ERROR_INIT;

    part_drop_final (output, i, &ignored);
  }
}

static int
link_part (const struct output *output, unsigned index, struct error *err)
{
  const struct file_at from = output_part_file (output, index);
  const struct file_at to = output_final (output, index);
  CLEANUP_ERROR struct error ignored = ERROR_INIT;

  if (image_lock_chmod (output->disks[index].part_lock, output->mode) == -1)
    return error_errno (err, REASON_WRITE, _("cannot set the mode of %s"),
                        from.path);
  /* What else has the name lets linkat fail. */
  if (part_look_at_final (output, index, REASON_WRITE, &ignored) == 2 &&
      unlinkat (to.dir_fd, to.name, 0) == -1)
    return error_errno (err, REASON_WRITE, _("cannot remove %s"), to.path);
  if (linkat (from.dir_fd, from.name, to.dir_fd, to.name, 0) == -1)
    return error_errno (err, write_reason (), _("cannot give %s the name %s"),
                        from.path, to.path);
  guard_at (output->context->guard, to.dir_fd, to.name);
  return 0;
}

int
part_link_all (struct output *output, struct error *err)
{
  if (check_parts (output, err) == -1)
    return -1;
  for (unsigned i = 0; i < output->n; i++)
    if (link_part (output, i, err) == -1) {
      err->disk = (int) i;
      part_unlink_all (output);
      return -1;
    }
  return 0;
}

void
part_forget (struct output *output, unsigned index, bool kept)
{
  struct output_disk_state *disk = &output->disks[index];
  struct file_at at;

  if (disk->has_part) {
    at = output_part_file (output, index);
    /* A file that took its place is another one's. */
    if (!kept && disk->part_lock != NULL &&
        image_lock_has (disk->part_lock, at))
      unlinkat (at.dir_fd, at.name, 0);
    guard_forget_at (output->context->guard, at.dir_fd, at.name);
  }
  disk->has_part = false;
  drop (disk);
}
