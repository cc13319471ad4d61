/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Of what the source says of a guest's hardware, what KVM can do; and what the
 * guest gets where its source does not say.
 */

#include <config.h>

#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "guest/guest.h"
#include "guest/hardware.h"

#define DEFAULT_MEMORY (UINT64_C (1024) * 1024 * 1024)
#define DEFAULT_CPUS 1
#define DEFAULT_ARCH "x86_64"

struct guest
hardware_known (const struct guest *guest)
{
  struct guest known = *guest;

  if (known.firmware == FIRMWARE_UNKNOWN)
    known.firmware = guest->converted.firmware;
  if (known.arch == NULL)
    known.arch = guest->converted.arch;
  return known;
}

bool
hardware_is_x86 (const struct guest *guest)
{
  const char *arch = guest->arch;

  return arch == NULL || strcmp (arch, "x86_64") == 0 ||
    (strlen (arch) == 4 && arch[0] == 'i' && strcmp (arch + 2, "86") == 0);
}

const char *
hardware_arch (const struct guest *guest)
{
  return hardware_is_x86 (guest) ? DEFAULT_ARCH : guest->arch;
}

/* Is a disk to be on IDE, or on what Xen's firmware shows as IDE? */
static bool
wants_ide (const struct guest *guest)
{
  if (guest->copy.bus != COPY_BUS_AUTO || guest->copy.converted)
    return guest->copy.bus == COPY_BUS_IDE;
  for (size_t i = 0; i < guest->disks.len; i++)
    if (guest->disks.ptr[i].bus == BUS_IDE ||
        guest->disks.ptr[i].bus == BUS_XEN)
      return true;
  return false;
}

/* The old machine only for those that had it, or need its IDE, with the
 * firmware of its time: secure boot needs q35, and not all distributions build
 * UEFI for the other.
 */
bool
hardware_is_q35 (const struct guest *guest)
{
  if (guest->firmware == FIRMWARE_UEFI)
    return true;
  return guest->machine != NULL ? strcmp (guest->machine, "pc") != 0
    : !wants_ide (guest);
}

/* The models of sources that qemu has, or what the same driver of a guest
 * takes.  VMware's flexible card begins as a vlance.
 */
static const struct nic_model {
  const char *source, *kvm;
} nic_models[] = {
  { "82545em", "e1000" }, { "e1000", "e1000" }, { "e1000-82545em", "e1000" },
  { "e1000e", "e1000e" }, { "flexible", "pcnet" }, { "ne2k_pci", "ne2k_pci" },
  { "pcnet", "pcnet" }, { "pcnet32", "pcnet" }, { "rtl8139", "rtl8139" },
  { "virtio", "virtio" }, { "virtio-net", "virtio" },
  { "virtio-non-transitional", "virtio" }, { "virtio-transitional", "virtio" },
  { "vlance", "pcnet" }, { "vmxnet3", "vmxnet3" },
};

static const struct nic_model *
find_nic_model (const struct nic *nic)
{
  for (size_t i = 0; nic->model != NULL && i < ARRAY_LEN (nic_models); i++)
    if (strcasecmp (nic->model, nic_models[i].source) == 0)
      return &nic_models[i];
  return NULL;
}

/* All systems since the time of the first virtual machines have a driver for
 * Intel's card.
 */
const char *
hardware_nic_model (const struct guest *guest, const struct nic *nic)
{
  const struct nic_model *model = find_nic_model (nic);

  if (guest->copy.converted || !hardware_is_x86 (guest))
    return "virtio";
  return model != NULL ? model->kvm : "e1000";
}

bool
hardware_has_nic_model (const struct nic *nic)
{
  return nic->model == NULL || find_nic_model (nic) != NULL;
}

uint64_t
hardware_memory (const struct guest *guest)
{
  return guest->memory != 0 ? guest->memory : DEFAULT_MEMORY;
}

unsigned
hardware_cpus (const struct guest *guest)
{
  return guest->cpu.count != 0 ? guest->cpu.count : DEFAULT_CPUS;
}

bool
hardware_has_topology (const struct guest *guest)
{
  return (uint64_t) guest->cpu.sockets * guest->cpu.cores *
    guest->cpu.threads == hardware_cpus (guest);
}

/* Multicast addresses are no NIC's. */
const char *
hardware_mac (const struct nic *nic)
{
  return nic->mac != NULL && mac_valid (nic->mac) &&
    strchr ("02468aAcCeE", nic->mac[1]) != NULL ? nic->mac : NULL;
}

int
hardware_check_bridge (const struct nic *nic, struct error *err)
{
  if (!nic->network_chosen || nic->kind != NIC_BRIDGE ||
      bridge_valid (nic->network))
    return 0;
  error_set (err, REASON_USAGE,
             _("'%s' is no name that a bridge can have"), nic->network);
  error_hint (err, _("networks of libvirt's are given with --network, or "
                     "--mac MAC:network:OUT"));
  return -1;
}

/* ARM's machine has nothing else. */
bool
hardware_has_uefi (const struct guest *guest)
{
  return guest->firmware == FIRMWARE_UEFI ||
    strcmp (hardware_arch (guest), "aarch64") == 0;
}
