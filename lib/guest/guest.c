/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Guests made, filled and freed, and the names of what they consist of.
 * location.c has the places where disks are.
 */

#include <config.h>

#include <assert.h>
#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "guest/guest.h"

static const char *const bus_names[] = {
  [BUS_UNKNOWN] = "unknown",
  [BUS_IDE] = "ide",
  [BUS_SCSI] = "scsi",
  [BUS_SATA] = "sata",
  [BUS_VIRTIO] = "virtio",
  [BUS_NVME] = "nvme",
  [BUS_USB] = "usb",
  [BUS_FDC] = "fdc",
  [BUS_XEN] = "xen",
  [BUS_SD] = "sd",
};

static const char *const firmware_names[] = {
  [FIRMWARE_UNKNOWN] = "unknown",
  [FIRMWARE_BIOS] = "bios",
  [FIRMWARE_UEFI] = "uefi",
};

const char *
disk_format (const struct disk *disk)
{
  return disk->format != NULL ? disk->format : "raw";
}

bool
disk_is_raw (const struct disk *disk)
{
  return strcmp (disk_format (disk), "raw") == 0;
}

const char *
disk_bus_name (enum disk_bus bus)
{
  assert (bus < ARRAY_LEN (bus_names));
  return bus_names[bus];
}

enum disk_bus
disk_bus_parse (const char *name)
{
  for (enum disk_bus bus = 0; bus < ARRAY_LEN (bus_names); bus++)
    if (strcmp (name, bus_names[bus]) == 0)
      return bus;
  return BUS_UNKNOWN;
}

const char *
firmware_name (enum firmware firmware)
{
  assert (firmware < ARRAY_LEN (firmware_names));
  return firmware_names[firmware];
}

/* The length is that of the kernel's IFNAMSIZ. */
bool
bridge_valid (const char *name)
{
  static const char allowed[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
  const size_t len = strlen (name);

  return len > 0 && len < 16 && name[strspn (name, allowed)] == '\0' &&
    strcmp (name, ".") != 0 && strcmp (name, "..") != 0;
}

bool
mac_valid (const char *mac)
{
  for (size_t i = 0; i < 17; i++)
    if (i % 3 == 2 ? mac[i] != ':' : !isxdigit ((unsigned char) mac[i]))
      return false;
  return mac[17] == '\0';
}

struct guest *
guest_new (struct error *err)
{
  return alloc_zero (sizeof (struct guest), err);
}

static void
free_disks (struct disks *disks)
{
  for (size_t i = 0; i < disks->len; i++) {
    location_reset (&disks->ptr[i].location);
    free (disks->ptr[i].format);
    free (disks->ptr[i].target);
    free (disks->ptr[i].unsupported);
    free (disks->ptr[i].controller);
    free (disks->ptr[i].image.text);
    free (disks->ptr[i].image.format);
    free (disks->ptr[i].image.variant);
    argv_reset (&disks->ptr[i].image.state);
    argv_reset (&disks->ptr[i].image.files);
  }
  disks_reset (disks);
}

static void
free_nics (struct nics *nics)
{
  for (size_t i = 0; i < nics->len; i++) {
    free (nics->ptr[i].mac);
    free (nics->ptr[i].model);
    free (nics->ptr[i].network);
    free (nics->ptr[i].connection);
  }
  nics_reset (nics);
}

void
guest_free (struct guest *guest)
{
  if (guest == NULL)
    return;
  free (guest->name);
  free (guest->hypervisor);
  free (guest->cpu.model);
  free (guest->cpu.vendor);
  free (guest->arch);
  free (guest->converted.arch);
  free (guest->machine);
  free (guest->clock_offset);
  free (guest->display);
  free (guest->video);
  free (guest->sound);
  free (guest->genid);
  free (guest->vmware.datacenter);
  free (guest->vmware.moref);
  free_disks (&guest->disks);
  removables_reset (&guest->removables);
  free_nics (&guest->nics);
  free (guest);
}

struct disk *
guest_add_disk (struct guest *guest, struct error *err)
{
  if (disks_append (&guest->disks, (struct disk) { .format = NULL }) == 0)
    return &guest->disks.ptr[guest->disks.len - 1];
  error_nomem (err);
  return NULL;
}

struct removable *
guest_add_removable (struct guest *guest, struct error *err)
{
  if (removables_append (&guest->removables,
                         (struct removable) { .slot = 0 }) == 0)
    return &guest->removables.ptr[guest->removables.len - 1];
  error_nomem (err);
  return NULL;
}

struct nic *
guest_add_nic (struct guest *guest, struct error *err)
{
  if (nics_append (&guest->nics, (struct nic) { .mac = NULL }) == 0)
    return &guest->nics.ptr[guest->nics.len - 1];
  error_nomem (err);
  return NULL;
}

int
guest_assume_nic (struct guest *guest, struct error *err)
{
  struct nic *nic = guest_add_nic (guest, err);

  if (nic == NULL)
    return -1;
  nic->assumed = nic->kind_open = true;
  return alloc_set (&nic->network, "default", err);
}

/* Counting in letters has no zero: z is followed by aa, not by ba. */
void
disk_letters (unsigned index, char ret[DISK_LETTERS_MAX])
{
  char reversed[DISK_LETTERS_MAX];
  uint64_t n = (uint64_t) index + 1;
  size_t len = 0;

  for (; n > 0; n = (n - 1) / 26)
    reversed[len++] = (char) ('a' + (n - 1) % 26);
  assert (len < DISK_LETTERS_MAX);
  ret[len] = '\0';
  for (size_t i = 0; i < len; i++)
    ret[i] = reversed[len - 1 - i];
}

const char *
disk_name (unsigned index, char ret[DISK_NAME_MAX])
{
  memcpy (ret, "sd", 2);
  disk_letters (index, ret + 2);
  return ret;
}

int
disk_letters_parse (const char *letters, unsigned *index)
{
  uint64_t n = 0;

  if (*letters == '\0')
    return -1;
  for (; *letters != '\0'; letters++) {
    if (*letters < 'a' || *letters > 'z')
      return -1;
    n = n * 26 + (unsigned) (*letters - 'a') + 1;
    if (n > (uint64_t) UINT32_MAX + 1)
      return -1;
  }
  *index = (unsigned) (n - 1);
  return 0;
}
