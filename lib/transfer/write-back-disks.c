/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Holds the disks of a run that writes back; decides whether a disk can be
 * written back to, and says where its record is.  The record is left
 * to write-back-record.c, writing to write-back.c.
 */

#include <config.h>

#include <libgen.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "context.h"
#include "guest/location.h"
#include "output/place-lock.h"
#include "settings.h"
#include "target/target.h"
#include "transfer/write-back-disks.h"

struct write_back *
write_back_new (const char *command, const struct launch_context *context,
                struct error *err)
{
  struct write_back *wb = alloc_zero (sizeof *wb, err);

  if (wb == NULL)
    return NULL;
  wb->context = context;
  if (digest_of (command, strlen (command), DIGEST_SHA256, wb->command,
                 err) == 0)
    return wb;
  free (wb);
  return NULL;
}

void
write_back_free (struct write_back *wb)
{
  if (wb == NULL)
    return;
  for (size_t i = 0; i < wb->disks.len; i++) {
    struct write_back_disk *disk = &wb->disks.ptr[i];

    place_lock_free (disk->lock);
    free (disk->place);
    free (disk->format);
    free (disk->record);
    free (disk->overlay);
  }
  write_back_disks_reset (&wb->disks);
  free (wb->id);
  free (wb->dir);
  free (wb);
}

struct write_back_disk *
write_back_append (struct write_back *wb)
{
  struct write_back_disks *disks = &wb->disks;

  return write_back_disks_append (disks, (struct write_back_disk) {
      .lock = NULL }) == -1 ? NULL : &disks->ptr[disks->len - 1];
}

char *
write_back_record_path (const struct location *location,
                        const struct launch_context *context,
                        struct error *err)
{
  const char *path = location_local_path (location);
  const char *name = path != NULL ? path : location_nbd_uri (location);
  CLEANUP_FREE char *resolved = NULL;
  char digest[DIGEST_HEX_MAX];
  struct stat st;

  if (path != NULL && (stat (path, &st) == -1 || S_ISREG (st.st_mode))) {
    resolved = realpath (path, NULL);
    return format (err, "%s.v2v-in-place",
                   resolved != NULL ? resolved : path);
  }
  return digest_of (name, strlen (name), DIGEST_SHA256, digest, err) == -1
    ? NULL : format (err, "%s/v2v-in-place-%.32s",
                     context->settings->overlay_dir, digest);
}

/*--- Adding disks. ---*/

static int
check_directory (const char *record, struct error *err)
{
  CLEANUP_FREE char *copy = alloc_copy (record, err);

  if (copy == NULL)
    return -1;
  if (access (dirname (copy), W_OK|X_OK) == 0)
    return 0;
  return error_errno (err, REASON_WRITE,
                      _("cannot write the record %s, without which an "
                        "interrupted run could not be completed"), record);
}

static int
add_path (struct write_back_disk *disk, const char *path, struct error *err)
{
  struct stat st;
  bool is_file;

  if (stat (path, &st) == -1)
    return error_errno (err, REASON_NOT_FOUND, "%s", path);
  is_file = S_ISREG (st.st_mode);
  if (!is_file && !S_ISBLK (st.st_mode))
    return error_set (err, REASON_UNSUPPORTED,
                      _("%s is neither a file nor a block device"), path);
  /* The record of a file must be found through any symbolic link.  The name
   * of a device may change when the host boots, but links to it do not.
   */
  disk->place = is_file ? realpath (path, NULL) : strdup (path);
  if (disk->place == NULL)
    return error_errno (err, REASON_NOT_FOUND, "%s", path);
  if (disk->place[0] != '/')
    return error_set (err, REASON_USAGE,
                      _("%s: the path of a device must be absolute"), path);
  return 0;
}

static int
add_uri (struct write_back_disk *disk, const char *uri, struct error *err)
{
  struct target *target;

  if (strcmp (disk->format, "raw") != 0)
    return error_set (err, REASON_UNSUPPORTED,
                      _("only raw disks can be changed in place over NBD: "
                        "%s is %s"), uri, disk->format);
  /* A read-only export would otherwise be noticed only after the conversion,
   * when the record exists already.
   */
  target = target_nbd_open (uri, 0, TARGET_ZERO_AUTO, 0, err);
  if (target == NULL)
    return -1;
  target_free (target);
  disk->is_nbd = true;
  return alloc_set (&disk->place, uri, err);
}

int
write_back_add (struct write_back *wb, const struct location *location,
                const char *disk_format, struct error *err)
{
  struct write_back_disk *disk = write_back_append (wb);
  const char *path = location_local_path (location);
  const char *uri = location_nbd_uri (location);
  const bool whole = location->part.tar_entry == NULL &&
    location->part.offset == 0 && location->part.length == 0;

  if (disk == NULL)
    return error_nomem (err);
  if (alloc_set (&disk->format, disk_format != NULL ? disk_format : "raw",
                 err) == -1)
    return -1;
  if (strcmp (disk->format, "raw") != 0 && strcmp (disk->format, "qcow2") != 0)
    return error_set (err, REASON_UNSUPPORTED,
                      _("%s images cannot be changed in place, only raw and "
                        "qcow2 ones"), disk->format);
  if (!whole || (path == NULL && uri == NULL))
    return error_set (err, REASON_UNSUPPORTED,
                      _("only local files, devices and NBD exports can be "
                        "changed in place"));
  if ((path != NULL ? add_path (disk, path, err)
                    : add_uri (disk, uri, err)) == -1)
    return -1;
  disk->record = write_back_record_path (location, wb->context, err);
  if (disk->record == NULL || check_directory (disk->record, err) == -1)
    return -1;
  return 0;
}

int
write_back_lock (struct write_back *wb, size_t index,
                 const struct location *location, struct error *err)
{
  struct write_back_disk *disk = &wb->disks.ptr[index];

  disk->lock = place_lock_new (location, disk->format, wb->context, err);
  return disk->lock != NULL ? 0 : -1;
}
