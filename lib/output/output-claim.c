/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Which targets a run may write to: not a source, none twice, and none that
 * another run or program has.  Whether two places are one is place.c's matter,
 * how one is locked place-lock.c's.
 */

#include <config.h>

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/ownership.h"
#include "base/trust.h"
#include "context.h"
#include "guest/guest.h"
#include "io/image-lock.h"
#include "output/output-internal.h"
#include "output/output.h"
#include "output/part-dir.h"
#include "output/place-lock.h"
#include "output/place.h"

struct output_claim {
  const struct output_ops *ops;
  const struct output_settings *settings;
  const struct launch_context *context;
  bool committed;
  struct part_dir *name;        /* of outputs of new files */
  struct place_lock **places;   /* one for each disk, or NULL */
  unsigned n;
};

/*--- Places. ---*/

/* Is PATH in NAME.part of -os?  All that is there is this run's. */
static bool
is_in_part_dir (const struct output *output, const char *path)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  const char *slash = strrchr (path, '/');
  const int len = slash == NULL ? 0 : (int) (slash + 1 - path);
  CLEANUP_FREE char *dir = format (&ignored, "%.*s.", len, path);
  CLEANUP_FREE char *part = format (&ignored, "%s.part",
                                    output->guest->name);
  struct stat st, st_part;

  return dir != NULL && part != NULL && output->dir_fd != -1 &&
    stat (dir, &st) == 0 &&
    fstatat (output->dir_fd, part, &st_part, AT_SYMLINK_NOFOLLOW) == 0 &&
    st.st_dev == st_part.st_dev && st.st_ino == st_part.st_ino;
}

/* Also its unfinished file, which --resume may remove to begin again. */
static bool
is_target (const struct output *output, unsigned index,
           const struct location *source)
{
  const struct location *target = &output->disks[index].location;
  const char *path = location_local_path (source);
  const char *part = output->disks[index].part_path;

  if (place_same (source, target))
    return true;
  if (path == NULL || !output->ops->makes_files)
    return false;
  return (part != NULL && place_same_name (path, part)) ||
    is_in_part_dir (output, path);
}

static int
refuse_source (const struct output *output, unsigned index,
               struct error *err)
{
  const struct disks *disks = &output->guest->disks;

  for (size_t i = 0; i < disks->len; i++)
    if (is_target (output, index, &disks->ptr[i].location)) {
      error_set (err, REASON_USAGE, _("%s is also a source disk"),
                 output_target (output, index));
      error_hint (err, _("choose another target, or another name for the copy "
                         "with -on NAME"));
      return -1;
    }
  return 0;
}

int
output_refuse_place (const struct output *output, unsigned index,
                     struct error *err)
{
  for (unsigned i = 0; i < index; i++)
    if (place_same (&output->disks[i].location,
                    &output->disks[index].location)) {
      error_set (err, REASON_USAGE,
                 _("two disks have the same target: %s and %s"),
                 output_target (output, i), output_target (output, index));
      error_hint (err, _("each disk needs a target of its own"));
      return -1;
    }
  return refuse_source (output, index, err);
}

int
output_refuse_name (const struct output *output, const char *path,
                    const char *target, struct error *err)
{
  if (!place_same_name (path, target) &&
      !(output->ops->makes_files && is_in_part_dir (output, path)))
    return 0;
  error_set (err, REASON_USAGE, _("%s is a file that this run writes"),
             path);
  error_hint (err, _("choose another file, or another name for the copy with "
                     "-on NAME"));
  return -1;
}

int
output_refuse_path (const struct output *output, const char *path,
                    struct error *err)
{
  CLEANUP_FREE char *document = NULL;

  for (unsigned i = 0; i < output->n; i++) {
    const char *target = location_local_path (&output->disks[i].location);
    const char *part = output->disks[i].part_path;

    if (target != NULL &&
        (output_refuse_name (output, path, target, err) == -1 ||
         (part != NULL &&
          output_refuse_name (output, path, part, err) == -1))) {
      err->disk = (int) i;
      return -1;
    }
  }
  if (output->settings->existing)
    return 0;
  document = output_document_path (output, err);
  if (error_is_set (err))
    return -1;
  return document == NULL ? 0
    : output_refuse_name (output, path, document, err) == -1 ? -1
    : output_document_refuse_stale (output, path, err);
}

/*--- Locks. ---*/

static int
claim_name (struct output_claim *claim, struct output *output,
            struct error *err)
{
  const char *guest = output->guest->name;
  CLEANUP_FREE char *name = format (err, "%s.part", guest);
  CLEANUP_FREE char *path = format (err, "%s/%s.part", output->dir, guest);
  CLEANUP_FREE char *what = format (err, "%s/%s", output->dir, guest);

  if (name == NULL || path == NULL || what == NULL)
    return -1;
  claim->name = part_dir_new ((struct file_at) {
      .dir_fd = output->dir_fd, .name = name, .path = path,
    }, what, output->context, err);
  output->part_dir = claim->name;
  return claim->name != NULL ? 0 : -1;
}

/* Nothing but a file is replaced by renaming. */
static int
refuse_directory (struct file_at at, struct error *err)
{
  struct stat st;

  return fstatat (at.dir_fd, at.name, &st, AT_SYMLINK_NOFOLLOW) == -1 ||
    !S_ISDIR (st.st_mode) ? 0
    : error_set (err, REASON_WRITE, _("%s is a directory"), at.path);
}

/* Open what has the name, which may be a symbolic link that we or root made.
 * -1 with errno, ELOOP: it is another's link.
 */
int
output_open_trusted (struct file_at at, int flags)
{
  struct stat st;
  const bool is_link =
    fstatat (at.dir_fd, at.name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
    S_ISLNK (st.st_mode);

  return openat (at.dir_fd, at.name, flags|O_NONBLOCK|O_NOCTTY|O_CLOEXEC|
                 (is_link && directory_is_trusted (at.dir_fd) &&
                  link_may_be_followed (&st, at.dir_fd) ? 0 : O_NOFOLLOW));
}

/* A guest that runs would go on with a file that has no name any more, and
 * what it writes would be lost.
 */
static int
refuse_running (struct file_at at, struct error *err)
{
  CLEANUP_FD int fd = output_open_trusted (at, O_RDONLY);
  CLEANUP_FREE char *holder = NULL;

  if (!image_fd_is_written (fd, &holder))
    return 0;
  error_set (err, REASON_TARGET_BUSY,
             _("%s is in use by another program (%s)"), at.path,
             holder != NULL ? holder : "?");
  error_hint (err, _("give the copy another name with -on NAME, or shut down "
                     "the guest that has this disk"));
  return -1;
}

/*--- Targets that exist. ---*/

static int
refuse_existing (struct file_at at, const char *why, struct error *err)
{
  error_set (err, REASON_TARGET_CHANGED, "%s %s", at.path, why);
  error_hint (err, _("changed extents are written to a copy that this program "
                     "has made: a regular file with one name, which no other "
                     "user can have put there"));
  return -1;
}

/* In a directory where others can make files it must be ours. */
static int
check_existing (int fd, struct file_at at, struct error *err)
{
  const char *problem = NULL;
  struct stat st;

  if (fstat (fd, &st) == -1)
    return error_errno (err, REASON_WRITE, "%s", at.path);
  if (!S_ISREG (st.st_mode))
    return error_set (err, REASON_WRITE, _("%s is not a regular file"),
                      at.path);
  if (st.st_nlink > 1)
    problem = _("has several names (hard links)");
  else if (!directory_is_trusted (at.dir_fd) && st.st_uid != 0)
    problem = ownership_problem (at.dir_fd, &st);
  return problem == NULL ? 0 : refuse_existing (at, problem, err);
}

/* Opening the disk says that there is no such file, and what to do. */
static int
open_existing (struct output *output, unsigned index, struct error *err)
{
  const struct file_at at = output_final (output, index);
  CLEANUP_FD int fd = output_open_trusted (at, O_RDWR);

  if (fd == -1 && errno == ENOENT)
    return 0;
  if (fd == -1 && errno == ELOOP)
    return refuse_existing (at, _("is a symbolic link that another user may "
                                  "have made"), err);
  if (fd == -1)
    return error_errno (err, REASON_WRITE, _("cannot write to %s"), at.path);
  if (check_existing (fd, at, err) == -1)
    return -1;
  output->disks[index].fd = STEAL_FD (fd);
  return 0;
}

static int
open_target (struct output *output, unsigned index, struct error *err)
{
  struct output_disk_state *disk = &output->disks[index];

  if (output->ops->makes_files)
    return open_existing (output, index, err);
  if (location_local_path (&disk->location) == NULL)
    return 0;
  disk->fd = image_open (disk->location.path, err);
  return disk->fd != -1 ? 0 : -1;
}

/* The guest's name, which is locked, stands for the names of its disks, unless
 * the user has named them.
 */
static int
claim_new (struct output_claim *claim, const struct output *output,
           unsigned index, struct error *err)
{
  const struct file_at at = output_final (output, index);

  if (refuse_directory (at, err) == -1 || refuse_running (at, err) == -1)
    return -1;
  if (!output_names_given (output))
    return 0;
  claim->places[index] = place_lock_new_name (at, output->context, err);
  return claim->places[index] != NULL ? 0 : -1;
}

static int
claim_disk (struct output_claim *claim, struct output *output,
            unsigned index, struct error *err)
{
  const struct output_disk_state *disk = &output->disks[index];
  const char *path = location_local_path (&disk->location);

  if (output->ops->makes_files && !output->settings->existing)
    return claim_new (claim, output, index, err);
  if (open_target (output, index, err) == -1)
    return -1;
  if (path != NULL && disk->fd == -1)
    return 0;
  claim->places[index] = place_lock_new (&disk->location, disk->fd,
                                         output->format, output->context,
                                         err);
  return claim->places[index] != NULL ? 0 : -1;
}

static int
claim_all (struct output_claim *claim, struct output *output,
           struct error *err)
{
  if (output->ops->makes_files &&
      (claim_name (claim, output, err) == -1 ||
       (!output->settings->existing &&
        output_document_check (output, REASON_USAGE, err) == -1)))
    return -1;
  for (unsigned i = 0; i < output->n && output->ops->locate != NULL; i++)
    if (claim_disk (claim, output, i, err) == -1) {
      err->disk = (int) i;
      return -1;
    }
  return 0;
}

struct output_claim *
output_claim_new (struct output *output, struct error *err)
{
  struct output_claim *claim = alloc_zero (sizeof *claim, err);

  if (claim == NULL)
    return NULL;
  claim->ops = output->ops;
  claim->settings = output->settings;
  claim->context = output->context;
  claim->n = output->n;
  claim->places = alloc_zero ((output->n + 1) * sizeof *claim->places, err);
  if (claim->places != NULL && claim_all (claim, output, err) == 0) {
    output->claim = claim;
    return claim;
  }
  output_claim_free (claim);
  return NULL;
}

void
output_claim_commit (struct output_claim *claim)
{
  claim->committed = true;
}

void
output_claim_free (struct output_claim *claim)
{
  if (claim == NULL)
    return;
  for (unsigned i = 0; claim->places != NULL && i < claim->n; i++)
    place_lock_free (claim->places[i]);
  part_dir_free (claim->name);
  if (claim->committed && claim->ops->released != NULL)
    claim->ops->released (claim->settings, claim->context);
  free (claim->places);
  free (claim);
}
