/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Where drives are attached, and the order of disks that follows from it.
 * Items may come in any order: VirtualBox writes disks as they were attached,
 * XenCenter as the server lists them.
 */

#include <config.h>

#include <string.h>

#include "base/argv.h"
#include "base/cleanup.h"
#include "input/ova/ovf-reading.h"

static enum disk_bus
controller_bus (const struct item *controller)
{
  const char *subtype = controller->subtype == NULL ? ""
                                                    : controller->subtype;

  switch (controller->type) {
  case RESOURCE_IDE:
    return BUS_IDE;
  case RESOURCE_SCSI:
    return BUS_SCSI;
  case RESOURCE_USB:
    return BUS_USB;
  case RESOURCE_STORAGE:
    if (strcasestr (subtype, "nvme") != NULL)
      return BUS_NVME;
    return strcasestr (subtype, "scsi") != NULL ? BUS_SCSI : BUS_SATA;
  default:
    return BUS_UNKNOWN;
  }
}

static const struct item *
find_controller (const struct ovf_reading *r, const char *id)
{
  for (size_t i = 0; i < r->items.len; i++)
    if (r->items.ptr[i].id != NULL && strcmp (r->items.ptr[i].id, id) == 0)
      return &r->items.ptr[i];
  return NULL;
}

/* The address of a disk whose parent is missing means nothing: of which
 * controller is it?  XenCenter writes no parents, and as the address the
 * number of the device.
 */
struct place
ovf_find_place (struct ovf_reading *r, const struct item *item)
{
  CLEANUP_FREE char *parent = ovf_property (r, item, "Parent");
  struct place place = {
    .controller = parent == NULL ? NULL : find_controller (r, parent),
    .bus = BUS_UNKNOWN, .address = NO_ADDRESS,
  };

  if (place.controller != NULL) {
    place.bus = controller_bus (place.controller);
    place.number = ovf_loose_number (r, place.controller, "BusNumber", 0);
    place.number = ovf_loose_number (r, place.controller, "Address",
                                     place.number);
  }
  if (place.controller != NULL || parent == NULL)
    place.address = ovf_loose_number (r, item, "AddressOnParent",
                                      NO_ADDRESS);
  return place;
}

/* In which order VirtualBox's BIOS looks for disks (orgs.asm: _ata_detect,
 * _ahci_init, _scsi_init, in versions 4 to 7).  What others do is not known
 * that well, and it finds no disks on other buses: these have no rank.
 */
static unsigned
bus_rank (const struct ovf_reading *r, enum disk_bus bus)
{
  static const unsigned ranks[] = {
    [BUS_IDE] = 1, [BUS_SATA] = 2, [BUS_SCSI] = 3,
  };
  const char *hypervisor = r->guest->hypervisor;

  return hypervisor != NULL && strcmp (hypervisor, "virtualbox") == 0 &&
    bus < ARRAY_LEN (ranks) ? ranks[bus] : 0;
}

/* Does the firmware tell which of two disks comes first? */
static bool
comparable (const struct ovf_reading *r, const struct place *a,
            const struct place *b)
{
  if (a->address == NO_ADDRESS || b->address == NO_ADDRESS)
    return false;
  return a->bus == b->bus ||
    (bus_rank (r, a->bus) != 0 && bus_rank (r, b->bus) != 0);
}

static bool
comes_after (const struct ovf_reading *r, const struct place *a,
             const struct place *b)
{
  const unsigned a_rank = bus_rank (r, a->bus);
  const unsigned b_rank = bus_rank (r, b->bus);

  if (a_rank != b_rank)
    return a_rank > b_rank;
  if (a->controller != b->controller)
    return a->number != b->number ? a->number > b->number
                                  : a->controller > b->controller;
  return a->address > b->address;
}

/* The last disk before number I that may have to come after it; -1: none. */
static ssize_t
previous (const struct ovf_reading *r, size_t i)
{
  const struct drive *drives = r->drives.ptr;

  for (size_t j = i; j > 0; j--)
    if (comparable (r, &drives[j - 1].place, &drives[i].place))
      return (ssize_t) j - 1;
  return -1;
}

/* Each disk changes places with those before it.  Disks that cannot be
 * compared stay where they are: those of a VMware guest's IDE controller keep
 * the places that the OVF gives them among those of its SCSI controllers.
 */
static void
order_drive (struct ovf_reading *r, size_t i)
{
  struct drive *drives = r->drives.ptr;
  ssize_t j;

  while ((j = previous (r, i)) != -1 &&
         comes_after (r, &drives[j].place, &drives[i].place)) {
    const struct drive kept = drives[i];

    drives[i] = drives[j];
    drives[j] = kept;
    i = (size_t) j;
  }
}

void
ovf_order_drives (struct ovf_reading *r)
{
  for (size_t i = 1; i < r->drives.len; i++)
    order_drive (r, i);
}
