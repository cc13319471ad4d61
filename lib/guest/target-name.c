/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The names of a guest's disks as libvirt's <target dev='sda'> has them.
 * virt-v2v derives from the bus what /dev/sda2 in the guest's files is to be
 * after the conversion, and counts the disks in their order; the names are for
 * people and for other programs.
 */

#include <config.h>

#include <string.h>

#include "base/alloc.h"
#include "base/argv.h"
#include "base/error.h"
#include "guest/target-name.h"

/* As libvirt begins them.  Where a bus is not known libvirt takes what begins
 * with "sd" for SCSI.
 */
static const char *
prefix_of (enum disk_bus bus)
{
  static const char *const prefixes[] = {
    [BUS_IDE] = "hd",
    [BUS_VIRTIO] = "vd",
    [BUS_FDC] = "fd",
    [BUS_XEN] = "xvd",
  };

  return bus < ARRAY_LEN (prefixes) && prefixes[bus] != NULL ? prefixes[bus]
    : "sd";
}

static char *
name_on (enum disk_bus bus, unsigned number, struct error *err)
{
  char letters[DISK_LETTERS_MAX];

  if (bus == BUS_NVME)          /* a namespace of each controller */
    return format (err, "nvme%un1", number);
  disk_letters (number, letters);
  return format (err, "%s%s", prefix_of (bus), letters);
}

/* Is it the name that the description gives a disk? */
static bool
is_given (const struct guest *guest, const char *name)
{
  for (size_t i = 0; guest != NULL && i < guest->disks.len; i++) {
    const char *target = guest->disks.ptr[i].target;

    if (target != NULL && strcmp (target, name) == 0)
      return true;
  }
  return false;
}

/* Append the first free name from NUMBER on; GUEST, which may be NULL, has
 * names that are not free although RET does not hold them yet.
 */
static int
take_free (const struct guest *guest, enum disk_bus bus, unsigned number,
           struct argv *ret, struct error *err)
{
  for (;; number++) {
    char *name = name_on (bus, number, err);

    if (name == NULL)
      return -1;
    if (!argv_contains (ret, name) && !is_given (guest, name))
      return argv_take (ret, name, err);
    free (name);
  }
}

int
target_names_of_disks (const struct guest *guest, struct argv *ret,
                       struct error *err)
{
  for (size_t i = 0; i < guest->disks.len; i++) {
    const struct disk *disk = &guest->disks.ptr[i];

    if (disk->target != NULL
        ? argv_append (ret, disk->target, err) == -1
        : take_free (guest, disk->bus, 0, ret, err) == -1)
      return -1;
  }
  return 0;
}

int
target_name_of_drive (enum disk_bus bus, unsigned slot, struct argv *ret,
                      struct error *err)
{
  return take_free (NULL, bus, slot, ret, err);
}

int
target_name_of_slot (enum disk_bus bus, unsigned slot, unsigned max,
                     struct argv *ret, struct error *err)
{
  for (unsigned i = 0; i <= max; i++) {
    const unsigned number = i == 0 ? slot : i - 1;
    char *name = number >= max ? NULL : name_on (bus, number, err);

    if (name != NULL && !argv_contains (ret, name))
      return argv_take (ret, name, err) == -1 ? -1 : 1;
    free (name);
    if (error_is_set (err))
      return -1;
  }
  return 0;
}
