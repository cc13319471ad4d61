/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The size of block devices over SFTP, which the server does not tell: the end
 * is looked for by reading single bytes.  preload/ssh-size.c is the same for
 * nbdkit's own plugin.
 */

#include <config.h>

#include <inttypes.h>

#include "ssh-device.h"

#define SECTOR 512
/* Where the search begins; then it doubles. */
#define FIRST_GUESS ((UINT64_C (1) << 30) / SECTOR)
/* No device is that large: it is one without an end, such as /dev/zero. */
#define TOO_MANY ((UINT64_C (1) << 60) / SECTOR)

/* Some servers send the permissions without the type of the file. */
bool
ssh_device_is (const struct sftp_attrs *attrs)
{
  const uint32_t type = attrs->mode & SFTP_MODE_TYPE;

  return attrs->size == 0 && (type == SFTP_MODE_BLOCK || type == 0);
}

/* Is the last byte of the first N sectors there?  Behind the end of a device
 * OpenSSH's server fails, since its lseek does, so that what fails counts as
 * missing; but *why is set if nobody can tell.
 */
static bool
has_sectors (struct pool *pool, uint64_t n, struct trouble *why)
{
  struct trouble trouble = { .kind = TROUBLE_NONE };
  char byte;

  if (why->kind != TROUBLE_NONE)
    return false;
  if (pool_read (pool, &byte, 1, n * SECTOR - 1, NULL, &trouble))
    return true;
  if (trouble.kind == TROUBLE_LOST || trouble.kind == TROUBLE_LOGIN)
    *why = trouble;
  return false;
}

/* The end is where the last read says so itself: at a bad sector it fails, and
 * the disk must not end there.  Devices end with a sector, files of an unknown
 * type need not.
 */
static bool
confirm_end (struct pool *pool, uint64_t sectors, uint64_t *ret,
             struct trouble *why)
{
  const uint64_t offset = sectors * SECTOR;
  struct trouble trouble = { .kind = TROUBLE_NONE };
  char sector[SECTOR];
  uint32_t got;

  if (!pool_read (pool, sector, SECTOR, offset, &got, &trouble) &&
      trouble.kind == TROUBLE_EOF) {
    *ret = offset + got;
    return true;
  }
  trouble_set (why, TROUBLE_SERVER, "cannot find the end of the block device: "
               "reading at %" PRIu64 " failed", offset);
  return false;
}

bool
ssh_device_size (struct pool *pool, uint64_t *ret, struct trouble *why)
{
  uint64_t there = 0, missing = FIRST_GUESS;

  why->kind = TROUBLE_NONE;
  while (has_sectors (pool, missing, why)) {
    there = missing;
    missing *= 2;
    if (missing > TOO_MANY) {
      trouble_set (why, TROUBLE_SERVER, "cannot find the end of the block "
                   "device: it has none");
      return false;
    }
  }
  while (missing - there > 1 && why->kind == TROUBLE_NONE) {
    const uint64_t middle = there + (missing - there) / 2;

    *(has_sectors (pool, middle, why) ? &there : &missing) = middle;
  }
  return why->kind == TROUBLE_NONE && confirm_end (pool, there, ret, why);
}
