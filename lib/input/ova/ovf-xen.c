/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What XenCenter and XCP-ng Center say in elements of their own: the VM's
 * fields of XenAPI as "KEY=VALUE;KEY=VALUE".  Firmware and secure boot are
 * among them.  (XenAdmin's Export.cs and OVF.cs.)
 */

#include <config.h>

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "guest/guest.h"
#include "input/ova/ovf-reading.h"

/* The field NAME of the VM. */
static char *
vm_field (struct ovf_reading *r, const char *name)
{
  char expr[256];

  snprintf (expr, sizeof expr,
            "*[local-name()='VirtualSystemOtherConfigurationData' and "
            "@*[local-name()='Name']='%s']/*[local-name()='Value']", name);
  return ovf_text (r, r->hardware, expr);
}

/* Is the word SETTING one of those in FIELD, between semicolons? */
static bool
has_setting (const char *field, const char *setting)
{
  const size_t len = strlen (setting);

  while (field != NULL) {
    field += strspn (field, " ;");
    if (strncasecmp (field, setting, len) == 0 &&
        strchr ("; ", field[len]) != NULL)
      return true;
    field = strchr (field, ';');
  }
  return false;
}

static void
set_firmware (struct ovf_reading *r)
{
  CLEANUP_FREE char *boot = vm_field (r, "HVM_boot_params");
  CLEANUP_FREE char *platform = vm_field (r, "platform");

  if (has_setting (boot, "firmware=uefi")) {
    r->guest->firmware = FIRMWARE_UEFI;
    r->guest->secure_boot = has_setting (platform, "secureboot=true");
  }
  else if (has_setting (boot, "firmware=bios"))
    r->guest->firmware = FIRMWARE_BIOS;
  if (has_setting (platform, "vtpm=true"))
    r->guest->tpm = true;
}

void
ovf_read_xen (struct ovf_reading *r)
{
  if (strcmp (r->guest->hypervisor, "xen") == 0)
    set_firmware (r);
}
