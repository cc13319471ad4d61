/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Walks from the disks to the volumes on them, and from what is free in a
 * volume back to the bytes of the disks.  What is in no volume (gaps between
 * partitions, tables, boot loaders) is never unused.  Logical volumes are left
 * to logical.c.
 */

#include <config.h>

#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/i18n.h"
#include "filesystem/found.h"
#include "filesystem/logical.h"
#include "filesystem/partitions.h"
#include "filesystem/volume.h"
#include "guest/guest.h"
#include "io/reader.h"

/* A disk, while it is looked at. */
struct look {
  struct filesystems *found;
  struct physical *pvs;         /* of all disks so far */
  struct reader *disk;
  unsigned number;
  char name[DISK_NAME_MAX];
};

static int
map_unused (const struct look *look, const struct filesystem *fs,
            const struct usage *usage, uint64_t offset, struct error *err)
{
  for (size_t i = 0; i < usage->unused.len; i++)
    if (found_unused (look->found, fs, look->number, (struct range) {
          offset + usage->unused.ptr[i].offset, usage->unused.ptr[i].len },
        err) == -1)
      return -1;
  return 0;
}

/* Physical volumes wait for those of the other disks. */
static int
take_found (const struct look *look, struct filesystem *fs, uint64_t offset,
            struct error *err)
{
  if (!physical_is (fs->kind))
    return found_add (look->found, fs, err);
  return physical_add (look->pvs, (struct lvm_pv) {
      .name = fs->name, .disk = look->number, .offset = offset,
      .size = fs->size }, err);
}

/* Add what VOLUME holds, which begins at OFFSET of the disk.  SIGNATURE may be
 * NULL.
 */
static int
add_volume (const struct look *look, struct reader *volume, uint64_t offset,
            const char *name, const struct signature *signature,
            struct error *err)
{
  CLEANUP_FILESYSTEM struct filesystem fs = {
    .disk = look->number, .size = volume->size,
  };
  struct usage usage = { .why_not = NULL };
  int r;

  fs.name = alloc_copy (name, err);
  if (fs.name == NULL)
    return -1;
  r = signature != NULL
    ? volume_examine_as (volume, signature, &fs, &usage, err)
    : volume_examine (volume, &fs, &usage, err);
  if (r == 0)
    r = map_unused (look, &fs, &usage, offset, err);
  usage_reset (&usage);
  return r == -1 ? -1 : take_found (look, &fs, offset, err);
}

static int
add_partition (const struct look *look, const struct partition *partition,
               struct error *err)
{
  CLEANUP_FREE char *name = format (err, "%s%u", look->name,
                                    partition->number);
  CLEANUP_READER struct reader *volume = NULL;

  if (name == NULL)
    return -1;
  if (partition->why_not != NULL)
    return found_add_whole (look->found, look->number, name, partition->len,
                            _(partition->why_not), err);
  volume = reader_part_new (look->disk, partition->offset, partition->len,
                            err);
  if (volume == NULL)
    return -1;
  return add_volume (look, volume, partition->offset, name, NULL, err);
}

/*--- What speaks against the partitions. ---*/

static bool
has_range (const struct ranges *ranges, uint64_t offset, uint64_t len)
{
  for (size_t i = 0; i < ranges->len; i++)
    if (ranges->ptr[i].offset == offset && ranges->ptr[i].len == len)
      return true;
  return false;
}

/* libblkid, too, should see these partitions (it may see others: extended
 * ones, and those in a BSD's partition).
 */
static bool
agrees (const struct partitions *partitions,
        const struct signature *signature)
{
  const struct partition_list *list = &partitions->list;

  if (list->len == 0)
    return signature->table == NULL;
  if (signature->table == NULL ||
      strcmp (signature->table,
              partitions->table == TABLE_GPT ? "gpt" : "dos") != 0)
    return false;
  for (size_t i = 0; i < list->len; i++)
    if (!has_range (&signature->partitions, list->ptr[i].offset,
                    list->ptr[i].len))
      return false;
  return true;
}

static const char *
doubt_partitions (const struct partitions *partitions,
                  const struct signature *signature)
{
  if (partitions->why_not != NULL)
    return partitions->why_not;
  if (signature->type != NULL || signature->ambivalent)
    return _("it has a partition table and a file system");
  if (!agrees (partitions, signature))
    return _("its partition table can be read in two ways");
  return partitions->list.len == 0 ? _("its partition table is empty") : NULL;
}

/* An MBR counts in sectors of the size that the disk had where it was written,
 * and does not say so.  Here it is read with 512 bytes; would something be in
 * its partitions with 4096?  (Where there are logical ones, the chain was
 * found with 512.)
 */
static int
may_count_otherwise (const struct look *look,
                     const struct partitions *partitions, bool *ret,
                     struct error *err)
{
  const struct partition_list *list = &partitions->list;
  const uint64_t factor = 4096 / partitions->sector;

  *ret = false;
  for (size_t i = 0; i < list->len; i++)
    if (list->ptr[i].number > 4 || list->ptr[i].offset + list->ptr[i].len >
        look->disk->size / factor)
      return 0;
  for (size_t i = 0; i < list->len && !*ret; i++) {
    CLEANUP_SIGNATURE struct signature signature = { .type = NULL };
    CLEANUP_READER struct reader *volume =
      reader_part_new (look->disk, list->ptr[i].offset * factor,
                       list->ptr[i].len * factor, err);

    if (volume == NULL ||
        signature_read (volume, 4096, NULL, &signature, err) == -1)
      return -1;
    *ret = signature.type != NULL || signature.ambivalent;
  }
  return 0;
}

/*--- The disks. ---*/

static int
look_at_table (const struct look *look, const struct partitions *partitions,
               const struct signature *signature, struct error *err)
{
  const char *why_not = doubt_partitions (partitions, signature);
  bool otherwise = false;

  if (why_not == NULL && partitions->table == TABLE_MBR &&
      may_count_otherwise (look, partitions, &otherwise, err) == -1)
    return -1;
  if (otherwise)
    why_not = _("its MBR may be for sectors of 4096 bytes");
  if (why_not != NULL)
    return found_add_whole (look->found, look->number, look->name,
                            look->disk->size, why_not, err);
  for (size_t i = 0; i < partitions->list.len; i++)
    if (add_partition (look, &partitions->list.ptr[i], err) == -1)
      return -1;
  return 0;
}

static int
look_at_disk (struct look *look, struct error *err)
{
  CLEANUP_PARTITIONS struct partitions partitions = { .table = TABLE_NONE };
  CLEANUP_SIGNATURE struct signature signature = { .type = NULL };

  if (partitions_read (look->disk, &partitions, err) == -1 ||
      signature_read (look->disk, partitions.sector, &partitions.metadata,
                      &signature, err) == -1)
    return -1;
  if (partitions.table == TABLE_NONE && partitions.why_not == NULL)
    return add_volume (look, look->disk, 0, look->name, &signature, err);
  return look_at_table (look, &partitions, &signature, err);
}

static int
look_at_disks (struct reader *const *disks, unsigned n, struct physical *pvs,
               struct filesystems *ret, struct error *err)
{
  for (unsigned i = 0; i < n; i++) {
    struct look look = {
      .found = ret, .pvs = pvs, .disk = disks[i], .number = i,
    };

    disk_name (i, look.name);
    if (look_at_disk (&look, err) == -1) {
      error_wrap (err, "%s", look.name);
      return -1;
    }
  }
  return 0;
}

static int
look_at_all (struct reader *const *disks, unsigned n,
             struct filesystems *ret, struct error *err)
{
  struct physical pvs = { .ptr = NULL };
  int r = look_at_disks (disks, n, &pvs, ret, err);

  if (r == 0)
    r = logical_find (disks, &pvs, ret, err);
  physical_release (&pvs);
  return r == -1 ? -1 : found_finish (ret, err);
}

int
filesystems_find (struct reader *const *disks, unsigned n,
                  struct filesystems *ret, struct error *err)
{
  if (found_init (ret, n, err) == 0 &&
      look_at_all (disks, n, ret, err) == 0)
    return 0;
  filesystems_reset (ret);
  return -1;
}
