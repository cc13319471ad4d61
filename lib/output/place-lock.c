/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A file or device is locked itself (io/image-lock.c).  NBD has no locks, and
 * what is not there yet cannot be locked, so that an export or a name has a
 * file in the state directory, which other runs of this host see if theirs is
 * the same.
 */

#include <config.h>

#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/events.h"
#include "context.h"
#include "guest/location.h"
#include "io/image-lock.h"
#include "io/lockfile.h"
#include "io/state-dir.h"
#include "output/place-lock.h"
#include "output/place.h"

struct place_lock {
  struct image_lock *image;     /* or NULL */
  struct lockfile *file;        /* or NULL */
};

/* FD may be -1. */
static int
lock_path (struct place_lock *lock, const char *path, int fd,
           const char *image_format, struct error *err)
{
  CLEANUP_FD int opened = fd == -1 ? image_open (path, err) : -1;

  if (fd == -1 && opened == -1)
    return -1;
  lock->image = image_lock_new (fd != -1 ? fd : opened, path,
                                strcmp (image_format, "raw") == 0
                                ? IMAGE_LOCK_WRITE : IMAGE_LOCK_FOR_QEMU,
                                err);
  return lock->image != NULL ? 0 : -1;
}

/* PLACE is told apart from others; it is called WHAT. */
static int
lock_place (struct place_lock *lock, const char *place, const char *what,
            const struct launch_context *context, struct error *err)
{
  CLEANUP_ERROR struct error no_place = ERROR_INIT;
  CLEANUP_FREE char *dir = state_dir_open (context->settings, &no_place);
  CLEANUP_FREE char *path = NULL;
  char digest[DIGEST_HEX_MAX];

  if (digest_of (place, strlen (place), DIGEST_SHA256, digest, err) == -1)
    return -1;
  if (dir == NULL) {
    events_say (context->events, EVENT_DEBUG, -1,
                "there is no place for locks: %s", no_place.message);
    return 0;
  }
  path = format (err, "%s/%s.lock", dir, digest);
  if (path == NULL)
    return -1;
  lock->file = lockfile_new (path, what, context->guard, context->supervisor,
                             err);
  return lock->file != NULL ? 0 : -1;
}

static int
lock_uri (struct place_lock *lock, const char *uri,
          const struct launch_context *context, struct error *err)
{
  CLEANUP_FREE char *place = place_of_uri (uri, err);

  return place == NULL ? -1 : lock_place (lock, place, uri, context, err);
}

struct place_lock *
place_lock_new_name (struct file_at at, const struct launch_context *context,
                     struct error *err)
{
  struct place_lock *lock = alloc_zero (sizeof *lock, err);
  CLEANUP_FREE char *place = NULL;
  struct stat st;

  if (lock == NULL)
    return NULL;
  if (fstat (at.dir_fd, &st) == -1)
    error_errno (err, REASON_WRITE, "%s", at.path);
  else
    place = format (err, "name %ju:%ju %s", (uintmax_t) st.st_dev,
                    (uintmax_t) st.st_ino, at.name);
  if (place != NULL && lock_place (lock, place, at.path, context, err) == 0)
    return lock;
  place_lock_free (lock);
  return NULL;
}

struct place_lock *
place_lock_new (const struct location *location, int fd,
                const char *image_format,
                const struct launch_context *context, struct error *err)
{
  const char *path = location_local_path (location);
  const char *uri = location_nbd_uri (location);
  struct place_lock *lock = alloc_zero (sizeof *lock, err);

  if (lock == NULL)
    return NULL;
  if (path != NULL)
    lock_path (lock, path, fd, image_format, err);
  else if (uri != NULL)
    lock_uri (lock, uri, context, err);
  if (!error_is_set (err))
    return lock;
  place_lock_free (lock);
  return NULL;
}

void
place_lock_free (struct place_lock *lock)
{
  if (lock == NULL)
    return;
  image_lock_free (lock->image);
  lockfile_free (lock->file);
  free (lock);
}
