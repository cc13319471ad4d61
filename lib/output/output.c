/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What all outputs have in common: the table of them, checking the settings,
 * opening, closing and committing targets, removing what was not committed,
 * and serving the targets, through a qemu-nbd, to whoever reads them back.
 * Where they are and how they are opened is left to output-KIND.c.
 */

#include <config.h>

#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/suggest.h"
#include "context.h"
#include "guest/guest.h"
#include "io/disk-identity.h"
#include "output/output-internal.h"
#include "output/output.h"
#include "output/part-dir.h"
#include "settings.h"

/* Everything is read, nothing is written, so there is no target. */
static const struct output_option no_options[] = { { .name = NULL } };
static const struct output_ops null_ops = { .options = no_options };

const char *const output_modes[] = {
  "device", "disk", "kubevirt", "libvirt", "local", "nbd", "null", "qemu",
  NULL
};

/* In the same order. */
static const struct output_ops *const mode_ops[] = {
  &output_device_ops, &output_disk_ops, &output_kubevirt_ops,
  &output_libvirt_ops, &output_disk_ops, &output_nbd_ops, &null_ops,
  &output_qemu_ops, NULL
};
_Static_assert (ARRAY_LEN (mode_ops) == ARRAY_LEN (output_modes),
                "each mode has its functions");

static const struct output_ops *
find_ops (const char *mode)
{
  size_t i = 0;

  while (output_modes[i] != NULL && strcmp (output_modes[i], mode) != 0)
    i++;
  return mode_ops[i];
}

const struct output_option *
output_options (const char *mode)
{
  return find_ops (mode)->options;
}

const char *
output_nth_option (const struct output *output, const char *key,
                   unsigned index)
{
  const struct argv *options = &output->settings->options;

  for (size_t i = 0; i < options->len; i++) {
    const char *value = key_value (options->ptr[i], key);

    if (value != NULL && index-- == 0)
      return value;
  }
  return NULL;
}

int
output_word_option (const struct output *output, const char *key,
                    const char *words, unsigned *ret, struct error *err)
{
  const struct argv *options = &output->settings->options;
  const char *value = argv_contains (options, key) ? ""
    : argv_value (options, key);
  CLEANUP_FREE char *copy = alloc_copy (words, err);
  CLEANUP_FREE char *option = format (err, "-oo %s=", key);
  struct suggest suggest = SUGGEST_INIT (value);
  char *rest = copy, *word;

  if (copy == NULL || option == NULL)
    return -1;
  if (value == NULL)
    return 0;
  for (unsigned i = 0; (word = strsep (&rest, "|")) != NULL; i++) {
    if (strcmp (word, value) == 0) {
      *ret = i;
      return 0;
    }
    suggest_try (&suggest, word);
  }
  error_set (err, REASON_USAGE, _("-oo %s: '%s' is none of %s"), key, value,
             words);
  if (suggest.best != NULL)
    suggest_hint (&suggest, option, "", err);
  return -1;
}

int
output_once_for_each (const struct output *output, const char *key,
                      const char *hint, struct error *err)
{
  unsigned n = 0;

  while (output_nth_option (output, key, n) != NULL)
    n++;
  if (n == output->n)
    return 0;
  error_set (err, REASON_USAGE,
             _("-o %s needs one '-oo %s=...' for each disk: the guest "
               "has %u, %u were given"),
             output->settings->mode, key, output->n, n);
  error_hint (err, "%s", hint);
  return -1;
}

int
output_each_or_none (const struct output *output, const char *key,
                     struct error *err)
{
  if (output_nth_option (output, key, 0) == NULL)
    return 0;
  return output_once_for_each (output, key,
                               _("give one for each disk, in order, or none"),
                               err) == -1 ? -1 : 1;
}

const char *
output_instead (const char *mode, const char *key)
{
  const struct output_option *row = find_ops (mode)->refused;

  for (; row != NULL && row->name != NULL; row++)
    if (strcmp (row->name, key) == 0)
      return _(row->help);
  return NULL;
}

bool
output_describes_guest (const char *mode)
{
  const struct output_ops *ops = find_ops (mode);

  return ops->document != NULL || ops->definition != NULL;
}

static int
check_settings (struct output *output, struct error *err)
{
  const struct output_settings *settings = output->settings;

  if (!output->ops->makes_files && settings->storage != NULL)
    return error_set (err, REASON_USAGE,
                      _("-os is for outputs that make files, which -o %s "
                        "does not"), settings->mode);
  if (!output->ops->makes_files && settings->preallocated)
    return error_set (err, REASON_USAGE,
                      _("-oa preallocated is for new files, which -o %s does "
                        "not make"), settings->mode);
  if (!output->ops->takes_qcow2 && settings->format != OUTPUT_RAW)
    return error_set (err, REASON_USAGE,
                      _("-of qcow2 cannot be used with -o %s"),
                      settings->mode);
  if (settings->existing && settings->preallocated)
    return error_set (err, REASON_USAGE,
                      _("-oa preallocated is for new files, "
                        "--changed-extents for existing ones"));
  return output->ops->check != NULL ? output->ops->check (output, err) : 0;
}

struct output *
output_new (const struct output_settings *settings,
            const struct guest *guest, const struct launch_context *context,
            struct error *err)
{
  struct output *output = alloc_zero (sizeof *output, err);

  if (output == NULL)
    return NULL;
  output->ops = find_ops (settings->mode);
  output->settings = settings;
  output->format = settings->format == OUTPUT_QCOW2 ? "qcow2" : "raw";
  output->guest = guest;
  output->context = context;
  output->n = (unsigned) guest->disks.len;
  output->dir_fd = -1;
  output->disks = alloc_zero ((output->n + 1) * sizeof *output->disks, err);
  for (unsigned i = 0; output->disks != NULL && i < output->n; i++)
    output->disks[i].fd = output->disks[i].part_fd =
      output->disks[i].old_fd = -1;
  if (output->disks != NULL && check_settings (output, err) == 0)
    return output;
  output_free (output);
  return NULL;
}

static void
close_disk (struct output_disk_state *disk)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  const bool failed = disk->target != NULL &&
    target_failure (disk->target, &ignored) == -1;

  target_free (disk->target);
  disk->target = NULL;
  if (failed && disk->server != NULL)
    qemu_nbd_abandon (disk->server);
  qemu_nbd_free (disk->server);
  disk->server = NULL;
  qemu_nbd_free (disk->reader);
  disk->reader = NULL;
}

void
output_free (struct output *output)
{
  if (output == NULL)
    return;
  for (unsigned i = 0; output->disks != NULL && i < output->n; i++) {
    struct output_disk_state *disk = &output->disks[i];

    close_disk (disk);
    target_free (disk->tried);
    if (output->ops->forget != NULL)
      output->ops->forget (output, i, output->keep);
    close_if_open (disk->fd);
    close_if_open (disk->old_fd);
    free (disk->part_path);
    location_reset (&disk->location);
  }
  close_if_open (output->dir_fd);
  free (output->dir);
  free (output->storage);
  free (output->disks);
  free (output);
}

int
output_check (struct output *output, struct error *err)
{
  for (unsigned i = 0; output->ops->locate != NULL && i < output->n; i++)
    if (output->ops->locate (output, i, &output->disks[i].location,
                             err) == -1 ||
        output_refuse_place (output, i, err) == -1) {
      err->disk = (int) i;
      return -1;
    }
  return output->settings->existing ? 0
    : output_document_try (output, err);
}

/* Is what is copied to made by this run?  That can only be tried. */
static bool
is_made (const struct output *output)
{
  return !output->settings->existing &&
    (!output->ops->existing || output->settings->format == OUTPUT_QCOW2);
}

int
output_try_disk (struct output *output, unsigned index, uint64_t size,
                 const char *socket_dir, enum output_how how,
                 struct error *err)
{
  struct target *target;

  if (is_made (output))
    return output->ops->try_new != NULL
      ? output->ops->try_new (output, index, size, how, err) : 0;
  if (output_open_disk (output, index, size, socket_dir, how, &target,
                        err) == -1)
    return -1;
  if (output->ops->reopen != NULL)
    output->disks[index].tried = STEAL (output->disks[index].target);
  else
    close_disk (&output->disks[index]);
  return 0;
}

/* What output_try_disk has opened, if it is still of use. */
static bool
reopen (struct output *output, unsigned index, uint64_t size,
        enum output_how how)
{
  struct output_disk_state *disk = &output->disks[index];

  if (disk->tried == NULL)
    return false;
  disk->target = STEAL (disk->tried);
  if (output->ops->reopen (output, index, size, how))
    return true;
  close_disk (disk);
  return false;
}

int
output_open_disk (struct output *output, unsigned index, uint64_t size,
                  const char *socket_dir, enum output_how how,
                  struct target **ret, struct error *err)
{
  close_disk (&output->disks[index]);
  *ret = NULL;
  if (!reopen (output, index, size, how) && output->ops->open != NULL &&
      output->ops->open (output, index, size, socket_dir, how, err) == -1) {
    err->disk = (int) index;
    return -1;
  }
  output->disks[index].opened_size = size;
  *ret = output->disks[index].target;
  return 0;
}

/* Everything has been flushed; it is seen here that nobody met an error since
 * then, or dropped one.  qemu-nbd writes a qcow2 file's metadata when it ends.
 */
static int
end_disk (const struct output *output, unsigned index, struct error *err)
{
  struct output_disk_state *disk = &output->disks[index];
  int r = disk->target != NULL ? target_finish (disk->target, err) : 0;

  target_free (disk->target);
  disk->target = NULL;
  if (r == 0 && disk->server != NULL)
    r = qemu_nbd_end (disk->server, output->context->settings->stall_timeout_s,
                      err);
  if (r == -1)
    err->disk = (int) index;
  return r;
}

int
output_close (struct output *output, struct error *err)
{
  int r = output_server_check (output, err);

  for (unsigned i = 0; r == 0 && i < output->n; i++)
    r = end_disk (output, i, err);
  for (unsigned i = 0; r == 0 && i < output->n; i++)
    close_disk (&output->disks[i]);
  return r;
}

int
output_commit (struct output *output, struct error *err)
{
  if (output_close (output, err) == -1 ||
      (output->ops->commit != NULL &&
       output->ops->commit (output, err) == -1))
    return -1;
  if (output->claim != NULL)
    output_claim_commit (output->claim);
  return 0;
}

bool
output_tidy (struct output *output)
{
  if (output->settings->existing || output->ops->tidy == NULL)
    return false;
  output->ops->tidy (output);
  return true;
}

void
output_give_back (struct output *output, unsigned index)
{
  close_disk (&output->disks[index]);
  if (output->ops->forget != NULL)
    output->ops->forget (output, index, false);
}

bool
output_makes_files (const struct output *output)
{
  return output->ops->makes_files && !output->settings->existing;
}

const char *
output_write_once (const struct output *output)
{
  return output->ops->open == NULL ? _("-o null stores nothing")
    : output->compression != TARGET_UNCOMPRESSED
    ? _("compressed qcow2 images can be written only once")
    : output->ops->existing && output->settings->format == OUTPUT_QCOW2
    ? _("qcow2 images on devices are written only once") : NULL;
}

bool
output_replaces (const struct output *output)
{
  return output->settings->existing || !output->ops->never_replaces;
}

void
output_may_replace (struct output *output, unsigned index)
{
  struct output_disk_state *disk = &output->disks[index];
  struct file_at at;

  if (output_replaces (output) || disk->old_fd != -1)
    return;
  at = output_final (output, index);
  disk->old_fd = openat (at.dir_fd, at.name, O_PATH|O_NOFOLLOW|O_CLOEXEC);
}

bool
output_has_left (const struct output *output)
{
  return output->part_dir != NULL && part_dir_has_files (output->part_dir);
}

void
output_drop_left (const struct output *output)
{
  if (output->part_dir != NULL)
    part_dir_clear (output->part_dir);
}

unsigned
output_disk_count (const struct output *output)
{
  return output->n;
}

void
output_keep (struct output *output)
{
  output->keep = true;
}

const char *
output_part (const struct output *output, unsigned index)
{
  const struct output_disk_state *disk = &output->disks[index];

  return disk->has_part ? disk->part_path : NULL;
}

struct file_at
output_part_file (const struct output *output, unsigned index)
{
  const char *path = output->disks[index].part_path;

  return (struct file_at) {
    .dir_fd = part_dir_fd (output->part_dir),
    .name = strrchr (path, '/') + 1, .path = path,
  };
}

struct file_at
output_final (const struct output *output, unsigned index)
{
  const char *path = output->disks[index].location.path;

  return (struct file_at) {
    .dir_fd = output->dir_fd, .name = strrchr (path, '/') + 1, .path = path,
  };
}

/* The file or device that is written, open or not: the caller closes RET.
 * 0: it does not exist.
 */
static int
open_written (const struct output *output, unsigned index, int *ret,
              struct error *err)
{
  const struct output_disk_state *disk = &output->disks[index];
  struct file_at at = { .path = disk->location.path };

  if (disk->fd != -1)
    *ret = fcntl (disk->fd, F_DUPFD_CLOEXEC, 0);
  else if (disk->part_fd != -1)
    *ret = fcntl (disk->part_fd, F_DUPFD_CLOEXEC, 0);
  else if (disk->part_path != NULL && output->part_dir != NULL) {
    at = output_part_file (output, index);
    *ret = openat (at.dir_fd, at.name, O_RDONLY|O_NOFOLLOW|O_NONBLOCK|
                   O_NOCTTY|O_CLOEXEC);
  }
  else {
    *ret = -1;
    errno = ENOENT;
  }
  if (*ret != -1)
    return 1;
  return errno == ENOENT ? 0
    : error_errno (err, REASON_READ, "%s", at.path);
}

char *
output_identity (const struct output *output, unsigned index,
                 struct error *err)
{
  const struct location *location = &output->disks[index].location;
  CLEANUP_FD int fd = -1;

  if (location->uri != NULL)
    return alloc_copy (location->uri, err);
  if (location->path == NULL ||
      open_written (output, index, &fd, err) != 1)
    return NULL;
  return disk_identity_of_fd (fd, DISK_IDENTITY_DISK, err);
}

bool
output_journal (const struct output *output, struct file_at *ret)
{
  if (!output->ops->makes_files)
    return false;
  *ret = (struct file_at) {
    .dir_fd = part_dir_fd (output->part_dir), .name = PART_DIR_JOURNAL,
    .path = part_dir_path (output->part_dir),
  };
  return true;
}

int
output_open_target (const struct output *output, unsigned index, int *fd,
                    struct error *err)
{
  const struct output_disk_state *disk = &output->disks[index];
  const char *path = disk->location.path;

  if (disk->fd != -1)
    *fd = fcntl (disk->fd, F_DUPFD_CLOEXEC, 0);
  else if (output->ops->makes_files)
    *fd = output_open_trusted (output_final (output, index), O_RDONLY);
  else                          /* the user's own name */
    *fd = open (path, O_RDONLY|O_NONBLOCK|O_NOCTTY|O_CLOEXEC);
  if (*fd != -1)
    return 1;
  return errno == ENOENT ? 0 : error_errno (err, REASON_READ, "%s", path);
}

int
output_existing_fd (const struct output *output, unsigned index)
{
  return output->disks[index].fd;
}

char *
output_document (const struct output *output, struct error *err)
{
  return output->settings->existing ? NULL
    : output_document_path (output, err);
}

char *
output_definition (const struct output *output, struct error *err)
{
  return output->settings->existing || output->ops->definition == NULL
    ? output_document (output, err) : output->ops->definition (output, err);
}

int
output_is_defined (const struct output *output, struct error *err)
{
  CLEANUP_FREE char *path = NULL;

  if (output->settings->existing)
    return 1;
  if (output->ops->is_defined != NULL)
    return output->ops->is_defined (output, err);
  path = output_document_path (output, err);
  if (error_is_set (err))
    return -1;
  return path == NULL || access (path, F_OK) == 0;
}

const char *
output_space_dir (const struct output *output)
{
  return output->ops->makes_files && 
    output->compression == TARGET_UNCOMPRESSED &&
    !output->settings->existing ? output->storage : NULL;
}

const char *
output_target (const struct output *output, unsigned index)
{
  const struct location *location = &output->disks[index].location;

  return location->uri != NULL ? location->uri : location->path;
}

const char *
output_caveat (const struct output *output, unsigned index)
{
  const char *caveat = output->disks[index].caveat;

  return caveat != NULL ? _(caveat) : NULL;
}

const struct location *
output_location (const struct output *output, unsigned index)
{
  return output_target (output, index) != NULL
    ? &output->disks[index].location : NULL;
}

const char *
output_format_name (const struct output *output)
{
  return output->format;
}

bool
output_has_replaced (const struct output *output, unsigned index)
{
  return output->disks[index].has_replaced;
}

char *
output_next (const struct output *output, struct error *err)
{
  return output->ops->next != NULL ? output->ops->next (output, err)
    : output_document_next (output, err);
}

int
output_server_check (const struct output *output, struct error *err)
{
  for (unsigned i = 0; i < output->n; i++)
    if (output->disks[i].server != NULL &&
        qemu_nbd_check (output->disks[i].server, err) == -1) {
      err->disk = (int) i;
      return -1;
    }
  return 0;
}

/*--- Reading back. ---*/

/* So that reading back really reads from storage, even where O_DIRECT is not
 * supported.  Only what is clean can be dropped; all of it is, because the
 * target was flushed before.
 */
static int
drop_cache (int fd, const char *path, struct error *err)
{
  if (fsync (fd) == -1)
    return error_errno (err, errno == ENOSPC || errno == EDQUOT
                        ? REASON_SPACE : REASON_WRITE,
                        _("cannot write %s"), path);
  posix_fadvise (fd, 0, 0, POSIX_FADV_DONTNEED);
  return 0;
}

/* A file of ours is in a directory that only we can enter; one that existed
 * before is where it was found to be.
 */
struct qemu_place
output_place (const struct output *output, unsigned index)
{
  const struct output_disk_state *disk = &output->disks[index];
  const bool existing = disk->part_path == NULL;

  return (struct qemu_place) {
    .path = existing ? disk->location.path : disk->part_path,
    .dir_fd = existing ? -1 : part_dir_fd (output->part_dir),
    .fd = existing ? disk->fd : -1,
  };
}

const char *
output_serve (struct output *output, unsigned index, const char *socket_dir,
              struct error *err)
{
  struct output_disk_state *disk = &output->disks[index];
  struct qemu_place place;
  CLEANUP_FREE char *socket = NULL;
  CLEANUP_FD int fd = -1;
  int r;

  if (disk->location.uri != NULL)
    return disk->location.uri;
  /* What is in a directory of ours nobody else can write to. */
  if (disk->fd != -1 && output->settings->format == OUTPUT_QCOW2 &&
      output_qcow2_check_written (output, index, err) == -1)
    return NULL;
  place = output_place (output, index);
  r = open_written (output, index, &fd, err);
  if (r == 0) {
    errno = ENOENT;
    error_errno (err, REASON_VERIFY, "%s", place.path);
  }
  if (r != 1)
    return NULL;
  socket = format (err, "%s/back%u", socket_dir, index);
  if (socket == NULL || drop_cache (fd, place.path, err) == -1)
    return NULL;
  disk->reader = qemu_nbd_read_file (&place, output->format, socket,
                                     (int) index, output->context, err);
  return disk->reader != NULL ? qemu_nbd_uri (disk->reader) : NULL;
}
