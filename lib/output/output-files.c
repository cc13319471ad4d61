/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What all outputs that make files share: NAME-sda, NAME-sdb... in a
 * directory, and a document beside them.  The disks are written in a directory
 * NAME.part below it (part-dir.c) and renamed when all of them are complete,
 * so that an older guest of that name is replaced by a complete one or not at
 * all.  qcow2 files whose space is allocated are written by qemu-nbd.  Names
 * are left to output-names.c, whose a file is there, and renaming it, to
 * part.c, the document to output-document.c.
 */

#include <config.h>

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/file-at.h"
#include "base/i18n.h"
#include "base/parse.h"
#include "context.h"
#include "output/output-internal.h"
#include "output/output.h"
#include "output/part-dir.h"
#include "output/part.h"
#include "qemu/qemu-img.h"

/* "-oo compressed" alone means true, and so does "-oo compression=". */
static int
parse_compressed (const struct output *output, bool *ret, struct error *err)
{
  const struct argv *options = &output->settings->options;
  const char *value = argv_value (options, "compressed");
  const bool named = argv_value (options, "compression") != NULL;

  *ret = named || argv_contains (options, "compressed");
  if (value != NULL && parse_bool ("-oo compressed", value, ret, err) == -1)
    return -1;
  return named && !*ret
    ? error_set (err, REASON_USAGE,
                 _("-oo compression and -oo compressed=false cannot be used "
                   "together")) : 0;
}

static int
parse_compression (struct output *output, struct error *err)
{
  const struct output_settings *settings = output->settings;
  unsigned word = 0;
  bool compressed;

  if (parse_compressed (output, &compressed, err) == -1 ||
      output_word_option (output, "compression", OUTPUT_COMPRESSION_WORDS,
                          &word, err) == -1)
    return -1;
  if (!compressed)
    return 0;
  output->compression = TARGET_ZLIB + word;
  if (settings->format != OUTPUT_QCOW2)
    return error_set (err, REASON_USAGE,
                      _("-oo compressed needs -of qcow2"));
  if (settings->preallocated)
    return error_set (err, REASON_USAGE,
                      _("-oo compressed and -oa preallocated cannot be used "
                        "together: space cannot be preallocated for "
                        "compressed data"));
  if (settings->existing)
    return error_set (err, REASON_USAGE,
                      _("-oo compressed is for new files, "
                        "--changed-extents for existing ones"));
  return 0;
}

/* A guest's disks hold its secrets, whatever the umask is. */
#define PRIVATE 0600

/* Whoever owns the files can always use them. */
static int
parse_mode (struct output *output, struct error *err)
{
  const char *value = argv_value (&output->settings->options, "mode");
  char *end = NULL;
  unsigned long mode = PRIVATE;

  if (value != NULL && output->settings->existing)
    return error_set (err, REASON_USAGE,
                      _("-oo mode is for new files, --changed-extents for "
                        "existing ones"));
  if (value != NULL && value[0] >= '0' && value[0] <= '7')
    mode = strtoul (value, &end, 8);
  if (value != NULL && (end == NULL || *end != '\0' || mode > 0777 ||
                        (mode & PRIVATE) != PRIVATE)) {
    error_set (err, REASON_USAGE, _("-oo mode: '%s' is not a valid mode"),
               value);
    error_hint (err, _("give three or four octal digits, with read and write "
                       "permission for the owner: -oo mode=0640"));
    return -1;
  }
  output->mode = (mode_t) mode;
  return 0;
}

int
output_files_check (struct output *output, struct error *err)
{
  return parse_compression (output, err) == -1 ||
    parse_mode (output, err) == -1 ? -1
    : output_names_check (output, err);
}

int
output_files_try (struct output *output, unsigned index,
                  uint64_t size __attribute__ ((unused)), enum output_how how,
                  struct error *err)
{
  return how == OUTPUT_NEW ? part_refuse_left (output, index, err) : 0;
}

bool
output_qemu_writes (const struct output *output)
{
  return output->settings->format == OUTPUT_QCOW2 &&
    output->settings->preallocated;
}

static int
open_allocated_qcow2 (struct output *output, unsigned index, uint64_t size,
                      const char *socket_dir, struct error *err)
{
  const struct qemu_img qemu = qemu_img_of (output->context, index);
  const struct file_at at = output_part_file (output, index);

  if (part_create (output, index, err) == -1 ||
      qemu_img_create (&qemu, at.dir_fd, at.name, size, true, err) == -1 ||
      part_check (output, index, err) == -1 ||
      file_at_sync (at, err) == -1 ||
      file_at_sync_directory (at.dir_fd, at.path, err) == -1)
    return -1;
  return output_qcow2_open (output, index, size,
                            output->disks[index].part_fd, socket_dir, true,
                            err);
}

/* The file was opened when it was claimed, if there was one. */
static int
open_existing (struct output *output, unsigned index, uint64_t size,
               const char *socket_dir, struct error *err)
{
  struct output_disk_state *disk = &output->disks[index];
  const char *path = disk->location.path;
  struct stat st;

  if (disk->fd == -1) {
    errno = ENOENT;
    error_errno (err, REASON_WRITE, "%s", path);
    error_hint (err, _("changed extents can only be written to an existing "
                       "copy: copy the whole disk first, without "
                       "--changed-extents"));
    return -1;
  }
  if (fstat (disk->fd, &st) == -1)
    return error_errno (err, REASON_WRITE, "%s", path);
  if (output->settings->format == OUTPUT_QCOW2)
    return output_qcow2_check (output, index, size, err) == -1 ? -1
      : output_qcow2_open (output, index, size, disk->fd, socket_dir,
                           false, err);
  if ((uint64_t) st.st_size != size)
    return output_wrong_size (path, (uint64_t) st.st_size, size, err);
  disk->target = target_device_open (disk->fd, path, size, TARGET_ZERO_AUTO,
                                     err);
  return disk->target != NULL ? 0 : -1;
}

static struct target *
open_qcow2 (const struct output *output, unsigned index, uint64_t size,
            bool is_new, struct error *err)
{
  return target_qcow2_open (output->disks[index].part_fd,
                            output_part_file (output, index), size, is_new,
                            output->compression, err);
}

static int
continue_part (struct output *output, unsigned index, uint64_t size,
               const char *socket_dir, struct error *err)
{
  struct output_disk_state *disk = &output->disks[index];

  if (part_hold (output, index, err) == -1)
    return -1;
  if (output_qemu_writes (output))
    return output_qcow2_open (output, index, size, disk->part_fd, socket_dir,
                              false, err);
  disk->target = output->settings->format == OUTPUT_QCOW2
    ? open_qcow2 (output, index, size, false, err)
    : target_file_open (disk->part_fd, output_part_file (output, index), size,
                        output->settings->preallocated, err);
  return disk->target != NULL ? 0 : -1;
}

static int
new_part (struct output *output, unsigned index, uint64_t size,
          const char *socket_dir, struct error *err)
{
  struct output_disk_state *disk = &output->disks[index];

  if (output_qemu_writes (output))
    return open_allocated_qcow2 (output, index, size, socket_dir, err);
  /* The guard knows it before its space is allocated, which takes long. */
  if (part_create (output, index, err) == -1)
    return -1;
  disk->target = output->settings->format == OUTPUT_QCOW2
    ? open_qcow2 (output, index, size, true, err)
    : target_file_new (disk->part_fd, output_part_file (output, index), size,
                       output->settings->preallocated, err);
  return disk->target == NULL ? -1 : 0;
}

int
output_files_open (struct output *output, unsigned index, uint64_t size,
                   const char *socket_dir, enum output_how how,
                   struct error *err)
{
  if (output->settings->existing)
    return open_existing (output, index, size, socket_dir, err);
  if (part_choose (output, index, how, err) == -1)
    return -1;
  return how == OUTPUT_CONTINUE
    ? continue_part (output, index, size, socket_dir, err)
    : new_part (output, index, size, socket_dir, err);
}

/* The new names first: not every file system makes the old ones go with them.
 */
int
output_files_sync_names (const struct output *output, struct error *err)
{
  return file_at_sync_directory (output->dir_fd, output->storage, err) == -1
    ? -1
    : file_at_sync_directory (part_dir_fd (output->part_dir),
                              part_dir_path (output->part_dir), err);
}

int
output_files_commit (struct output *output, struct error *err)
{
  /* The document was written when the whole disks were copied. */
  if (output->settings->existing)
    return 0;
  output_document_prepare (output);
  /* One may have come while the disks were copied: no older disk is replaced
   * then.
   */
  if (output_document_check (output, REASON_WRITE, err) == -1 ||
      part_rename_all (output, err) == -1 ||
      output_document_write (output, err) == -1 ||
      output_document_remove_stale (output, err) == -1 ||
      output_files_sync_names (output, err) == -1)
    return -1;
  part_dir_clear (output->part_dir);
  return 0;
}
