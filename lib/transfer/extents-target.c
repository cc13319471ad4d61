/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The targets of changed extents exist, and may be images: extents of a raw
 * disk that are written to a qcow2 file go over its header, and the copy is
 * lost.  Only files and devices are looked at.  An NBD export is connected to
 * once, to be written, and is a disk by what it is.
 */

#include <config.h>

#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "context.h"
#include "guest/location.h"
#include "image/image.h"
#include "io/reader.h"
#include "launch/launch.h"
#include "output/output.h"
#include "settings.h"
#include "transfer/extents-target.h"

#define TIMEOUT_S 60

/* Is the source, which is read as a raw disk, such an image, too?  Then so is
 * a raw copy of it.
 */
static int
compare_with_source (const struct launched_disk *disk,
                     const struct image *image,
                     const struct launch_context *context, bool *is_same,
                     struct error *err)
{
  CLEANUP_READER struct reader *reader = NULL;
  CLEANUP_IMAGE struct image source = { .format = NULL };
  CLEANUP_ERROR struct error why = ERROR_INIT;
  CLEANUP_ERROR struct error ignored = ERROR_INIT;

  *is_same = false;
  if (!image_is_raw (&disk->image))
    return 0;
  reader = reader_nbd_new (disk->uri, TIMEOUT_S, context->supervisor, &why);
  /* nbdkit may open the file anew for each client, and then have no right to
   * open another one.
   */
  if (reader == NULL) {
    if (location_check_names (disk->plan.location, err) == 0)
      error_move (err, &why);
    return -1;
  }
  *is_same = image_examine (reader, disk->name, NULL, &source,
                            &ignored) == 0 &&
    strcmp (image_format_name (&source), image_format_name (image)) == 0;
  return 0;
}

static int
refuse (const struct output *output, unsigned index,
        const struct image *image, struct error *err)
{
  const char *found = image_format_name (image);
  CLEANUP_FREE char *what = image_describe (image, err);

  if (what == NULL)
    return -1;
  error_set (err, REASON_UNSUPPORTED,
             _("the target %s should be a %s copy of the disk, but it is %s"),
             output_target (output, index), output_format_name (output), what);
  if (image_is_raw (image))
    error_hint (err, _("leave out -of qcow2"));
  else if (strcmp (found, "qcow2") != 0)
    error_hint (err, _("changed extents can be written to raw disks and to "
                       "qcow2 images"));
  else
    error_hint (err, _("give -of qcow2 (with -o disk or -o device), or let "
                       "qemu-nbd --persistent --format=qcow2 serve the disk "
                       "in it, for -o nbd"));
  return -1;
}

int
extents_target_check (const struct output *output,
                      const struct launch *launch, unsigned index,
                      const struct launch_context *context,
                      struct error *err)
{
  const struct location *location = output_location (output, index);
  const char *path = location != NULL ? location_local_path (location) : NULL;
  const int fd = output_existing_fd (output, index);
  CLEANUP_FREE char *opened = NULL;
  CLEANUP_READER struct reader *reader = NULL;
  CLEANUP_IMAGE struct image image = { .format = NULL };
  bool is_same;

  if (path == NULL || fd == -1)
    return 0;
  /* What was opened, whatever has its name by now. */
  opened = format (err, "/proc/self/fd/%d", fd);
  if (opened == NULL)
    return -1;
  reader = reader_file_new (opened, err);
  if (reader == NULL || image_examine (reader, path, NULL, &image, err) == -1)
    return -1;
  if (strcmp (image_format_name (&image), output_format_name (output)) == 0)
    return 0;
  if (strcmp (output_format_name (output), "raw") == 0) {
    /* A fixed VHD has its footer behind the disk, where a larger device may
     * have anything.
     */
    is_same = image.plain;
    if (!is_same &&
        compare_with_source (launch_disk (launch, index), &image, context,
                             &is_same, err) == -1)
      return -1;
    if (is_same)
      return 0;
  }
  return refuse (output, index, &image, err);
}
