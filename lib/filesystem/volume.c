/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Has a volume read by the reader of its kind, of which this file has the
 * table.  Where volumes are is left to disks.c.
 */

#include <config.h>

#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/i18n.h"
#include "filesystem/volume.h"
#include "io/reader.h"

static const struct filesystem_ops *const kinds[] = {
  &filesystem_ext,
  &filesystem_xfs,
#ifdef HAVE_NTFS_3G
  &filesystem_ntfs,
#endif
  &filesystem_swap,
};

static bool
reads_type (const struct filesystem_ops *ops, const char *type)
{
  for (const char *const *types = ops->types; *types != NULL; types++)
    if (strcmp (*types, type) == 0)
      return true;
  return false;
}

static const struct filesystem_ops *
find_ops (const char *type)
{
  for (size_t i = 0; i < ARRAY_LEN (kinds); i++)
    if (reads_type (kinds[i], type))
      return kinds[i];
  return NULL;
}

bool
filesystem_is_read (const char *kind)
{
  return find_ops (kind) != NULL;
}

/*--- Why none of it counts as unused. ---*/

static int
be_whole (struct filesystem *ret, struct error *err, const char *why_not)
{
  return alloc_set (&ret->why_not, why_not, err);
}

static int
refuse_type (struct filesystem *ret, const char *type, struct error *err)
{
  static const struct { const char *type, *why_not; } known[] = {
    { "BitLocker", N_("it is encrypted") },
    { "crypto_LUKS", N_("it is encrypted") },
    { "linux_raid_member", N_("it is part of a RAID") },
  };

  for (size_t i = 0; i < ARRAY_LEN (known); i++)
    if (strcmp (known[i].type, type) == 0)
      return be_whole (ret, err, _(known[i].why_not));
  return be_whole (ret, err, _("free space of this kind is not looked up"));
}

/*--- Reading it. ---*/

/* Readers of file systems get their volume through this: an error that no
 * volume has caused is one of theirs about what they have read.
 */
struct watched {
  struct reader base;
  struct reader *volume;
  bool failed;
};

static int
watched_pread (struct reader *base, void *buf, size_t len, uint64_t offset,
               struct error *err)
{
  struct watched *watched = (struct watched *) base;
  const int r = reader_pread (watched->volume, buf, len, offset, err);

  watched->failed = watched->failed || r == -1;
  return r;
}

static int
watched_prefetch (struct reader *base, const struct ranges *ranges,
                  struct error *err)
{
  struct watched *watched = (struct watched *) base;
  const int r = reader_prefetch (watched->volume, ranges, err);

  watched->failed = watched->failed || r == -1;
  return r;
}

static int
read_by (const struct filesystem_ops *ops, struct reader *volume,
         const char *type, struct usage *usage, struct error *err)
{
  CLEANUP_ERROR struct error own = ERROR_INIT;
  struct watched watched = {
    .base = { .size = volume->size, .remote = volume->remote,
              .pread = watched_pread,
              .prefetch = volume->prefetch != NULL ? watched_prefetch
                : NULL },
    .volume = volume,
  };

  if (ops->read (&watched.base, type, usage, &own) == 0)
    return 0;
  if (watched.failed || own.reason == REASON_INTERNAL)
    return error_copy (err, &own);
  usage_reset (usage);
  return usage_doubt (usage, err, "%s", own.message);
}

int
volume_examine_as (struct reader *volume, const struct signature *signature,
                   struct filesystem *ret, struct usage *usage,
                   struct error *err)
{
  const struct filesystem_ops *ops;

  if (signature->ambivalent)
    return be_whole (ret, err, _("it has the signatures of several file "
                                 "systems"));
  if (signature->table != NULL)
    return be_whole (ret, err, signature->type != NULL
                     ? _("it has a partition table and a file system")
                     : _("its type of partition table is not supported"));
  if (signature->type == NULL)
    return be_whole (ret, err, _("it has no known signature"));
  if (alloc_set (&ret->kind, signature->type, err) == -1)
    return -1;
  ops = find_ops (signature->type);
  if (ops == NULL)
    return refuse_type (ret, signature->type, err);
  if (read_by (ops, volume, signature->type, usage, err) == -1)
    return -1;
  ret->state = usage->state;
  ret->if_shut_down = usage->if_shut_down;
  if (usage->why_not != NULL) {
    ranges_reset (&usage->unused);
    ret->why_not = STEAL (usage->why_not);
  }
  else
    ret->unused = usage->free;
  return 0;
}

int
volume_examine (struct reader *volume, struct filesystem *ret,
                struct usage *usage, struct error *err)
{
  CLEANUP_SIGNATURE struct signature signature = { .type = NULL };

  if (signature_read (volume, 512, NULL, &signature, err) == -1)
    return -1;
  return volume_examine_as (volume, &signature, ret, usage, err);
}
