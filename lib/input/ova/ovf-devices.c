/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The disks, drives and network cards of an OVF, and their controllers.  What
 * the OVF says about the file of a disk is read in ovf-disk.c.
 */

#include <config.h>

#include <ctype.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "guest/guest.h"
#include "input/ova/ovf-reading.h"

/* Where a drive is attached. */
struct place {
  const struct item *controller; /* or NULL */
  uint64_t address;             /* on the controller */
};
#define NO_ADDRESS UINT64_MAX   /* the highest of all */

/* The disk that was added last on a controller, to keep those of one
 * controller in the order of their addresses.
 */
DEFINE_VECTOR (struct places, places, struct place);
#define CLEANUP_PLACES __attribute__ ((cleanup (places_reset)))

static enum disk_bus
controller_bus (const struct item *controller)
{
  const char *subtype;

  if (controller == NULL)
    return BUS_UNKNOWN;
  subtype = controller->subtype == NULL ? "" : controller->subtype;
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

static struct place
find_place (struct ovf_reading *r, const struct item *item)
{
  CLEANUP_FREE char *parent = ovf_property (r, item, "Parent");

  return (struct place) {
    .controller = parent == NULL ? NULL : find_controller (r, parent),
    .address = ovf_number (r, item, "AddressOnParent", NO_ADDRESS),
  };
}

/* Move the last disk before those on the same controller that have higher
 * addresses.  Otherwise the disks stay in the OVF's order, which is all that
 * virt-v2v goes by.
 */
static void
order_last (struct ovf_reading *r, struct places *places)
{
  struct disk *disks = r->guest->disks.ptr;
  struct ovf_disk *files = r->disks->ptr;
  struct place *p = places->ptr;

#define SWAP(a, b) \
  do { __typeof__ (a) kept_ = (a); (a) = (b); (b) = kept_; } while (0)
  for (size_t i = places->len - 1; i > 0; i--) {
    if (p[i].controller == NULL || p[i].controller != p[i - 1].controller ||
        p[i - 1].address == NO_ADDRESS || p[i - 1].address <= p[i].address)
      return;
    SWAP (p[i], p[i - 1]);
    SWAP (files[i], files[i - 1]);
    SWAP (disks[i], disks[i - 1]);
  }
#undef SWAP
}

static void
add_disk (struct ovf_reading *r, const struct item *item,
          struct places *places)
{
  const struct place place = find_place (r, item);
  struct disk *disk = guest_add_disk (r->guest, r->err);

  if (disk == NULL)
    return;
  disk->bus = controller_bus (place.controller);
  if (ovf_disks_append (r->disks, (struct ovf_disk) { .href = NULL }) == -1 ||
      places_append (places, place) == -1) {
    error_nomem (r->err);
    return;
  }
  ovf_read_disk (r, item, &r->disks->ptr[r->disks->len - 1]);
  order_last (r, places);
}

void
ovf_add_disks (struct ovf_reading *r)
{
  CLEANUP_PLACES struct places places = { .ptr = NULL };

  for (size_t i = 0; i < r->items.len && !error_is_set (r->err); i++)
    if (r->items.ptr[i].type == RESOURCE_DISK)
      add_disk (r, &r->items.ptr[i], &places);
}

static void
add_removable (struct ovf_reading *r, const struct item *item)
{
  const struct place place = find_place (r, item);
  const enum disk_bus bus = controller_bus (place.controller);
  const uint64_t controller = bus != BUS_IDE ? 0
    : ovf_number (r, place.controller, "Address", 0);
  struct removable *removable = guest_add_removable (r->guest, r->err);

  if (removable == NULL)
    return;
  removable->kind = item->type == RESOURCE_FLOPPY ? REMOVABLE_FLOPPY
                                                  : REMOVABLE_CDROM;
  removable->bus = item->type == RESOURCE_FLOPPY ? BUS_FDC : bus;
  if (place.address < 256 && controller < 256)
    removable->slot = (unsigned) (controller * 2 + place.address);
}

void
ovf_add_removables (struct ovf_reading *r)
{
  for (size_t i = 0; i < r->items.len; i++) {
    const uint64_t type = r->items.ptr[i].type;

    if (type == RESOURCE_FLOPPY || type == RESOURCE_CD ||
        type == RESOURCE_DVD)
      add_removable (r, &r->items.ptr[i]);
  }
}

/* The first of the models that the OVF allows, in lower case. */
static void
set_model (struct ovf_reading *r, const struct item *item, struct nic *nic)
{
  if (item->subtype == NULL)
    return;
  nic->model = format (r->err, "%.*s", (int) strcspn (item->subtype, " ,"),
                       item->subtype);
  for (char *c = nic->model; c != NULL && *c != '\0'; c++)
    *c = (char) tolower ((unsigned char) *c);
}

static void
set_mac (struct ovf_reading *r, const struct item *item, struct nic *nic)
{
  nic->mac = ovf_property (r, item, "Address");
  if (nic->mac == NULL || mac_valid (nic->mac))
    return;
  argv_appendf (r->warnings, r->err,
                _("'%.60s' is not a MAC address and is ignored"), nic->mac);
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
  nic->kind = nic->network != NULL ? NIC_BRIDGE : NIC_NETWORK;
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
