/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Memory, CPUs, firmware, machine and clock of libvirt's domain XML. */

#include <config.h>

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "input/domain/domain.h"

/* Bytes in a unit of libvirt's: "KiB", "k", "MB", "bytes"...; 0: unknown. */
static uint64_t
unit_size (const char *unit)
{
  static const char prefixes[] = "kmgtpe";
  const char *prefix = strchr (prefixes, tolower ((unsigned char) *unit));
  uint64_t base, size = 1;

  if (strcasecmp (unit, "b") == 0 || strcasecmp (unit, "byte") == 0 ||
      strcasecmp (unit, "bytes") == 0)
    return 1;
  if (*unit == '\0' || prefix == NULL)
    return 0;
  if (unit[1] == '\0' || strcasecmp (unit + 1, "ib") == 0)
    base = 1024;
  else if (strcasecmp (unit + 1, "b") == 0)
    base = 1000;
  else
    return 0;
  for (const char *p = prefixes; p <= prefix; p++)
    size *= base;
  return size;
}

void
domain_read_memory (struct domain *domain, const struct xml_node *root)
{
  const struct xml_node *node = domain_find (domain, root, "memory");
  CLEANUP_FREE char *unit = NULL;
  uint64_t size, count;

  if (node == NULL)
    return;
  unit = domain_string (domain, node, "@unit");
  count = domain_uint (domain, node, ".", 0, UINT64_MAX, 0);
  size = unit != NULL ? unit_size (unit) : 1024;
  if (size == 0)
    domain_error (domain, node, _("unknown memory unit: '%s'"), unit);
  if (__builtin_mul_overflow (count, size, &domain->guest->memory) ||
      domain->guest->memory > INT64_MAX)
    domain_error (domain, node, _("too much memory"));
}

/* The guest has no dies and clusters; to a guest's operating system their
 * cores are cores of the socket.
 */
static void
read_topology (struct domain *domain, const struct xml_node *node,
               unsigned count)
{
  enum { SOCKETS, DIES, CLUSTERS, CORES, THREADS, PARTS };
  static const char *const exprs[PARTS] = {
    "@sockets", "@dies", "@clusters", "@cores", "@threads",
  };
  struct guest *guest = domain->guest;
  uint64_t t[PARTS];
  unsigned __int128 cores, total;

  for (size_t i = 0; i < PARTS; i++)
    t[i] = domain_uint (domain, node, exprs[i], 1, DOMAIN_MAX_CPUS, 1);
  cores = (unsigned __int128) t[DIES] * t[CLUSTERS] * t[CORES];
  total = cores * t[SOCKETS] * t[THREADS];
  if (total > DOMAIN_MAX_CPUS)
    domain_error (domain, node, _("the topology has more than %d CPUs"),
                  DOMAIN_MAX_CPUS);
  if (count != 0 && total != count)
    domain_error (domain, node,
                  _("the topology has %u CPUs, but the guest has %u"),
                  (unsigned) total, count);
  guest->cpu.count = (unsigned) total;
  guest->cpu.sockets = (unsigned) t[SOCKETS];
  guest->cpu.cores = (unsigned) cores;
  guest->cpu.threads = (unsigned) t[THREADS];
}

void
domain_read_cpus (struct domain *domain, const struct xml_node *root)
{
  const unsigned count = (unsigned) domain_uint (domain, root, "vcpu", 1,
                                                 DOMAIN_MAX_CPUS, 0);
  const struct xml_node *topology = domain_find (domain, root,
                                                 "cpu/topology");

  if (topology != NULL)
    read_topology (domain, topology, count);
  else
    domain->guest->cpu.count = count != 0 ? count : 1;
}

static enum firmware
firmware_from_attribute (struct domain *domain, const struct xml_node *root)
{
  CLEANUP_FREE char *name = domain_string (domain, root, "os/@firmware");

  if (name == NULL)
    return FIRMWARE_UNKNOWN;
  if (strcmp (name, "efi") == 0)
    return FIRMWARE_UEFI;
  if (strcmp (name, "bios") != 0)
    domain_error (domain, root, _("firmware of kind '%s' is not supported"),
                  name);
  return FIRMWARE_BIOS;
}

/* UEFI in a ROM (Xen, old libvirt) can only be told from BIOS by the name of
 * its file.
 */
static bool
path_is_uefi (const char *path)
{
  static const char *const words[] = { "ovmf", "aavmf", "edk2", "uefi" };

  for (size_t i = 0; i < ARRAY_LEN (words); i++)
    if (strcasestr (path, words[i]) != NULL)
      return true;
  return false;
}

/* Only UEFI comes in flash, and only it has variables to keep. */
static enum firmware
firmware_from_loader (struct domain *domain, const struct xml_node *root)
{
  const bool flash = domain_equals (domain, root, "os/loader/@type",
                                    "pflash");
  const struct xml_node *nvram = domain_find (domain, root, "os/nvram");
  CLEANUP_FREE char *path = domain_string (domain, root, "os/loader");

  if (flash || nvram != NULL)
    return FIRMWARE_UEFI;
  if (path == NULL || *xml_trim (path) == '\0')
    return FIRMWARE_UNKNOWN;
  return path_is_uefi (path) ? FIRMWARE_UEFI : FIRMWARE_BIOS;
}

void
domain_read_firmware (struct domain *domain, const struct xml_node *root)
{
  struct guest *guest = domain->guest;
  const struct xml_node *os = domain_find (domain, root, "os");
  const enum firmware attribute = firmware_from_attribute (domain, root);
  const enum firmware loader = firmware_from_loader (domain, root);
  const bool secure = domain_equals (domain, root, "os/loader/@secure",
                                     "yes");
  const bool feature = domain_equals (domain, root, "os/firmware/feature"
                                      "[@name='secure-boot']/@enabled",
                                      "yes");

  guest->secure_boot = secure || feature;
  if (attribute != FIRMWARE_UNKNOWN && loader != FIRMWARE_UNKNOWN &&
      attribute != loader)
    domain_error (domain, os,
                  _("the firmware is %s, but the loader is for %s"),
                  firmware_name (attribute), firmware_name (loader));
  guest->firmware = attribute != FIRMWARE_UNKNOWN ? attribute : loader;
  if (guest->secure_boot && guest->firmware == FIRMWARE_BIOS)
    domain_error (domain, os,
                  _("secure boot needs UEFI, but the guest has BIOS"));
  if (guest->secure_boot)
    guest->firmware = FIRMWARE_UEFI;
}

/* What QEMU and Xen call their machines, versions left out. */
static const struct {
  const char *prefix, *machine;
} machines[] = {
  { "pc-q35", "q35" },
  { "q35", "q35" },
  { "pc", "pc" },
  { "rhel6", "pc" },
  { "xenfv", "pc" },
  { "virt", "virt" },
};

void
domain_read_machine (struct domain *domain, const struct xml_node *root)
{
  CLEANUP_FREE char *name = domain_string (domain, root,
                                           "os/type/@machine");

  for (size_t i = 0; name != NULL && i < ARRAY_LEN (machines); i++)
    if (strncmp (name, machines[i].prefix,
                 strlen (machines[i].prefix)) == 0) {
      domain->guest->machine = alloc_copy (machines[i].machine, domain->err);
      return;
    }
}

/* What the clock shows when the guest starts: a named time zone is local
 * time, and what was adjusted since or fixed counts from UTC, where nothing
 * else is said.
 */
void
domain_read_clock (struct domain *domain, const struct xml_node *root)
{
  CLEANUP_FREE char *offset = domain_string (domain, root, "clock/@offset");
  CLEANUP_FREE char *basis = domain_string (domain, root, "clock/@basis");
  bool local;

  if (offset == NULL)
    return;
  local = strcmp (offset, "localtime") == 0 ||
    strcmp (offset, "timezone") == 0 ||
    (basis != NULL && strcmp (basis, "localtime") == 0);
  domain->guest->clock_offset = alloc_copy (local ? "localtime" : "utc",
                                            domain->err);
}
