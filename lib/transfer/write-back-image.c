/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Who may write to an image may have rewritten its header since it was
 * inspected, perhaps a moment ago: qemu would then write the guest's data to a
 * file of this host.  A header that is to be written cannot be kept elsewhere,
 * as one that is only read (launch/backing.c), so it is looked at again, and
 * so is what qemu has made of it.
 */

#include <config.h>

#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "image/image.h"
#include "io/confine.h"
#include "io/opened-file.h"
#include "io/reader.h"
#include "launch/named-file.h"
#include "qemu/qemu-nbd.h"
#include "transfer/write-back-disks.h"
#include "transfer/write-back-image.h"

static int
add_text (struct digester *digester, const char *text, struct error *err)
{
  return text == NULL ? 0
    : digester_add (digester, text, strlen (text) + 1, err);
}

int
write_back_digest_names (const struct image *image, char ret[DIGEST_HEX_MAX],
                         struct error *err)
{
  CLEANUP_DIGESTER struct digester *digester =
    digester_new (DIGEST_SHA256, err);

  if (digester == NULL)
    return -1;
  for (size_t i = 0; i < image->files.len; i++)
    if (add_text (digester, image->files.ptr[i].option, err) == -1 ||
        add_text (digester, image->files.ptr[i].name, err) == -1)
      return -1;
  digester_end (digester, ret);
  return 0;
}

static int
refuse (const struct write_back_disk *disk, struct error *err)
{
  error_set (err, REASON_TARGET_CHANGED,
             _("%s now names other files than when this run looked at it: "
               "nothing is written to it"), disk->place);
  error_hint (err, _("somebody has rewritten the header of the image during "
                     "the run"));
  return -1;
}

static int
look_again (const struct write_back_disk *disk, struct image *image,
            struct error *err)
{
  CLEANUP_READER struct reader *reader = reader_fd_new (disk->fd, disk->place,
                                                        err);
  char names[DIGEST_HEX_MAX];

  if (reader == NULL ||
      image_examine (reader, disk->place, disk->format, image, err) == -1 ||
      write_back_digest_names (image, names, err) == -1)
    return -1;
  return disk->names[0] == '\0' || strcmp (names, disk->names) == 0 ? 0
    : refuse (disk, err);
}

struct qemu_nbd *
write_back_write_qcow2 (const struct write_back_disk *disk,
                        const char *socket, int index,
                        const struct launch_context *context,
                        struct error *err)
{
  CLEANUP_IMAGE struct image image = { .format = NULL };
  CLEANUP_CONFINE struct confine files = { .rules = NULL };
  CLEANUP_FREE char *options = NULL;
  struct qemu_place place = {
    .path = disk->place, .dir_fd = -1, .fd = disk->fd, .files = &files,
  };

  if (look_again (disk, &image, err) == -1)
    return NULL;
  options = named_file_options (&image, disk->place, &files, err);
  if (options == NULL)
    return NULL;
  place.options = options;
  return qemu_nbd_write_qcow2 (&place, socket, index, context, err);
}

struct look {
  struct stat disk;
  bool other;                   /* another file is open */
};

static bool
see (void *data, const struct stat *st)
{
  struct look *look = data;

  look->other = S_ISBLK (st->st_mode)
    ? !S_ISBLK (look->disk.st_mode) || st->st_rdev != look->disk.st_rdev
    : st->st_dev != look->disk.st_dev || st->st_ino != look->disk.st_ino;
  return !look->other;
}

static bool
names_nothing (const struct write_back_disk *disk)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  const struct image image = { .format = NULL };
  char none[DIGEST_HEX_MAX];

  return write_back_digest_names (&image, none, &ignored) == 0 &&
    strcmp (disk->names, none) == 0;
}

int
write_back_check_opened (const struct write_back_disk *disk,
                         const struct qemu_nbd *writer, struct error *err)
{
  struct look look = { .other = false };

  if (!names_nothing (disk))
    return 0;
  if (fstat (disk->fd, &look.disk) == -1)
    return error_errno (err, REASON_READ, "%s", disk->place);
  if (!opened_files (qemu_nbd_pid (writer), see, &look))
    return qemu_nbd_check (writer, err) == -1 ? -1
      : error_set (err, REASON_INTERNAL,
                   _("cannot find out which files qemu-nbd has opened"));
  return look.other ? refuse (disk, err) : 0;
}
