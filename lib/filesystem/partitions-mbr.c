/* SPDX-License-Identifier: GPL-2.0-or-later */

/* MBRs, and the chain of sectors in an extended partition, each of which has
 * one logical partition and says where the next sector is.  Nothing says how
 * large the sectors are that an MBR counts in: here it is 512 bytes, and
 * disks.c looks whether that may be wrong.
 */

#include <config.h>

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/i18n.h"
#include "filesystem/partitions-internal.h"
#include "io/reader.h"

#define ENTRIES_OFFSET 446
#define ENTRY_SIZE 16
#define MAGIC_OFFSET 510
/* Linux 6.18 has no names for more than 256 partitions of a disk. */
#define LOGICAL_MAX 252
#define LOGICAL_FIRST 5

static bool
is_extended (const struct mbr_entry *entry)
{
  return entry->type == 0x05 || entry->type == 0x0f || entry->type == 0x85;
}

static bool
parse_entries (const unsigned char *sector, struct mbr_entry *ret)
{
  if (sector[MAGIC_OFFSET] != 0x55 || sector[MAGIC_OFFSET + 1] != 0xaa)
    return false;
  for (unsigned i = 0; i < MBR_SLOTS; i++) {
    const unsigned char *p = sector + ENTRIES_OFFSET + i * ENTRY_SIZE;

    ret[i] = (struct mbr_entry) {
      .flag = p[0], .type = p[4], .start = le32 (p + 8), .len = le32 (p + 12),
    };
  }
  return true;
}

/* Boot sectors of file systems end with the same two bytes, but have code
 * where the flags are.
 */
bool
mbr_parse (const unsigned char mbr[MBR_SIZE], struct mbr_entry ret[MBR_SLOTS])
{
  bool any = false;

  if (!parse_entries (mbr, ret))
    return false;
  for (unsigned i = 0; i < MBR_SLOTS; i++) {
    if (ret[i].flag != 0 && ret[i].flag != 0x80)
      return false;
    any = any || ret[i].len > 0;
  }
  return any;
}

/*--- Logical partitions. ---*/

struct chain {
  const struct mbr_entry *extended;
  uint64_t at;                  /* sector that comes next */
  unsigned number;              /* of the next logical partition */
  bool ended;
};

/* Does an entry of a sector that begins at FROM lie in the extended
 * partition?
 */
static bool
lies_within (const struct mbr_entry *extended, uint64_t from,
             const struct mbr_entry *entry)
{
  const uint64_t end = (uint64_t) extended->start + extended->len;

  return entry->start > 0 && from + entry->start + entry->len <= end;
}

/* The first entry is a partition, counted from this sector on, the second one
 * the next sector, counted from the extended partition on.  Both may be
 * missing.
 */
static int
follow (struct reader *disk, struct chain *chain, struct partitions *ret,
        struct error *err)
{
  const struct mbr_entry *extended = chain->extended;
  unsigned char sector[MBR_SIZE];
  struct mbr_entry entries[MBR_SLOTS];

  if (partitions_pread (disk, sector, sizeof sector,
                        chain->at * ret->sector, ret, err) == -1)
    return -1;
  if (ret->why_not != NULL)
    return 0;
  if (!parse_entries (sector, entries) ||
      entries[2].len > 0 || entries[3].len > 0 ||
      (entries[0].len > 0 &&
       (entries[0].type == 0 || is_extended (&entries[0]) ||
        !lies_within (extended, chain->at, &entries[0]))) ||
      (entries[1].len > 0 &&
       (!is_extended (&entries[1]) ||
        !lies_within (extended, extended->start, &entries[1]))))
    return partitions_doubt (ret, err,
                             _("its chain of logical partitions is "
                               "damaged"));
  if (entries[0].len > 0 &&
      partitions_add (disk, chain->number++, chain->at + entries[0].start,
                      entries[0].len, ret, err) == -1)
    return -1;
  chain->ended = entries[1].len == 0;
  chain->at = (uint64_t) extended->start + entries[1].start;
  return 0;
}

/* A chain that comes back to itself is found where overlaps are. */
static int
read_logical (struct reader *disk, const struct mbr_entry *extended,
              struct partitions *ret, struct error *err)
{
  struct chain chain = {
    .extended = extended, .at = extended->start, .number = LOGICAL_FIRST,
  };

  for (unsigned n = 0; !chain.ended && ret->why_not == NULL; n++) {
    if (n == LOGICAL_MAX)
      return partitions_doubt (ret, err,
                               _("its chain of logical partitions does not "
                                 "end"));
    if (follow (disk, &chain, ret, err) == -1)
      return -1;
  }
  return 0;
}

/*--- All of it. ---*/

/* What has been hidden or is of a kind that lies over several partitions. */
static const char *
layer_of (uint8_t type)
{
  return type == 0x42
    ? N_("it is a dynamic disk of Windows")
    : NULL;
}

static int
read_slot (struct reader *disk, const struct mbr_entry *entry,
           unsigned number, struct partitions *ret, struct error *err)
{
  if (entry->type == 0)
    return partitions_doubt (ret, err, _("its partition %u has no type"),
                             number);
  if (entry->start == 0)
    return partitions_doubt (ret, err,
                             _("its partition %u overlaps the partition "
                               "table"), number);
  if (layer_of (entry->type) != NULL)
    return partitions_doubt (ret, err, "%s", _(layer_of (entry->type)));
  return partitions_add (disk, number, entry->start, entry->len, ret, err);
}

/* An extended partition is on the disk, and beside the others. */
static int
check_extended (struct reader *disk, const struct mbr_entry *extended,
                const struct mbr_entry *entries, struct partitions *ret,
                struct error *err)
{
  const uint64_t start = extended->start, end = start + extended->len;

  if (start == 0 || end > disk->size / ret->sector)
    return partitions_doubt (ret, err,
                             _("its extended partition ends beyond the end "
                               "of the disk"));
  for (unsigned i = 0; i < MBR_SLOTS; i++)
    if (&entries[i] != extended && entries[i].len > 0 &&
        entries[i].start < end &&
        start < (uint64_t) entries[i].start + entries[i].len)
      return partitions_doubt (ret, err,
                               is_extended (&entries[i])
                               ? _("it has two extended partitions")
                               : _("its extended partition overlaps another "
                                   "partition"));
  return 0;
}

int
mbr_read (struct reader *disk, const struct mbr_entry *entries,
          struct partitions *ret, struct error *err)
{
  const struct mbr_entry *extended = NULL;

  for (unsigned i = 0; i < MBR_SLOTS && ret->why_not == NULL; i++) {
    if (entries[i].len == 0)
      continue;
    if (is_extended (&entries[i])) {
      if (extended != NULL)
        return partitions_doubt (ret, err,
                                 _("it has two extended partitions"));
      extended = &entries[i];
    }
    else if (read_slot (disk, &entries[i], i + 1, ret, err) == -1)
      return -1;
  }
  if (extended == NULL || ret->why_not != NULL)
    return 0;
  if (check_extended (disk, extended, entries, ret, err) == -1)
    return -1;
  return ret->why_not != NULL ? 0 : read_logical (disk, extended, ret, err);
}
