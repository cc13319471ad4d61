/* SPDX-License-Identifier: GPL-2.0-or-later */

/* How ext2, ext3 and ext4 are read: all that is read in large numbers was
 * announced before, each read may fail, and nothing is ever written.
 */

#include <config.h>

#undef NDEBUG
#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"
#include "filesystem/ext-internal.h"
#include "filesystem/usage.h"
#include "io/reader.h"

#define SKIPPED 77
#define MIB (UINT64_C (1) << 20)
#define GIB (UINT64_C (1) << 30)
#define TIB (UINT64_C (1) << 40)

/* A volume that notes what it is asked for. */
struct noting {
  struct reader base;
  struct reader *file;
  struct ranges ahead;          /* as it was last told */
  unsigned reads, prefetches;
  unsigned alone;               /* reads that no prefetch has announced */
  unsigned fail_at;             /* this read fails; 0: none */
};

static bool
is_ahead (const struct noting *volume, uint64_t offset, size_t len)
{
  for (size_t i = 0; i < volume->ahead.len; i++) {
    const struct range range = volume->ahead.ptr[i];

    if (offset >= range.offset && offset + len <= range.offset + range.len)
      return true;
  }
  return false;
}

static int
noting_pread (struct reader *base, void *buf, size_t len, uint64_t offset,
              struct error *err)
{
  struct noting *volume = (struct noting *) base;

  if (++volume->reads == volume->fail_at)
    return error_set (err, REASON_READ, "the server has died");
  if (!is_ahead (volume, offset, len))
    volume->alone++;
  return reader_pread (volume->file, buf, len, offset, err);
}

static int
noting_prefetch (struct reader *base, const struct ranges *ranges,
                 struct error *err)
{
  struct noting *volume = (struct noting *) base;
  uint64_t bytes = 0;

  volume->prefetches++;
  volume->ahead.len = 0;
  for (size_t i = 0; i < ranges->len; i++) {
    assert (ranges->ptr[i].len <= base->size &&
            ranges->ptr[i].offset <= base->size - ranges->ptr[i].len);
    bytes += ranges->ptr[i].len;
    if (ranges_append (&volume->ahead, ranges->ptr[i]) == -1)
      return error_nomem (err);
  }
  assert (bytes > 0 && bytes <= READER_PREFETCH_MAX);
  return 0;
}

/* A file system of SIZE bytes in memory, as mke2fs makes it with ARGUMENTS. */
static void
open_volume (struct noting *volume, uint64_t size, const char *arguments)
{
  CLEANUP_FD int fd = memfd_create ("volume", 0);
  struct error err = ERROR_INIT;
  char command[1024];

  assert (fd != -1 && ftruncate (fd, (off_t) size) == 0);
  snprintf (command, sizeof command,
            "mke2fs -q -F -E nodiscard%s /proc/self/fd/%d", arguments, fd);
  assert (system (command) == 0);
  *volume = (struct noting) { .file = reader_fd_new (fd, "volume", &err) };
  assert (volume->file != NULL);
  volume->base = (struct reader) {
    .size = volume->file->size, .remote = true,
    .pread = noting_pread, .prefetch = noting_prefetch,
  };
}

static void
close_volume (struct noting *volume)
{
  ranges_reset (&volume->ahead);
  reader_free (volume->file);
}

/* Bitmaps and group descriptors, wherever they are, cost no wait each. */
static void
test_prefetch (uint64_t size, const char *arguments, unsigned groups)
{
  struct error err = ERROR_INIT;
  struct usage usage = { .free = 0 };
  struct noting volume;

  open_volume (&volume, size, arguments);
  assert (filesystem_ext.read (&volume.base, "ext4", &usage, &err) == 0);
  assert (usage.why_not == NULL && usage.free > 0);
  /* The superblock; of the journal the inode, a node of its extents and the
   * superblock.
   */
  assert (volume.alone <= 4);
  assert (volume.reads > groups);
  assert (volume.prefetches <= 3);
  usage_reset (&usage);
  close_volume (&volume);
}

/* Whichever read it is that fails, it is an error and no doubt. */
static void
test_failing (const char *arguments)
{
  struct noting volume;
  unsigned reads = 1;

  open_volume (&volume, 60 * MIB, arguments);
  for (unsigned i = 1; i <= reads; i++) {
    struct error err = ERROR_INIT;
    struct usage usage = { .free = 0 };

    volume.reads = 0;
    volume.fail_at = i;
    assert (filesystem_ext.read (&volume.base, "ext4", &usage, &err) == -1);
    assert (err.reason == REASON_READ);
    assert (strcmp (err.message, "the server has died") == 0);
    usage_reset (&usage);
    error_reset (&err);
    if (i == 1) {
      volume.reads = volume.fail_at = 0;
      assert (filesystem_ext.read (&volume.base, "ext4", &usage, &err) == 0);
      reads = volume.reads;
      assert (reads > 8);
      usage_reset (&usage);
    }
  }
  close_volume (&volume);
}

/* libext2fs may read anything, and write nothing. */
static void
test_io (void)
{
  unsigned char super[SUPERBLOCK_SIZE], block[4096], other[4096];
  struct error err = ERROR_INIT;
  struct noting volume;
  struct ext_io io;
  errcode_t why;
  ext2_filsys fs;

  open_volume (&volume, 5 * TIB, ",num_backup_sb=0 -t ext4 -b 4096 -N 100000 "
               "-O sparse_super2,^has_journal");
  assert (reader_pread (volume.file, super, sizeof super, SUPERBLOCK_OFFSET,
                        &err) == 0);
  fs = ext_open (&io, &volume.base, super, &why, &err);
  assert (fs != NULL && why == 0);

  assert (io_channel_write_blk64 (fs->io, 1, 1, block) == EXT2_ET_RO_FILSYS);
  assert (io_channel_write_blk (fs->io, 1, -100, block) == EXT2_ET_RO_FILSYS);
  assert (io_channel_write_byte (fs->io, 1, 1, block) == EXT2_ET_RO_FILSYS);
  assert (io_channel_zeroout (fs->io, 1, 1) == EXT2_ET_RO_FILSYS);
  assert (io_channel_discard (fs->io, 1, 1) == EXT2_ET_RO_FILSYS);

  /* Behind 4 TiB; a part of a block; behind the end. */
  assert (io_channel_read_blk64 (fs->io, (UINT64_C (5) << 28) - 1, 1,
                                 block) == 0);
  memset (block, 1, sizeof block);
  assert (io_channel_read_blk64 (fs->io, 1, -100, block) == 0);
  assert (reader_pread (volume.file, other, 100, 4096, &err) == 0);
  assert (memcmp (block, other, 100) == 0 && block[100] == 1);
  assert (io_channel_read_blk64 (fs->io, UINT64_C (5) << 28, 1, block) ==
          EXT2_ET_SHORT_READ);
  assert (io_channel_read_blk64 (fs->io, UINT64_MAX / 4096, 2, block) ==
          EXT2_ET_SHORT_READ);
  assert (io_channel_read_blk64 (fs->io, UINT64_MAX, 1, block) ==
          EXT2_ET_SHORT_READ);
  assert (!error_is_set (&err));
  ext_close (&io, fs);
  close_volume (&volume);
}

int
main (void)
{
  if (system ("mke2fs -V >/dev/null 2>&1") != 0) {
    printf ("mke2fs is missing\n");
    return SKIPPED;
  }
  test_prefetch (60 * GIB, " -t ext4 -b 4096 -N 100000 -O ^has_journal,"
                 "^metadata_csum,^uninit_bg", 480);
  test_prefetch (3 * GIB, " -t ext4 -b 1024 -N 100000 -O meta_bg,^flex_bg,"
                 "^resize_inode,^metadata_csum,^uninit_bg", 384);
  test_failing (" -t ext4 -b 1024 -O meta_bg,^resize_inode,^flex_bg,mmp,"
                "^metadata_csum,^uninit_bg");
  test_failing (" -t ext3 -b 1024");
  test_io ();
  return 0;
}
