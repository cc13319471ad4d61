/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What VMware says in elements of its own: firmware and TPM among the items
 * (vmw:Config, vmw:ExtraConfig), and from which disk the guest boots beside
 * the hardware section (vmw:BootOrderSection).
 */

#include <config.h>

#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "guest/guest.h"
#include "input/ova/ovf-reading.h"

static void
set_firmware (struct ovf_reading *r)
{
  CLEANUP_FREE char *firmware = ovf_config (r, r->hardware, "firmware");

  if (firmware != NULL)
    ovf_set_firmware (r, firmware);
}

static void
set_secure_boot (struct ovf_reading *r)
{
  static const char *const keys[] = {
    "bootOptions.efiSecureBootEnabled", "uefi.secureBoot.enabled",
    "secureBoot",
  };

  for (size_t i = 0; i < ARRAY_LEN (keys); i++) {
    CLEANUP_FREE char *value = ovf_config (r, r->hardware, keys[i]);

    if (value != NULL && strcasecmp (value, "true") == 0 &&
        r->guest->firmware != FIRMWARE_BIOS)
      r->guest->secure_boot = true;
  }
}

static void
set_tpm (struct ovf_reading *r)
{
  for (size_t i = 0; i < r->items.len; i++)
    if (r->items.ptr[i].subtype != NULL &&
        strcasecmp (r->items.ptr[i].subtype, "vmware.vtpm") == 0)
      r->guest->tpm = true;
}

/* ORDER is the place of the disk whose item has this InstanceID. */
static void
boot_from (struct ovf_reading *r, const char *id, unsigned order)
{
  for (size_t i = 0; i < r->drives.len; i++) {
    const struct item *item = r->drives.ptr[i].item;

    if (item->id != NULL && strcmp (item->id, id) == 0 &&
        r->guest->disks.ptr[i].boot_order == 0)
      r->guest->disks.ptr[i].boot_order = order;
  }
}

/* One section for each device, in order.  Drives and NICs that come before
 * the disks are left out: on VMware they are tried and passed over.
 */
static void
set_boot_order (struct ovf_reading *r)
{
  CLEANUP_XML_NODES struct xml_nodes nodes = { .ptr = NULL };

  xml_find_all (r->xml, r->system, "vmw:BootOrderSection[@vmw:type='disk']",
                &nodes, r->err);
  for (size_t i = 0; i < nodes.len; i++) {
    CLEANUP_FREE char *id = ovf_text (r, nodes.ptr[i], "@vmw:instanceId");

    if (id != NULL)
      boot_from (r, id, (unsigned) i + 1);
  }
}

void
ovf_read_vmware (struct ovf_reading *r)
{
  set_firmware (r);
  set_secure_boot (r);
  set_tpm (r);
  set_boot_order (r);
}
