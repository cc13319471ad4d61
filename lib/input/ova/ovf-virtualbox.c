/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What VirtualBox says in vbox:Machine, the whole machine in its own format:
 * firmware, TPM, architecture, and what the items leave out of NICs.  Only
 * vbox:Machine has the prefix; its children are in the OVF's default
 * namespace (versions 4 to 7.2; some writers give them VirtualBox's own), so
 * that they are known by their names.
 *
 * Whether secure boot is on is known to the NVRAM only, which is not exported.
 */

#include <config.h>

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "guest/guest.h"
#include "input/ova/ovf-reading.h"

#define NAMED(name) "*[local-name()='" name "']"
#define HARDWARE "vbox:Machine/" NAMED ("Hardware")
#define ATTRIBUTE(name) "@" NAMED (name)

/* Version 7.1 and newer run guests of both, and write what differs into
 * an element of its own.
 */
static void
set_architecture (struct ovf_reading *r)
{
  CLEANUP_FREE char *arch = ovf_text (r, r->system, "vbox:Machine/"
                                      NAMED ("Platform") "/"
                                      ATTRIBUTE ("architecture"));

  if (arch == NULL || strcasecmp (arch, "ARM") != 0)
    return;
  alloc_set (&r->guest->arch, "aarch64", r->err);
  alloc_set (&r->guest->machine, "virt", r->err);
  r->guest->firmware = FIRMWARE_UEFI;
}

/* BIOS is the default, and what is the default is not written. */
static void
set_firmware (struct ovf_reading *r)
{
  CLEANUP_FREE char *firmware = ovf_text (r, r->system, HARDWARE "/"
                                          NAMED ("Firmware") "/"
                                          ATTRIBUTE ("type"));

  if (firmware != NULL)
    ovf_set_firmware (r, firmware);
  else if (r->guest->firmware == FIRMWARE_UNKNOWN &&
           ovf_has (r, r->system, HARDWARE))
    r->guest->firmware = FIRMWARE_BIOS;
}

/* "v1_2", "v2_0", "Host" or "Swtpm". */
static void
set_tpm (struct ovf_reading *r)
{
  CLEANUP_FREE char *type = ovf_text (r, r->system, HARDWARE "/"
                                      NAMED ("TrustedPlatformModule") "/"
                                      ATTRIBUTE ("type"));

  if (type != NULL && strcasecmp (type, "None") != 0)
    r->guest->tpm = true;
}

/* "0800271A2B3C" as others write it; NULL: it is no MAC address. */
static char *
tidy_mac (struct ovf_reading *r, const char *text)
{
  char mac[sizeof "00:00:00:00:00:00"];

  if (mac_valid (text))
    return alloc_copy (text, r->err);
  if (strlen (text) != 12)
    return NULL;
  snprintf (mac, sizeof mac, "%.2s:%.2s:%.2s:%.2s:%.2s:%.2s", text,
            text + 2, text + 4, text + 6, text + 8, text + 10);
  return mac_valid (mac) ? alloc_copy (mac, r->err) : NULL;
}

static void
set_mac (struct ovf_reading *r, const struct xml_node *adapter,
         struct nic *nic)
{
  CLEANUP_FREE char *text = ovf_text (r, adapter,
                                      ATTRIBUTE ("MACAddress"));

  if (text == NULL)
    return;
  free (nic->mac);
  nic->mac = tidy_mac (r, text);
  ovf_lower (nic->mac);
  if (nic->mac == NULL)
    argv_appendf (r->warnings, r->err,
                  _("'%.60s' is not a MAC address and is ignored"), text);
}

/* Items have the models that VMware has, too, and no others: they say nothing
 * of a virtio card.  VirtualBox itself goes by the adapters.
 */
static void
set_model (struct ovf_reading *r, const struct xml_node *adapter,
           struct nic *nic)
{
  CLEANUP_FREE char *type = ovf_text (r, adapter, ATTRIBUTE ("type"));

  if (type == NULL)
    return;
  free (nic->model);
  if (strncmp (type, "8254", 4) == 0)
    nic->model = alloc_copy ("e1000", r->err);
  else if (strncasecmp (type, "Am79C", 5) == 0)
    nic->model = alloc_copy ("pcnet", r->err);
  else
    nic->model = STEAL (type);
  ovf_lower (nic->model);
}

/* There is an item for each adapter that is enabled, in the same order. */
static void
set_nics (struct ovf_reading *r)
{
  CLEANUP_XML_NODES struct xml_nodes nodes = { .ptr = NULL };
  struct nics *nics = &r->guest->nics;

  xml_find_all (r->xml, r->system, HARDWARE "/" NAMED ("Network") "/"
                NAMED ("Adapter") "[" ATTRIBUTE ("enabled") "='true' or "
                ATTRIBUTE ("enabled") "='1']",
                &nodes, r->err);
  for (size_t i = 0; i < nodes.len && i < nics->len; i++) {
    set_mac (r, nodes.ptr[i], &nics->ptr[i]);
    set_model (r, nodes.ptr[i], &nics->ptr[i]);
  }
}

void
ovf_read_virtualbox (struct ovf_reading *r)
{
  set_architecture (r);
  set_firmware (r);
  set_tpm (r);
  set_nics (r);
}
