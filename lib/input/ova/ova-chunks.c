/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A disk's file that is cut into chunks NAME.000000000, NAME.000000001 and so
 * on.  nbdkit's split plugin joins files, but not parts of one file.
 */

#include <config.h>

#include <inttypes.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/local-file.h"
#include "guest/guest.h"
#include "input/ova/ova.h"
#include "input/ova/ovf.h"
#include "input/ova/package.h"
#include "io/reader.h"

DEFINE_VECTOR (struct readers, readers, struct reader *);

/* A reader of files one after another, to look at the format of the whole. */
struct chunks_reader {
  struct reader base;
  struct readers parts;
};

static int
chunks_pread (struct reader *base, void *buf, size_t len, uint64_t offset,
              struct error *err)
{
  const struct readers *parts = &((struct chunks_reader *) base)->parts;
  char *at = buf;

  for (size_t i = 0; i < parts->len && len > 0; i++) {
    struct reader *part = parts->ptr[i];
    size_t n = len;

    if (offset >= part->size) {
      offset -= part->size;
      continue;
    }
    if (n > part->size - offset)
      n = (size_t) (part->size - offset);
    if (reader_pread (part, at, n, offset, err) == -1)
      return -1;
    at += n;
    len -= n;
    offset = 0;
  }
  return 0;
}

static void
chunks_free (struct reader *base)
{
  struct chunks_reader *reader = (struct chunks_reader *) base;

  for (size_t i = 0; i < reader->parts.len; i++)
    reader_free (reader->parts.ptr[i]);
  readers_reset (&reader->parts);
  free (reader);
}

/* The chunk of this NUMBER, however many zeroes it is written with. */
static const struct package_member *
find_chunk (const struct package *package, const char *name, uint64_t number)
{
  for (size_t i = 0; i < package->members.len; i++) {
    const struct package_member *member = &package->members.ptr[i];

    if (package_name_is_numbered (member->name, name) &&
        strtoumax (member->name + strlen (name) + 1, NULL, 10) == number)
      return member;
  }
  return NULL;
}

static int
add_chunk (const struct package *package, const char *name,
           const struct package_member *member,
           struct chunks_reader *chunks, struct disk *disk,
           struct error *err)
{
  CLEANUP_READER struct reader *part = NULL;
  CLEANUP_LOCAL_FILE struct local_file *file = NULL;

  if (member->place != MEMBER_FILE && member->place != MEMBER_OUTSIDE)
    return error_set (err, REASON_INTERNAL, _("'%s' was not unpacked"),
                      member->name);
  file = package_member_file (package, member, err);
  part = file == NULL ? NULL : reader_file_of (file, err);
  if (part == NULL ||
      argv_appendf (&disk->location.params, err, "file=%s",
                    member->path) == -1)
    return -1;
  if (__builtin_add_overflow (chunks->base.size, part->size,
                              &chunks->base.size))
    return error_set (err, REASON_UNSUPPORTED, _("'%s' is too large"), name);
  if (readers_append (&chunks->parts, part) == -1)
    return error_nomem (err);
  STEAL (part);
  if (local_files_append (&disk->location.parts, file) == -1)
    return error_nomem (err);
  STEAL (file);
  return 0;
}

/* All have the size that the OVF gives, only the last one may be shorter. */
static int
check_size (const char *name, unsigned number, bool last,
            const struct ovf_disk *from, const struct reader *part,
            struct error *err)
{
  if (from->chunk_size == 0 || part->size == from->chunk_size ||
      (last && part->size < from->chunk_size))
    return 0;
  error_set (err, REASON_UNSUPPORTED,
             _("chunk number %u of '%s' has %" PRIu64 " bytes, but the OVF "
               "says that chunks have %" PRIu64), number, name, part->size,
             from->chunk_size);
  error_hint (err, _("was a download or a copy interrupted?  fetch that chunk "
                     "again"));
  return -1;
}

static int
error_missing (const char *name, unsigned number, unsigned count,
               struct error *err)
{
  return error_set (err, REASON_NOT_FOUND,
                    _("chunk number %u of the %u chunks of '%s' is missing"),
                    number, count, name);
}

/* A missing chunk would shift all that follow. */
static int
add_chunks (const struct package *package, const char *name, unsigned count,
            const struct ovf_disk *from, struct chunks_reader *chunks,
            struct disk *disk, struct error *err)
{
  for (unsigned i = 0; i < count; i++) {
    const struct package_member *member = find_chunk (package, name, i);

    if (member == NULL)
      return error_missing (name, i, count, err);
    if (add_chunk (package, name, member, chunks, disk, err) == -1 ||
        check_size (name, i, i == count - 1, from,
                    chunks->parts.ptr[chunks->parts.len - 1], err) == -1)
      return -1;
  }
  return 0;
}

int
ova_name_chunks (const struct package *package, const char *name,
                 unsigned count, struct disk *disk, struct error *err)
{
  disk->location.kind = LOCATION_PLUGIN;
  if (alloc_set (&disk->location.plugin, "split", err) == -1)
    return -1;
  for (unsigned i = 0; i < count; i++) {
    const struct package_member *member = find_chunk (package, name, i);

    if (member == NULL || member->path == NULL)
      return error_missing (name, i, count, err);
    if (argv_appendf (&disk->location.params, err, "file=%s",
                      member->path) == -1)
      return -1;
  }
  return 0;
}

struct reader *
ova_join_chunks (const struct package *package, const char *name,
                 unsigned count, const struct ovf_disk *from,
                 struct disk *disk, struct error *err)
{
  struct chunks_reader *chunks = alloc_zero (sizeof *chunks, err);
  CLEANUP_READER struct reader *reader = &chunks->base;

  if (chunks == NULL)
    return NULL;
  *reader = (struct reader) { .pread = chunks_pread, .free = chunks_free };
  disk->location.kind = LOCATION_PLUGIN;
  if (alloc_set (&disk->location.plugin, "split", err) == -1 ||
      add_chunks (package, name, count, from, chunks, disk, err) == -1)
    return NULL;
  if (reader->size < from->size) { /* the last ones are missing */
    error_set (err, REASON_NOT_FOUND,
               _("the %u chunks of '%s' have %" PRIu64 " bytes, not %"
                 PRIu64), count, name, reader->size, from->size);
    return NULL;
  }
  return STEAL (reader);
}
