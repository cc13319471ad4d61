/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What XFS says is free: the runs in the btree of free space by place, of each
 * allocation group.  Everything else is in use: headers, the log, the btrees'
 * own blocks, and those that wait on the groups' lists to become some.  This
 * counts only if the superblock has no feature that is not known
 * (xfs-super.c), if the log says that the file system was unmounted
 * (xfs-log.c), and if all the runs of a group (xfs-tree.c) are as many blocks
 * as its header says (xfs-group.c), and those of all groups as the superblock
 * says.
 */

#include <config.h>

#include <inttypes.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/i18n.h"
#include "filesystem/xfs-internal.h"

#include <ext2fs/ext2fs.h>

uint32_t
xfs_group_length (const struct xfs *xfs, uint32_t group)
{
  return group + 1 < xfs->group_count ? xfs->group_blocks
    : (uint32_t) (xfs->blocks - (uint64_t) group * xfs->group_blocks);
}

uint64_t
xfs_block_at (const struct xfs *xfs, uint32_t group, uint32_t block)
{
  return ((uint64_t) group * xfs->group_blocks + block) * xfs->block_size;
}

bool
xfs_crc_valid (const struct xfs *xfs, unsigned char *p, size_t len,
               size_t crc_at)
{
  const uint32_t crc = le32 (p + crc_at);

  if (!xfs->crc)
    return true;
  memset (p + crc_at, 0, sizeof crc);
  return crc == ~ext2fs_crc32c_le (UINT32_MAX, p, len);
}

/* What mkfs.xfs and xfs_growfs write has no place in the log: 0, or -1.  The
 * kernel refuses metadata from the log's future, too: the log was lost, or
 * belongs to another state of the file system.
 */
bool
xfs_lsn_valid (const struct xfs *xfs, uint64_t lsn)
{
  return !xfs->crc || lsn <= xfs->clean_lsn || lsn == UINT64_MAX;
}

static void
free_groups (struct xfs_group *groups, uint32_t count)
{
  for (uint32_t i = 0; i < count; i++) {
    free (groups[i].root_block);
    free (groups[i].used);
  }
  memset (groups, 0, count * sizeof *groups);
}

/* The free runs of some groups; *COUNTED grows by the blocks that the
 * superblock counts as free.
 */
static int
read_some (const struct xfs *xfs, uint32_t first, uint32_t count,
           struct xfs_group *groups, uint64_t *counted, struct error *err)
{
  int r = xfs_read_groups (xfs, first, count, groups, err);

  if (r == 0)
    r = xfs_read_trees (xfs, first, count, groups, err);
  for (uint32_t i = 0; i < count && r == 0; i++)
    *counted += (uint64_t) groups[i].free_blocks + groups[i].list_blocks +
      groups[i].tree_blocks;
  return r;
}

static int
read_all (const struct xfs *xfs, struct error *err)
{
  const uint32_t at_once = xfs_groups_at_once (xfs);
  CLEANUP_FREE char *memory =
    alloc_zero (at_once * sizeof (struct xfs_group), err);
  struct xfs_group *const groups = (struct xfs_group *) (void *) memory;
  uint64_t counted = 0;
  int r = 0;

  if (groups == NULL)
    return -1;
  for (uint32_t first = 0, n; first < xfs->group_count && r == 0; first += n) {
    n = xfs->group_count - first;
    if (n > at_once)
      n = at_once;
    r = read_some (xfs, first, n, groups, &counted, err);
    free_groups (groups, n);
  }
  if (r == 0 && counted != xfs->free_blocks)
    return XFS_DOUBT (xfs, err,
                      _("its superblock counts %" PRIu64 " free blocks, its "
                        "allocation groups %" PRIu64),
                      xfs->free_blocks, counted);
  return r;
}

static int
xfs_read (struct reader *volume, const char *type, struct usage *usage,
          struct error *err)
{
  struct xfs xfs = { .volume = volume, .usage = usage };
  int r = xfs_read_super (&xfs, err);

  (void) type;
  if (r == 0)
    r = xfs_check_log (&xfs, err);
  if (r == 0)
    r = read_all (&xfs, err);
  return r == -1 ? -1 : 0;
}

static const char *const types[] = { "xfs", NULL };

const struct filesystem_ops filesystem_xfs = {
  .types = types,
  .read = xfs_read,
};
