/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Of what the source says of a guest's hardware, what KVM can do; and what the
 * guest gets where its source does not say.
 */

#include <config.h>

#include <string.h>

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

/* The old machine only for those that had it, with the firmware of its
 * time: secure boot needs q35, and not all distributions build UEFI for
 * the other.
 */
bool
hardware_is_q35 (const struct guest *guest)
{
  return guest->firmware == FIRMWARE_UEFI || guest->machine == NULL ||
    strcmp (guest->machine, "pc") != 0;
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

/* ARM's machine has nothing else. */
bool
hardware_has_uefi (const struct guest *guest)
{
  return guest->firmware == FIRMWARE_UEFI ||
    strcmp (hardware_arch (guest), "aarch64") == 0;
}
