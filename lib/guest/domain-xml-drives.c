/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The disks and removable drives of the libvirt XML: what each is called, on
 * which bus, and which of them boots.
 */

#include <config.h>

#include <string.h>

#include "base/argv.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/xml-build.h"
#include "guest/boot-order.h"
#include "guest/domain-xml-internal.h"
#include "guest/guest.h"
#include "guest/target-name.h"

/* Drives that a PC has room for; those beyond are left out, as no source
 * has them.
 */
enum {
  MAX_FLOPPIES = 2,             /* on the floppy controller */
  MAX_IDE = 4,                  /* on i440fx's IDE controller */
  MAX_SATA = 6,                 /* on q35's SATA controller */
  MAX_DRIVES = 6,               /* of any one kind */
};

/* libvirt takes the order of devices or that of their kinds, not both. */
void
domain_xml_boot_order (const struct domain *dom, struct xml_elem *device,
                       unsigned boot_order)
{
  if (boot_order != 0 && !boot_order_is_usual (dom->guest))
    xml_attrf (dom->build, xml_add (dom->build, device, "boot", NULL),
               "order", "%u", boot_order);
}

static void
add_nbd_source (const struct domain *dom, struct xml_elem *elem,
                const char *socket)
{
  struct xml_elem *source = xml_add (dom->build, elem, "source",
                                     "protocol", "nbd", "name", "", NULL);

  xml_add (dom->build, source, "host",
           "transport", "unix", "socket", socket, NULL);
}

/* The names are those of the source's drives up to this one. */
static void
add_source_target (const struct domain *dom, struct xml_elem *elem,
                   size_t index, enum disk_bus bus)
{
  struct xml_elem *target = xml_add (dom->build, elem, "target",
                                     "dev", dom->names->ptr[index], NULL);

  if (bus != BUS_UNKNOWN)
    xml_attr (dom->build, target, "bus", disk_bus_name (bus));
}

static void
add_disk_target (const struct domain *dom, struct xml_elem *elem,
                 unsigned index)
{
  char letters[DISK_LETTERS_MAX];
  struct xml_elem *target;

  if (dom->names != NULL) {
    add_source_target (dom, elem, index, dom->guest->disks.ptr[index].bus);
    return;
  }
  disk_letters (index, letters);
  target = xml_add (dom->build, elem, "target", NULL);
  xml_attrf (dom->build, target, "dev", "vd%s", letters);
  xml_attr (dom->build, target, "bus", "virtio");
}

static int
add_disk (const struct domain *dom, const struct domain_disk *disk,
          unsigned index, struct error *err)
{
  static const char *const types[] = {
    [DOMAIN_DISK_FILE] = "file",
    [DOMAIN_DISK_BLOCK] = "block",
    [DOMAIN_DISK_NBD] = "network",
  };
  CLEANUP_FREE char *path = location_absolute_path (disk->path, err);
  struct xml_elem *elem;

  if (path == NULL)
    return -1;
  elem = xml_add (dom->build, dom->devices, "disk",
                  "type", types[disk->kind], "device", "disk", NULL);
  xml_add (dom->build, elem, "driver",
           "name", "qemu", "type", disk->format, NULL);
  if (disk->kind == DOMAIN_DISK_NBD)
    add_nbd_source (dom, elem, path);
  else
    xml_add (dom->build, elem, "source",
             disk->kind == DOMAIN_DISK_FILE ? "file" : "dev", path, NULL);
  add_disk_target (dom, elem, index);
  if (index < dom->guest->disks.len)
    domain_xml_boot_order (dom, elem, dom->guest->disks.ptr[index].boot_order);
  return 0;
}

/* A bus for drives, and which of its places are taken. */
struct drives {
  const char *device, *bus, *prefix;
  unsigned max;
  bool taken[MAX_DRIVES];
};

/* The place it had, where that is free. */
static int
find_slot (const struct drives *drives, unsigned wanted)
{
  if (wanted < drives->max && !drives->taken[wanted])
    return (int) wanted;
  for (unsigned i = 0; i < drives->max; i++)
    if (!drives->taken[i])
      return (int) i;
  return -1;
}

static void
add_removable (const struct domain *dom, const struct removable *removable,
               struct drives *drives)
{
  const int slot = find_slot (drives, removable->slot);
  struct xml_elem *elem, *target;

  if (slot == -1)
    return;
  drives->taken[slot] = true;
  elem = xml_add (dom->build, dom->devices, "disk",
                  "type", "file", "device", drives->device, NULL);
  target = xml_add (dom->build, elem, "target", NULL);
  xml_attrf (dom->build, target, "dev", "%s%c", drives->prefix, 'a' + slot);
  xml_attr (dom->build, target, "bus", drives->bus);
  domain_xml_boot_order (dom, elem, removable->boot_order);
  if (strcmp (drives->device, "cdrom") == 0)
    xml_add (dom->build, elem, "readonly", NULL);
}

/* virt-v2v replaces /dev/hdc by /dev/cdrom in old guests. */
static int
add_source_removables (const struct domain *dom, struct error *err)
{
  const struct removables *removables = &dom->guest->removables;

  for (size_t i = 0; i < removables->len; i++) {
    const struct removable *removable = &removables->ptr[i];
    const bool floppy = removable->kind == REMOVABLE_FLOPPY;
    struct xml_elem *elem;

    if (target_name_of_drive (removable->bus, removable->slot, dom->names,
                              err) == -1)
      return -1;
    elem = xml_add (dom->build, dom->devices, "disk", "type", "file",
                    "device", floppy ? "floppy" : "cdrom", NULL);
    add_source_target (dom, elem, dom->names->len - 1, removable->bus);
    if (!floppy)
      xml_add (dom->build, elem, "readonly", NULL);
  }
  return 0;
}

/* Each drive stays, empty: what was in it is not copied. */
static void
add_removables (const struct domain *dom)
{
  const struct removables *removables = &dom->guest->removables;
  struct drives floppies = {
    "floppy", "fdc", "fd", dom->x86 ? MAX_FLOPPIES : 0, { false }
  };
  struct drives sata = { "cdrom", "sata", "sd", MAX_SATA, { false } };
  struct drives ide = { "cdrom", "ide", "hd", MAX_IDE, { false } };
  struct drives scsi = { "cdrom", "scsi", "sd", MAX_SATA, { false } };
  struct drives *cdroms = !dom->x86 ? &scsi : dom->q35 ? &sata : &ide;

  for (size_t i = 0; i < removables->len; i++)
    add_removable (dom, &removables->ptr[i],
                   removables->ptr[i].kind == REMOVABLE_FLOPPY ? &floppies
                   : cdroms);
}

int
domain_xml_drives (const struct domain *dom, const struct domain_disk *disks,
                   size_t n, struct error *err)
{
  for (size_t i = 0; i < n; i++)
    if (add_disk (dom, &disks[i], (unsigned) i, err) == -1)
      return -1;
  if (dom->names != NULL)
    return add_source_removables (dom, err);
  add_removables (dom);
  return 0;
}
