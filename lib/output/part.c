/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The files NAME-sda.part of -o disk: which of them this run writes, and
 * giving them their names.  What is written to them is left to output-disk.c.
 */

#include <config.h>

#include <fcntl.h>
#include <stdio.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/visible.h"
#include "context.h"
#include "io/guard.h"
#include "io/image-lock.h"
#include "output/output-internal.h"
#include "output/part.h"

int
part_check (const struct output_disk_state *disk, struct error *err)
{
  if (image_lock_has (disk->part_lock, disk->part))
    return 0;
  error_set (err, REASON_TARGET_CHANGED,
             _("%s is no longer the file that this run was writing"),
             disk->part);
  error_hint (err, _("another program has replaced or removed it: no disk "
                     "was given its final name"));
  return -1;
}

int
part_hold (const struct output *output, struct output_disk_state *disk,
           struct error *err)
{
  if (disk->part_lock != NULL)
    return part_check (disk, err);
  disk->part_lock = image_lock_new (disk->part,
                                    output->settings->format == OUTPUT_RAW
                                    ? IMAGE_LOCK_WRITE : IMAGE_LOCK_FOR_QEMU,
                                    err);
  return disk->part_lock != NULL ? part_check (disk, err) : -1;
}

/* Somebody may have removed the lock of the name by hand, while a run was
 * writing: that run has the file itself, too.
 */
static int
remove_old (const char *part, struct error *err)
{
  CLEANUP_ERROR struct error in_use = ERROR_INIT;
  struct image_lock *lock = image_lock_new (part, IMAGE_LOCK_FOR_QEMU,
                                            &in_use);

  image_lock_free (lock);
  if (lock == NULL && in_use.reason == REASON_TARGET_BUSY) {
    error_move (err, &in_use);
    return -1;
  }
  return unlink (part) == 0 || errno == ENOENT ? 0
    : error_errno (err, REASON_WRITE, _("cannot remove %s"), part);
}

/* No run is writing it: this one has the lock of the name. */
static int
refuse_left (const char *part, struct error *err)
{
  CLEANUP_FREE char *quoted = NULL;

  if (access (part, F_OK) == -1)
    return 0;
  error_set (err, REASON_TARGET_BUSY, _("%s exists already"), part);
  quoted = shell_quoted (part, err);
  if (quoted != NULL)
    error_hint (err, _("it was left by a run that was killed: use --resume to "
                       "replace it, or remove it: rm %s"), quoted);
  err->resumable = err->needs_resume = true;
  return -1;
}

int
part_refuse_left (const struct output *output, unsigned index,
                  struct error *err)
{
  CLEANUP_FREE char *part = format (err, "%s.part",
                                    output->disks[index].location.path);

  return part == NULL ? -1 : refuse_left (part, err);
}

int
part_choose (struct output_disk_state *disk, enum output_how how,
             struct error *err)
{
  CLEANUP_FREE char *part = format (err, "%s.part", disk->location.path);

  if (part == NULL)
    return -1;
  if (how != OUTPUT_CONTINUE) {
    image_lock_free (disk->part_lock);
    disk->part_lock = NULL;
  }
  if (how == OUTPUT_REPLACE && remove_old (part, err) == -1)
    return -1;
  if (how == OUTPUT_NEW && refuse_left (part, err) == -1)
    return -1;
  free (disk->part);
  disk->part = STEAL (part);
  return 0;
}

int
part_create (const struct output *output, struct output_disk_state *disk,
            struct error *err)
{
  CLEANUP_FD int fd = open (disk->part, O_WRONLY|O_CREAT|O_EXCL|O_CLOEXEC,
                            0600);

  if (fd == -1)
    return error_errno (err, errno == ENOSPC || errno == EDQUOT
                        ? REASON_SPACE : REASON_WRITE, _("cannot create %s"),
                        disk->part);
  if (part_hold (output, disk, err) == -1)
    return -1;
  guard_path (output->context->guard, disk->part);
  return 0;
}

/* Before the first disk gets its name: no disk of an older guest is replaced
 * by a file that is not what this run wrote.
 */
static int
check_parts (const struct output *output, struct error *err)
{
  for (unsigned i = 0; i < output->n; i++)
    if (part_check (&output->disks[i], err) == -1) {
      err->disk = (int) i;
      return -1;
    }
  return 0;
}

static int
rename_part (struct output *output, unsigned index, struct error *err)
{
  struct output_disk_state *disk = &output->disks[index];

  if (image_lock_chmod (disk->part_lock, output->mode) == -1)
    return error_errno (err, REASON_WRITE, _("cannot set the mode of %s"),
                        disk->part);
  if (rename (disk->part, disk->location.path) == -1) {
    error_errno (err, REASON_WRITE, _("cannot rename %s to %s"), disk->part,
                 disk->location.path);
    err->disk = (int) index;
    /* Disks of two runs, or of two guests, would not go together. */
    if (index > 0)
      error_wrap (err, _("%u of the %u disks already have their final names"),
                  index, output->n);
    return -1;
  }
  guard_forget (output->context->guard, disk->part);
  free (disk->part);
  disk->part = NULL;
  image_lock_free (disk->part_lock);
  disk->part_lock = NULL;
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
