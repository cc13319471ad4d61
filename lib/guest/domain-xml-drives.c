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
#include "guest/attach.h"
#include "guest/boot-order.h"
#include "guest/domain-xml-internal.h"
#include "guest/guest.h"
#include "guest/target-name.h"

/* Removable drives that a PC has room for; those beyond are left out, as no
 * source has them.
 */
enum {
  MAX_FLOPPIES = 2,             /* on the floppy controller */
  MAX_DRIVES = 6,               /* on q35's SATA controller */
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

/* The names are those of the drives up to this one, at least. */
static void
add_named_target (const struct domain *dom, struct xml_elem *elem,
                   size_t index, enum disk_bus bus)
{
  struct xml_elem *target = xml_add (dom->build, elem, "target",
                                     "dev", dom->names->ptr[index], NULL);

  if (bus != BUS_UNKNOWN)
    xml_attr (dom->build, target, "bus", disk_bus_name (bus));
}

/* libvirt takes the place from the name, except on SCSI controllers, most of
 * which have room for one unit of each target only.
 */
static void
add_scsi_address (const struct domain *dom, struct xml_elem *disk,
                  const struct attached *attached)
{
  const bool units = strcmp (attached->model, "lsilogic") == 0;
  struct xml_elem *elem = xml_add (dom->build, disk, "address",
                                   "type", "drive", NULL);

  xml_attrf (dom->build, elem, "controller", "%u", attached->controller);
  xml_attr (dom->build, elem, "bus", "0");
  xml_attrf (dom->build, elem, "target", "%u", units ? 0 : attached->slot);
  xml_attrf (dom->build, elem, "unit", "%u", units ? attached->slot : 0);
}

static int
add_target (const struct domain *dom, struct xml_elem *disk,
            const struct attached *attached, size_t index, struct error *err)
{
  const bool ide = attached->bus == BUS_IDE;

  if (target_name_of_drive (attached->bus, ide ? attached->slot : 0,
                            dom->names, err) == -1)
    return -1;
  add_named_target (dom, disk, index, attached->bus);
  if (attached->model != NULL)
    add_scsi_address (dom, disk, attached);
  return 0;
}

/* ATTACHED is NULL for the source's own. */
static int
add_disk (const struct domain *dom, const struct domain_disk *disk,
          const struct attached *attached, unsigned index,
          struct error *err)
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
  if (attached == NULL)
    add_named_target (dom, elem, index, dom->guest->disks.ptr[index].bus);
  else if (add_target (dom, elem, &attached[index], index, err) == -1)
    return -1;
  if (index < dom->guest->disks.len)
    domain_xml_boot_order (dom, elem, dom->guest->disks.ptr[index].boot_order);
  return 0;
}

/* A bus for removable drives. */
struct drives {
  const char *device;
  enum disk_bus bus;
  unsigned max;                 /* names on it */
};

/* At the place it had, where that is free: 1; 0: there is no place. */
static int
add_removable (const struct domain *dom, const struct removable *removable,
               const struct drives *drives, struct error *err)
{
  const int r = target_name_of_slot (drives->bus, removable->slot,
                                     drives->max, dom->names, err);
  struct xml_elem *elem;

  if (r != 1)
    return r;
  elem = xml_add (dom->build, dom->devices, "disk",
                  "type", "file", "device", drives->device, NULL);
  add_named_target (dom, elem, dom->names->len - 1, drives->bus);
  domain_xml_boot_order (dom, elem, removable->boot_order);
  if (strcmp (drives->device, "cdrom") == 0)
    xml_add (dom->build, elem, "readonly", NULL);
  return 1;
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
    add_named_target (dom, elem, dom->names->len - 1, removable->bus);
    if (!floppy)
      xml_add (dom->build, elem, "readonly", NULL);
  }
  return 0;
}

/* Each drive stays, empty: what was in it is not copied.  Where disks have
 * taken all of IDE it is on SATA.
 */
static int
add_removables (const struct domain *dom, size_t n_disks, struct error *err)
{
  const struct removables *removables = &dom->guest->removables;
  const unsigned max = (unsigned) n_disks + MAX_DRIVES;
  const struct drives floppies = {
    "floppy", BUS_FDC, dom->x86 ? MAX_FLOPPIES : 0
  };
  const struct drives cdroms[] = {
    { "cdrom", BUS_IDE, dom->x86 && !dom->q35 ? ATTACH_IDE_MAX : 0 },
    { "cdrom", dom->x86 ? BUS_SATA : BUS_SCSI, max },
  };

  for (size_t i = 0; i < removables->len; i++) {
    const struct removable *removable = &removables->ptr[i];
    int r;

    if (removable->kind == REMOVABLE_FLOPPY)
      r = add_removable (dom, removable, &floppies, err);
    else {
      r = add_removable (dom, removable, &cdroms[0], err);
      if (r == 0)
        r = add_removable (dom, removable, &cdroms[1], err);
    }
    if (r == -1)
      return -1;
  }
  return 0;
}

/* One for each number, under its first disk's model. */
static void
add_scsi_controllers (const struct domain *dom,
                      const struct attached *attached, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    struct xml_elem *elem;

    if (attached[i].model == NULL || attached[i].slot != 0)
      continue;
    elem = xml_add (dom->build, dom->devices, "controller",
                    "type", "scsi", NULL);
    xml_attrf (dom->build, elem, "index", "%u", attached[i].controller);
    xml_attr (dom->build, elem, "model", attached[i].model);
  }
}

static int
add_all (const struct domain *dom, const struct domain_disk *disks,
         const struct attached *attached, size_t n, struct error *err)
{
  for (size_t i = 0; i < n; i++)
    if (add_disk (dom, &disks[i], attached, (unsigned) i, err) == -1)
      return -1;
  if (attached == NULL)
    return add_source_removables (dom, err);
  add_scsi_controllers (dom, attached, n);
  return add_removables (dom, n, err);
}

int
domain_xml_drives (const struct domain *dom, const struct domain_disk *disks,
                   size_t n, struct error *err)
{
  struct attached *attached;
  int r;

  if (dom->of_source)
    return add_all (dom, disks, NULL, n, err);
  attached = attach_disks (dom->guest, n, err);
  r = attached == NULL ? -1 : add_all (dom, disks, attached, n, err);
  free (attached);
  return r;
}
