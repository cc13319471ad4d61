/* SPDX-License-Identifier: GPL-2.0-or-later */

/* libext2fs reads a struct reader.  Nothing is ever written: the functions for
 * that fail.
 */

#include <config.h>

#include <inttypes.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "filesystem/ext-internal.h"
#include "io/reader.h"

static struct ext_io *
io_of (io_channel channel)
{
  return channel->private_data;
}

/* The library passes nothing to this but the name that it was given itself,
 * and so our address stands in it.
 */
static errcode_t
open_channel (const char *name, int flags, io_channel *ret)
{
  struct ext_io *io = (struct ext_io *) (uintptr_t) strtoumax (name, NULL, 16);
  io_channel channel;

  if (flags & IO_FLAG_RW)
    return EXT2_ET_RO_FILSYS;
  channel = calloc (1, sizeof *channel);
  if (channel == NULL)
    return EXT2_ET_NO_MEMORY;
  channel->magic = EXT2_ET_MAGIC_IO_CHANNEL;
  channel->manager = &io->manager;
  channel->name = strdup (name);
  channel->block_size = SUPERBLOCK_SIZE;
  channel->refcount = 1;
  channel->private_data = io;
  if (channel->name == NULL) {
    free (channel);
    return EXT2_ET_NO_MEMORY;
  }
  *ret = channel;
  return 0;
}

static errcode_t
close_channel (io_channel channel)
{
  if (--channel->refcount > 0)
    return 0;
  free (channel->name);
  free (channel);
  return 0;
}

static errcode_t
set_blksize (io_channel channel, int size)
{
  if (size <= 0)
    return EXT2_ET_INVALID_ARGUMENT;
  channel->block_size = size;
  return 0;
}

/* LEN bytes from OFFSET on will be read soon. */
static errcode_t
announce (struct ext_io *io, uint64_t offset, uint64_t len)
{
  if (offset > io->volume->size || len > io->volume->size - offset)
    return EXT2_ET_SHORT_READ;
  while (len > 0) {
    const uint64_t n = len < READER_PREFETCH_MAX ? len : READER_PREFETCH_MAX;

    if (ranges_append (&io->ahead, (struct range) { offset, n }) == -1)
      return EXT2_ET_NO_MEMORY;
    offset += n;
    len -= n;
  }
  return 0;
}

/* What is read next was announced: have it got together with as much as may
 * follow.
 */
static int
prefetch_ahead (struct ext_io *io)
{
  struct ranges now = { .ptr = NULL };
  uint64_t bytes = 0;
  int r = 0;

  while (io->next < io->ahead.len && r == 0) {
    const struct range range = io->ahead.ptr[io->next];

    if (range.len > READER_PREFETCH_MAX - bytes)
      break;
    r = ranges_add (&now, range);
    bytes += range.len;
    io->next++;
  }
  r = r == -1 ? error_nomem (io->err)
    : reader_prefetch (io->volume, &now, io->err);
  ranges_reset (&now);
  return r;
}

static errcode_t
read_volume (struct ext_io *io, void *data, size_t len, uint64_t offset)
{
  char *at = data;

  if (offset > io->volume->size || len > io->volume->size - offset)
    return EXT2_ET_SHORT_READ;
  while (len > 0) {
    const size_t n = len < READER_PREFETCH_MAX ? len : READER_PREFETCH_MAX;

    if (io->next < io->ahead.len &&
        io->ahead.ptr[io->next].offset == offset && prefetch_ahead (io) == -1)
      return EXT2_ET_SHORT_READ;
    if (reader_pread (io->volume, at, n, offset, io->err) == -1)
      return EXT2_ET_SHORT_READ;
    at += n;
    offset += n;
    len -= n;
  }
  return 0;
}

/* A negative COUNT is one of bytes. */
static errcode_t
read_blocks (io_channel channel, unsigned long long block, int count,
             void *data)
{
  struct ext_io *io = io_of (channel);
  const uint64_t size = (uint64_t) channel->block_size;
  const uint64_t len = count < 0 ? (uint64_t) -(int64_t) count
    : (uint64_t) count * size;
  errcode_t r = 0;

  if (block > UINT64_MAX / size)
    return EXT2_ET_SHORT_READ;
  if (block * size == SUPERBLOCK_OFFSET && len == SUPERBLOCK_SIZE) {
    memcpy (data, io->super, SUPERBLOCK_SIZE);
    return 0;
  }
  /* The group descriptors come in one piece, or one block each, of which the
   * library has told us before.
   */
  if (count > 1 && io->next == io->ahead.len)
    r = announce (io, block * size, len);
  return r != 0 ? r : read_volume (io, data, len, block * size);
}

static errcode_t
read_blocks_32 (io_channel channel, unsigned long block, int count,
                void *data)
{
  return read_blocks (channel, block, count, data);
}

static errcode_t
read_ahead (io_channel channel, unsigned long long block,
            unsigned long long count)
{
  const uint64_t size = (uint64_t) channel->block_size;

  if (block > UINT64_MAX / size || count > UINT64_MAX / size)
    return EXT2_ET_SHORT_READ;
  return announce (io_of (channel), block * size, count * size);
}

static errcode_t
refuse_write (io_channel channel __attribute__ ((unused)),
              unsigned long long block __attribute__ ((unused)),
              int count __attribute__ ((unused)),
              const void *data __attribute__ ((unused)))
{
  return EXT2_ET_RO_FILSYS;
}

static errcode_t
refuse_write_32 (io_channel channel, unsigned long block, int count,
                 const void *data)
{
  return refuse_write (channel, block, count, data);
}

static errcode_t
refuse_discard (io_channel channel, unsigned long long block,
                unsigned long long count __attribute__ ((unused)))
{
  return refuse_write (channel, block, 0, NULL);
}

static errcode_t
flush_nothing (io_channel channel __attribute__ ((unused)))
{
  return 0;
}

static const struct struct_io_manager reader_manager = {
  .magic = EXT2_ET_MAGIC_IO_MANAGER,
  .name = "struct reader",
  .open = open_channel,
  .close = close_channel,
  .set_blksize = set_blksize,
  .read_blk = read_blocks_32,
  .write_blk = refuse_write_32,
  .flush = flush_nothing,
  .write_byte = refuse_write_32,
  .read_blk64 = read_blocks,
  .write_blk64 = refuse_write,
  .discard = refuse_discard,
  .cache_readahead = read_ahead,
  .zeroout = refuse_discard,
};

ext2_filsys
ext_open (struct ext_io *io, struct reader *volume,
          const unsigned char *super, errcode_t *why, struct error *err)
{
  CLEANUP_FREE char *name = format (err, "%" PRIxPTR, (uintptr_t) io);
  ext2_filsys fs = NULL;

  *io = (struct ext_io) {
    .manager = reader_manager, .volume = volume, .super = super, .err = err,
  };
  *why = 0;
  if (name == NULL)
    return NULL;
  *why = ext2fs_open (name, EXT2_FLAG_64BITS, 0, 0, &io->manager, &fs);
  if (*why == 0)
    return fs;
  if (*why == EXT2_ET_NO_MEMORY || *why == ENOMEM)
    error_nomem (err);
  if (error_is_set (err))
    *why = 0;
  return NULL;
}

void
ext_close (struct ext_io *io, ext2_filsys fs)
{
  if (fs != NULL)
    ext2fs_free (fs);
  ranges_reset (&io->ahead);
}
