/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The disks, drives and network cards of an OVF.  Where they are attached is
 * the matter of ovf-place.c, what the OVF says about the file of a disk that
 * of ovf-disk.c.
 */

#include <config.h>

#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "guest/guest.h"
#include "input/ova/ovf-reading.h"

static bool
is_removable (const struct item *item)
{
  return item->type == RESOURCE_FLOPPY || item->type == RESOURCE_CD ||
    item->type == RESOURCE_DVD;
}

/* XenCenter's own import takes types 20 and 21, too, which are controllers and
 * serial ports by CIM: what refers to a disk of the package is one.
 */
bool
ovf_is_disk (struct ovf_reading *r, const struct item *item)
{
  CLEANUP_FREE char *resource = NULL;

  if (item->type == RESOURCE_DISK || item->type == RESOURCE_EXTENT ||
      item->type == RESOURCE_LOGICAL_DISK || item->type == RESOURCE_VOLUME)
    return true;
  if (is_removable (item) || item->type == RESOURCE_NIC)
    return false;
  resource = ovf_property (r, item, "HostResource");
  return resource != NULL && ovf_reference (resource, "disk") != NULL &&
    ovf_find_disk (r, item) != NULL;
}

/* In lower case. */
static char *
first_word (struct ovf_reading *r, const char *words)
{
  char *ret = format (r->err, "%.*s", (int) strcspn (words, " ,"), words);

  ovf_lower (ret);
  return ret;
}

static void
list_drives (struct ovf_reading *r)
{
  for (size_t i = 0; i < r->items.len && !error_is_set (r->err); i++) {
    const struct item *item = &r->items.ptr[i];

    if (ovf_is_disk (r, item) &&
        drives_append (&r->drives, (struct drive) {
            .item = item, .place = ovf_find_place (r, item) }) == -1)
      error_nomem (r->err);
  }
}

/* The first of the models of its SCSI controller that the OVF allows. */
static void
set_controller (struct ovf_reading *r, const struct drive *drive,
                struct disk *disk)
{
  const struct item *controller = drive->place.controller;

  if (drive->place.bus == BUS_SCSI && controller->subtype != NULL)
    disk->controller = first_word (r, controller->subtype);
}

static void
add_disk (struct ovf_reading *r, const struct drive *drive)
{
  struct disk *disk = guest_add_disk (r->guest, r->err);

  if (disk == NULL)
    return;
  disk->bus = drive->place.bus;
  set_controller (r, drive, disk);
  if (ovf_disks_append (r->disks, (struct ovf_disk) { .href = NULL }) == -1)
    error_nomem (r->err);
  else
    ovf_read_disk (r, drive->item, &r->disks->ptr[r->disks->len - 1]);
}

void
ovf_add_disks (struct ovf_reading *r)
{
  list_drives (r);
  ovf_order_drives (r);
  for (size_t i = 0; i < r->drives.len && !error_is_set (r->err); i++)
    add_disk (r, &r->drives.ptr[i]);
}

static void
add_removable (struct ovf_reading *r, const struct item *item)
{
  const struct place place = ovf_find_place (r, item);
  const uint64_t controller = place.bus != BUS_IDE ? 0 : place.number;
  struct removable *removable = guest_add_removable (r->guest, r->err);

  if (removable == NULL)
    return;
  removable->kind = item->type == RESOURCE_FLOPPY ? REMOVABLE_FLOPPY
                                                  : REMOVABLE_CDROM;
  removable->bus = item->type == RESOURCE_FLOPPY ? BUS_FDC : place.bus;
  if (place.address < 256 && controller < 256)
    removable->slot = (unsigned) (controller * 2 + place.address);
}

void
ovf_add_removables (struct ovf_reading *r)
{
  for (size_t i = 0; i < r->items.len; i++)
    if (is_removable (&r->items.ptr[i]))
      add_removable (r, &r->items.ptr[i]);
}

/* The first of the models that the OVF allows. */
static void
set_model (struct ovf_reading *r, const struct item *item, struct nic *nic)
{
  if (item->subtype != NULL)
    nic->model = first_word (r, item->subtype);
}

/* oVirt has an element of its own, and writes the place of the PCI device as
 * the Address.
 */
static void
set_mac (struct ovf_reading *r, const struct item *item, struct nic *nic)
{
  nic->mac = ovf_property (r, item, "MACAddress");
  if (nic->mac == NULL)
    nic->mac = ovf_property (r, item, "Address");
  if (nic->mac == NULL || mac_valid (nic->mac))
    return;
  if (*nic->mac != '{')
    argv_appendf (r->warnings, r->err,
                  _("'%.60s' is not a MAC address and is ignored"),
                  nic->mac);
  free (nic->mac);
  nic->mac = NULL;
}

static void
add_nic (struct ovf_reading *r, const struct item *item, unsigned number)
{
  struct nic *nic = guest_add_nic (r->guest, r->err);

  if (nic == NULL)
    return;
  set_model (r, item, nic);
  set_mac (r, item, nic);
  nic->network = ovf_property (r, item, "Connection");
  nic->kind_open = nic->network != NULL;
  if (nic->network == NULL)
    nic->network = format (r->err, "eth%u", number);
}

void
ovf_add_nics (struct ovf_reading *r)
{
  unsigned number = 0;

  for (size_t i = 0; i < r->items.len; i++)
    if (r->items.ptr[i].type == RESOURCE_NIC)
      add_nic (r, &r->items.ptr[i], number++);
}
