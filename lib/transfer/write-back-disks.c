/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Holds the disks of a run that writes back; decides whether a disk can be
 * written back to, and notes what tells it from other disks.
 * Records are left to write-back-place.c, -record.c and -find.c, writing to
 * write-back.c.
 */

#include <config.h>

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/argv.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/local-file.h"
#include "context.h"
#include "guest/location.h"
#include "image/image.h"
#include "io/disk-identity.h"
#include "io/image-lock.h"
#include "io/reader.h"
#include "io/state-dir.h"
#include "output/place-lock.h"
#include "settings.h"
#include "target/target.h"
#include "transfer/changed-extents.h"
#include "transfer/write-back-disks.h"

#define BESIDE ".v2v-in-place"
/* In an overlay's identity: a new owner or label does not matter. */
#define WRITTEN " written="

struct write_back *
write_back_new (const char *command, const struct launch_context *context,
                struct error *err)
{
  CLEANUP_WRITE_BACK struct write_back *wb = alloc_zero (sizeof *wb, err);
  const char *dir = context->settings->overlay_dir;

  if (wb == NULL)
    return NULL;
  wb->context = context;
  if (digest_of (command, strlen (command), DIGEST_SHA256, wb->command,
                 err) == -1)
    return NULL;
  if (file_system_is_lasting (dir))
    return STEAL (wb);
  error_set (err, REASON_UNSUPPORTED,
             _("%s is in memory (tmpfs): after a crash of the host the "
               "overlays would be gone, and with them what --in-place had "
               "not yet written to the disks"), dir);
  error_hint (err, _("name a directory on a disk with --overlay-dir DIR"));
  return NULL;
}

static void
free_disk (struct write_back_disk *disk)
{
  place_lock_free (disk->lock);
  close_if_open (disk->fd);
  free (disk->place);
  free (disk->format);
  free (disk->identity);
  free (disk->device);
  free (disk->beside);
  free (disk->overlay);
  free (disk->overlay_identity);
  samples_reset (&disk->samples);
}

void
write_back_free (struct write_back *wb)
{
  if (wb == NULL)
    return;
  for (size_t i = 0; i < wb->disks.len; i++)
    free_disk (&wb->disks.ptr[i]);
  write_back_disks_reset (&wb->disks);
  argv_reset (&wb->records);
  free (wb->id);
  free (wb->dir);
  free (wb->state_dir);
  free (wb);
}

struct write_back_disk *
write_back_append (struct write_back *wb, struct error *err)
{
  struct write_back_disks *disks = &wb->disks;

  if (write_back_disks_append (disks, (struct write_back_disk) {
        .fd = -1 }) == 0)
    return &disks->ptr[disks->len - 1];
  error_nomem (err);
  return NULL;
}

struct reader *
write_back_read (const struct write_back *wb,
                 const struct write_back_disk *disk, struct error *err)
{
  return disk->is_nbd
    ? reader_nbd_new (disk->place, wb->context->settings->startup_timeout_s,
                      wb->context->supervisor, err)
    : reader_fd_new (disk->fd, disk->place, err);
}

char *
write_back_overlay_identity (const struct write_back *wb, size_t index,
                             struct error *err)
{
  CLEANUP_FREE char *path = format (err, "%s/%s", wb->dir,
                                    wb->disks.ptr[index].overlay);
  CLEANUP_FREE char *identity = NULL;
  struct stat st;

  if (path == NULL)
    return NULL;
  if (lstat (path, &st) == -1) {
    error_errno (err, REASON_NOT_FOUND, "%s", path);
    return NULL;
  }
  identity = disk_identity_of_path (path, DISK_IDENTITY_DISK, err);
  return identity == NULL ? NULL
    : format (err, "%s" WRITTEN "%jd.%09ld bytes=%jd", identity,
              (intmax_t) st.st_mtim.tv_sec, st.st_mtim.tv_nsec,
              (intmax_t) st.st_size);
}

bool
write_back_same_overlay (const char *before, const char *now)
{
  const char *a = strstr (before, WRITTEN), *b = strstr (now, WRITTEN);

  return a != NULL && b != NULL && strcmp (a, b) == 0 &&
    disk_identity_same (before, now);
}

/*--- Names and identities. ---*/

static int
name_uri (struct write_back_disk *disk, const char *uri, struct error *err)
{
  disk->is_nbd = true;
  return alloc_set (&disk->place, uri, err);
}

/* The record of a file must be found through any symbolic link.  The name
 * of a device may change when the host boots, but links to it do not.
 */
static int
name_path (struct write_back_disk *disk, const char *path, bool is_file,
           struct error *err)
{
  disk->place = is_file ? realpath (path, NULL) : strdup (path);
  if (disk->place == NULL)
    return error_errno (err, REASON_NOT_FOUND, "%s", path);
  if (!is_file)
    return 0;
  disk->beside = format (err, "%s" BESIDE, disk->place);
  return disk->beside != NULL ? 0 : -1;
}

static int
identify (struct write_back_disk *disk, struct error *err)
{
  disk->identity = disk->fd != -1
    ? disk_identity_of_fd (disk->fd, DISK_IDENTITY_DISK, err)
    : disk_identity_of_path (disk->place, DISK_IDENTITY_DISK, err);
  if (disk->identity == NULL)
    return -1;
  if (disk->beside == NULL && strstr (disk->identity, " id=") == NULL)
    disk->device = realpath (disk->place, NULL);
  return 0;
}

int
write_back_add_named (struct write_back *wb, const struct location *location,
                      struct error *err)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  const char *path = location_local_path (location);
  const char *uri = location_nbd_uri (location);
  struct write_back_disk *disk;
  struct stat st;

  if (path == NULL && uri == NULL)
    return 0;
  if (path != NULL && stat (path, &st) == -1)
    return 0;
  disk = write_back_append (wb, err);
  if (disk == NULL)
    return -1;
  if (path == NULL)
    return name_uri (disk, uri, err);
  if (name_path (disk, path, !S_ISBLK (st.st_mode), err) == -1)
    return -1;
  /* What cannot be identified can still have a record by its name. */
  identify (disk, &ignored);
  return 0;
}

int
write_back_note_copy (struct write_back *wb, const struct location *source,
                      const struct changed_extents *extents,
                      struct error *err)
{
  const struct ranges *ranges = &extents->ranges;
  const char *path = location_local_path (source);
  CLEANUP_FREE char *what = location_describe (source, err);
  CLEANUP_FREE char *identity = path == NULL ? NULL
    : disk_identity_of_path (path, DISK_IDENTITY_CONTENT, err);
  CLEANUP_DIGESTER struct digester *digester =
    digester_new (DIGEST_SHA256, err);

  if (what == NULL || (path != NULL && identity == NULL) ||
      digester == NULL ||
      digester_add (digester, wb->copied, strlen (wb->copied) + 1,
                    err) == -1 ||
      digester_add (digester, what, strlen (what) + 1, err) == -1 ||
      (identity != NULL &&
       digester_add (digester, identity, strlen (identity) + 1,
                     err) == -1) ||
      (ranges->len > 0 &&
       digester_add (digester, ranges->ptr, ranges->len * sizeof *ranges->ptr,
                     err) == -1))
    return -1;
  digester_end (digester, wb->copied);
  return 0;
}

/*--- Adding disks. ---*/

static int
add_uri (struct write_back *wb, struct write_back_disk *disk, const char *uri,
         struct error *err)
{
  CLEANUP_READER struct reader *reader = NULL;
  struct target *target;

  if (strcmp (disk->format, "raw") != 0)
    return error_set (err, REASON_UNSUPPORTED,
                      _("only raw disks can be changed in place over NBD: "
                        "%s is %s"), uri, disk->format);
  /* A read-only export would otherwise be noticed only after the conversion,
   * when the record exists already.
   */
  target = target_nbd_open (uri, 0, TARGET_ZERO_AUTO, 0,
                            wb->context->supervisor, err);
  if (target == NULL)
    return -1;
  target_free (target);
  if (name_uri (disk, uri, err) == -1)
    return -1;
  reader = write_back_read (wb, disk, err);
  if (reader == NULL) {
    error_hint (err, _("--in-place connects several times: the server must go "
                       "on when a client leaves (qemu-nbd --persistent)"));
    return -1;
  }
  disk->identity = format (err, "nbd size=%" PRIu64, reader->size);
  return disk->identity != NULL ? 0 : -1;
}

/* What is written to is what was opened to be read, whatever has the name by
 * now.
 */
static int
open_disk (struct write_back_disk *disk, const struct location *location,
           int fd, struct error *err)
{
  const char *path = location->path;
  struct stat st;

  disk->fd = fd == -1 ? image_open (path, err)
                      : fcntl (fd, F_DUPFD_CLOEXEC, 0);
  if (disk->fd == -1 || fstat (disk->fd, &st) == -1)
    return error_is_set (err) ? -1 : error_errno (err, REASON_WRITE, "%s",
                                                  path);
  return location->file == NULL || local_file_is (location->file, &st) ? 0
    : error_set (err, REASON_TARGET_CHANGED,
                 _("%s was replaced after this run opened it"), path);
}

/* To read what a link leads to is one thing; it is written to only if no other
 * user can have put the link there.
 */
static int
check_names (const struct location *location, struct error *err)
{
  CLEANUP_FREE char *real =
    image_real_path (location->named != NULL ? location->named
                     : location->path, err);

  if (real == NULL)
    return -1;
  return location->named == NULL || strcmp (real, location->path) == 0 ? 0
    : error_set (err, REASON_TARGET_CHANGED,
                 _("%s no longer leads to %s"), location->named,
                 location->path);
}

static int
add_path (struct write_back_disk *disk, const struct location *location,
          int fd, struct error *err)
{
  const char *path = location->path;
  struct stat st;
  bool is_file;

  if (stat (path, &st) == -1)
    return error_errno (err, REASON_NOT_FOUND, "%s", path);
  is_file = S_ISREG (st.st_mode);
  if (!is_file && !S_ISBLK (st.st_mode))
    return error_set (err, REASON_UNSUPPORTED,
                      _("%s is neither a file nor a block device"), path);
  if (path[0] != '/' && !is_file)
    return error_set (err, REASON_USAGE,
                      _("%s: the path of a device must be absolute"), path);
  if (check_names (location, err) == -1 ||
      open_disk (disk, location, fd, err) == -1 ||
      name_path (disk, path, is_file, err) == -1)
    return -1;
  return identify (disk, err);
}

static int
refuse_format (const char *name, struct error *err)
{
  error_set (err, REASON_UNSUPPORTED,
             _("%s images cannot be changed in place, only raw and qcow2 "
               "ones"), image_format_for_people (name));
  error_hint (err, _("copy it to a raw or qcow2 disk and convert that: give "
                     "-o disk -os DIR with --convert, instead of "
                     "--in-place"));
  return -1;
}

int
write_back_add (struct write_back *wb, const struct location *location,
                int fd, const char *disk_format, struct error *err)
{
  struct write_back_disk *disk = write_back_append (wb, err);
  const char *path = location_local_path (location);
  const char *uri = location_nbd_uri (location);
  const bool whole = location->part.tar_entry == NULL &&
    location->part.offset == 0 && location->part.length == 0;

  if (disk == NULL ||
      alloc_set (&disk->format, disk_format != NULL ? disk_format : "raw",
                 err) == -1)
    return -1;
  if (strcmp (disk->format, "raw") != 0 && strcmp (disk->format, "qcow2") != 0)
    return refuse_format (disk->format, err);
  if (!whole || (path == NULL && uri == NULL))
    return error_set (err, REASON_UNSUPPORTED,
                      _("only local files, devices and NBD exports can be "
                        "changed in place"));
  return path != NULL ? add_path (disk, location, fd, err)
                      : add_uri (wb, disk, uri, err);
}

int
write_back_lock (struct write_back *wb, size_t index,
                 const struct location *location, struct error *err)
{
  struct write_back_disk *disk = &wb->disks.ptr[index];

  disk->lock = place_lock_new (location, disk->fd, disk->format, wb->context,
                               err);
  return disk->lock != NULL ? 0 : -1;
}
