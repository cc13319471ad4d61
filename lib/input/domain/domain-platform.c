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

int
domain_read_memory (struct domain *domain, const struct xml_node *root)
{
  CLEANUP_FREE char *unit = NULL;
  const struct xml_node *node;
  uint64_t size = 1024, count = 0;

  if (domain_find (domain, root, "memory", &node) == -1)
    return -1;
  if (node == NULL)
    return 0;
  if (domain_string (domain, node, "@unit", &unit) == -1 ||
      domain_uint (domain, node, ".", 0, UINT64_MAX, &count) == -1)
    return -1;
  if (unit != NULL)
    size = unit_size (unit);
  if (size == 0)
    return domain_error (domain, node, _("unknown unit '%s'"), unit);
  if (__builtin_mul_overflow (count, size, &domain->guest->memory) ||
      domain->guest->memory > INT64_MAX)
    return domain_error (domain, node, _("too much memory"));
  return 0;
}

struct topology {
  uint64_t sockets, dies, clusters, cores, threads;
};

static int
read_topology (struct domain *domain, const struct xml_node *node,
               struct topology *t)
{
  const struct {
    const char *expr;
    uint64_t *ret;
  } parts[] = {
    { "@sockets", &t->sockets },
    { "@dies", &t->dies },
    { "@clusters", &t->clusters },
    { "@cores", &t->cores },
    { "@threads", &t->threads },
  };

  for (size_t i = 0; i < ARRAY_LEN (parts); i++) {
    *parts[i].ret = 1;
    if (domain_uint (domain, node, parts[i].expr, 1, DOMAIN_MAX_CPUS,
                     parts[i].ret) == -1)
      return -1;
  }
  return 0;
}

/* The guest has no dies and clusters; to a guest's operating system their
 * cores are cores of the socket.
 */
static int
set_topology (struct domain *domain, const struct xml_node *node,
              const struct topology *t, uint64_t count)
{
  struct guest *guest = domain->guest;
  const unsigned __int128 cores =
    (unsigned __int128) t->dies * t->clusters * t->cores;
  const unsigned __int128 total = cores * t->sockets * t->threads;

  if (total > DOMAIN_MAX_CPUS)
    return domain_error (domain, node, _("the topology has more than %d CPUs"),
                         DOMAIN_MAX_CPUS);
  if (count != 0 && total != count)
    return domain_error (domain, node,
                         _("the topology has %u CPUs, the guest %u"),
                         (unsigned) total, (unsigned) count);
  guest->cpu.count = (unsigned) total;
  guest->cpu.sockets = (unsigned) t->sockets;
  guest->cpu.cores = (unsigned) cores;
  guest->cpu.threads = (unsigned) t->threads;
  return 0;
}

int
domain_read_cpus (struct domain *domain, const struct xml_node *root)
{
  const struct xml_node *node;
  struct topology topology;
  uint64_t count = 0;

  if (domain_uint (domain, root, "vcpu", 1, DOMAIN_MAX_CPUS, &count) == -1 ||
      domain_find (domain, root, "cpu/topology", &node) == -1)
    return -1;
  if (node == NULL) {
    domain->guest->cpu.count = count != 0 ? (unsigned) count : 1;
    return 0;
  }
  if (read_topology (domain, node, &topology) == -1)
    return -1;
  return set_topology (domain, node, &topology, count);
}

static int
firmware_from_attribute (struct domain *domain, const struct xml_node *root,
                         enum firmware *ret)
{
  CLEANUP_FREE char *name = NULL;

  *ret = FIRMWARE_UNKNOWN;
  if (domain_string (domain, root, "os/@firmware", &name) == -1)
    return -1;
  if (name == NULL)
    return 0;
  if (strcmp (name, "efi") == 0)
    *ret = FIRMWARE_UEFI;
  else if (strcmp (name, "bios") == 0)
    *ret = FIRMWARE_BIOS;
  else
    return domain_error (domain, root,
                         _("firmware of kind '%s' is not supported"), name);
  return 0;
}

/* UEFI in ROM (Xen, old libvirt) is known by its file's name only. */
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
static int
firmware_from_loader (struct domain *domain, const struct xml_node *root,
                      enum firmware *ret)
{
  CLEANUP_FREE char *path = NULL;
  const struct xml_node *nvram;
  bool flash;

  *ret = FIRMWARE_UNKNOWN;
  if (domain_equals (domain, root, "os/loader/@type", "pflash",
                     &flash) == -1 ||
      domain_find (domain, root, "os/nvram", &nvram) == -1 ||
      domain_string (domain, root, "os/loader", &path) == -1)
    return -1;
  if (flash || nvram != NULL)
    *ret = FIRMWARE_UEFI;
  else if (path != NULL && *domain_trim (path) != '\0')
    *ret = path_is_uefi (path) ? FIRMWARE_UEFI : FIRMWARE_BIOS;
  return 0;
}

static int
read_secure_boot (struct domain *domain, const struct xml_node *root)
{
  bool loader, feature;

  if (domain_equals (domain, root, "os/loader/@secure", "yes",
                     &loader) == -1 ||
      domain_equals (domain, root,
                     "os/firmware/feature[@name='secure-boot']/@enabled",
                     "yes", &feature) == -1)
    return -1;
  domain->guest->secure_boot = loader || feature;
  return 0;
}

int
domain_read_firmware (struct domain *domain, const struct xml_node *root)
{
  struct guest *guest = domain->guest;
  enum firmware attribute, loader;
  const struct xml_node *node;

  if (domain_find (domain, root, "os", &node) == -1 ||
      firmware_from_attribute (domain, root, &attribute) == -1 ||
      firmware_from_loader (domain, root, &loader) == -1 ||
      read_secure_boot (domain, root) == -1)
    return -1;
  if (attribute != FIRMWARE_UNKNOWN && loader != FIRMWARE_UNKNOWN &&
      attribute != loader)
    return domain_error (domain, node,
                         _("the firmware is said to be %s, but its loader "
                           "is %s"), firmware_name (attribute),
                         firmware_name (loader));
  guest->firmware = attribute != FIRMWARE_UNKNOWN ? attribute : loader;
  if (guest->secure_boot && guest->firmware == FIRMWARE_BIOS)
    return domain_error (domain, node,
                         _("a guest with BIOS has no secure boot"));
  if (guest->secure_boot)
    guest->firmware = FIRMWARE_UEFI;
  return 0;
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

int
domain_read_machine (struct domain *domain, const struct xml_node *root)
{
  CLEANUP_FREE char *name = NULL;
  const char *machine = NULL;

  if (domain_string (domain, root, "os/type/@machine", &name) == -1)
    return -1;
  for (size_t i = 0; name != NULL && machine == NULL &&
         i < ARRAY_LEN (machines); i++)
    if (strncmp (name, machines[i].prefix,
                 strlen (machines[i].prefix)) == 0)
      machine = machines[i].machine;
  return alloc_set (&domain->guest->machine, machine, domain->err);
}

/* What the clock shows when the guest starts: a named time zone is local
 * time, and what was adjusted since or fixed counts from UTC, where nothing
 * else is said.
 */
int
domain_read_clock (struct domain *domain, const struct xml_node *root)
{
  CLEANUP_FREE char *offset = NULL, *basis = NULL;
  bool local;

  if (domain_string (domain, root, "clock/@offset", &offset) == -1 ||
      domain_string (domain, root, "clock/@basis", &basis) == -1)
    return -1;
  if (offset == NULL)
    return 0;
  local = strcmp (offset, "localtime") == 0 ||
    strcmp (offset, "timezone") == 0 ||
    (basis != NULL && strcmp (basis, "localtime") == 0);
  return alloc_set (&domain->guest->clock_offset,
                      local ? "localtime" : "utc", domain->err);
}
