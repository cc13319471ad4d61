/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What oVirt (RHV, OLVM) says in elements and attributes of its own: firmware,
 * buses of disks, models of NICs, TPM, and from which disk the guest boots.
 * (Engine 4.3 to 4.5.7: OvfWriter.java, OvfOvaWriter.java and what reads the
 * same, OvfReader.java.)
 */

#include <config.h>

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "guest/guest.h"
#include "input/ova/ovf-reading.h"

/* BiosType, as the OVF counts: from 0, although the engine's own enumeration
 * has begun with 1 since 4.4.  With the attribute ovirt:custom it is the
 * engine's, and 4 can be nothing else.
 */
enum bios_type { I440FX_BIOS, Q35_BIOS, Q35_UEFI, Q35_SECURE_BOOT };

static bool
read_bios_type (struct ovf_reading *r, uint64_t *ret)
{
  CLEANUP_FREE char *text = ovf_text (r, r->system, "ovf:BiosType");

  if (text == NULL || ovf_parse_number (text, ret) == -1)
    return false;
  if (*ret == Q35_SECURE_BOOT + 1 ||
      (*ret > 0 && ovf_has (r, r->system, "ovf:BiosType/@ovirt:custom")))
    --*ret;
  return true;
}

static void
set_firmware (struct ovf_reading *r)
{
  uint64_t type;

  if (!read_bios_type (r, &type))
    return;
  if (type > Q35_SECURE_BOOT) {
    argv_appendf (r->warnings, r->err,
                  _("the BiosType %" PRIu64 " is not known and is ignored"),
                  type);
    return;
  }
  r->guest->firmware = type >= Q35_UEFI ? FIRMWARE_UEFI : FIRMWARE_BIOS;
  r->guest->secure_boot = type == Q35_SECURE_BOOT;
  alloc_set (&r->guest->machine, type == I440FX_BIOS ? "pc" : "q35",
             r->err);
}

static void
set_bus (struct ovf_reading *r, const struct xml_node *description,
         struct disk *disk)
{
  static const struct {
    const char *name;
    enum disk_bus bus;
  } interfaces[] = {
    { "IDE", BUS_IDE }, { "SATA", BUS_SATA }, { "VirtIO", BUS_VIRTIO },
    { "VirtIO_SCSI", BUS_SCSI }, { "SPAPR_VSCSI", BUS_SCSI },
  };
  CLEANUP_FREE char *name = ovf_text (r, description,
                                      "@ovf:disk-interface");

  for (size_t i = 0; name != NULL && i < ARRAY_LEN (interfaces); i++)
    if (strcasecmp (interfaces[i].name, name) == 0)
      disk->bus = interfaces[i].bus;
  if (name != NULL && strcasecmp (name, "VirtIO_SCSI") == 0)
    alloc_set (&disk->controller, "virtio-scsi", r->err);
}

static bool
is_boot_disk (struct ovf_reading *r, const struct xml_node *description)
{
  CLEANUP_FREE char *boot = ovf_text (r, description, "@ovf:boot");

  return boot != NULL && strcasecmp (boot, "true") == 0;
}

/* The engine allows one boot disk; BootOrder is what the guest had when it ran
 * last, and is not always there.
 */
static void
set_disks (struct ovf_reading *r)
{
  for (size_t i = 0; i < r->drives.len; i++) {
    const struct item *item = r->drives.ptr[i].item;
    const struct xml_node *description = ovf_find_disk (r, item);
    struct disk *disk = &r->guest->disks.ptr[i];

    if (description == NULL)
      continue;
    set_bus (r, description, disk);
    if (is_boot_disk (r, description))
      disk->boot_order = 1;
  }
}

/* The BootOrder of disk I's item; 0: it has none. */
static uint64_t
item_boot_order (struct ovf_reading *r, size_t i)
{
  CLEANUP_FREE char *text = ovf_text (r, r->drives.ptr[i].item->node,
                                      "ovf:BootOrder");
  uint64_t order;

  return text == NULL || ovf_parse_number (text, &order) == -1 ||
    order > UINT32_MAX ? 0 : order;
}

static void
set_boot_order (struct ovf_reading *r)
{
  for (size_t i = 0; i < r->drives.len; i++)
    if (r->guest->disks.ptr[i].boot_order != 0)
      return;
  for (size_t i = 0; i < r->drives.len; i++)
    r->guest->disks.ptr[i].boot_order = (unsigned) item_boot_order (r, i);
}

/* The model of a NIC is a number, VmInterfaceType. */
static const char *const models[] = {
  "rtl8139", "rtl8139", "e1000", "virtio", "spapr-vlan", "pci-passthrough",
  "e1000e",
};
#define PASSTHROUGH 5

static void
set_model (struct ovf_reading *r, struct nic *nic)
{
  uint64_t number;

  if (nic->model == NULL || ovf_parse_number (nic->model, &number) == -1)
    return;
  free (nic->model);
  nic->model = number >= ARRAY_LEN (models) ? NULL
    : alloc_copy (models[number], r->err);
  if (number == PASSTHROUGH)
    argv_appendf (r->warnings, r->err,
                  _("a network card of the host is passed through to the "
                    "guest, which will have a virtual one instead (MAC "
                    "address %s)"),
                  nic->mac == NULL ? "?" : nic->mac);
}

static void
set_models (struct ovf_reading *r)
{
  for (size_t i = 0; i < r->guest->nics.len; i++)
    set_model (r, &r->guest->nics.ptr[i]);
}

static void
set_tpm (struct ovf_reading *r)
{
  if (ovf_has (r, r->hardware, "ovf:Item[ovf:Type='tpm' or ovf:Device='tpm']"))
    r->guest->tpm = true;
}

void
ovf_read_ovirt (struct ovf_reading *r)
{
  if (strcmp (r->guest->hypervisor, "kvm") != 0)
    return;
  set_firmware (r);
  set_disks (r);
  set_boot_order (r);
  set_models (r);
  set_tpm (r);
}
