/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The disks, drives and network cards of a .vmx file. */

#include <config.h>

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "base/i18n.h"
#include "guest/guest.h"
#include "input/vmx/vmx-reading.h"

/* VMware has at most 4 controllers of a kind and 64 units on one. */
#define CONTROLLERS_MAX 64
#define UNITS_MAX 256
#define NICS_MAX 64             /* VMware has 10 */

/* The buses in the order in which virt-v2v numbers their disks. */
static const struct bus {
  const char *prefix;
  enum disk_bus bus;
  unsigned slots;               /* of a controller, to number removables */
} buses[] = {
  { "scsi", BUS_SCSI, 16 },
  { "nvme", BUS_NVME, 16 },
  { "sata", BUS_SATA, 30 },
  { "ide", BUS_IDE, 2 },
};

/* A unit on a bus, "scsi0:1". */
struct unit {
  const struct bus *bus;
  unsigned controller, number;
};

/* "scsi0:1" with END after it; false: KEY is something else. */
static bool
parse_unit (const char *key, struct unit *ret, const char **end)
{
  for (size_t i = 0; i < ARRAY_LEN (buses); i++) {
    const size_t len = strlen (buses[i].prefix);
    int used = 0;

    if (strncmp (key, buses[i].prefix, len) != 0 ||
        !isdigit ((unsigned char) key[len]))
      continue;
    ret->bus = &buses[i];
    if (sscanf (key + len, "%4u:%4u%n", &ret->controller, &ret->number,
                &used) != 2 || used == 0 ||
        ret->controller >= CONTROLLERS_MAX || ret->number >= UNITS_MAX)
      return false;
    *end = key + len + used;
    return **end == '.';
  }
  return false;
}

static int
compare_units (const void *a, const void *b)
{
  const struct unit *x = a, *y = b;

  if (x->bus != y->bus)
    return x->bus < y->bus ? -1 : 1;
  if (x->controller != y->controller)
    return x->controller < y->controller ? -1 : 1;
  return (x->number > y->number) - (x->number < y->number);
}

DEFINE_VECTOR (struct units, units, struct unit);
#define CLEANUP_UNITS __attribute__ ((cleanup (units_reset)))

/* All units that any key names, each once, in order. */
static int
list_units (struct vmx_reading *r, struct units *list)
{
  const struct vmx_entry *entries;
  const char *end;
  size_t n, kept = 0;

  entries = vmx_entries (r->vmx, &n);
  for (size_t i = 0; i < n; i++) {
    struct unit unit;

    if (parse_unit (entries[i].key, &unit, &end) &&
        units_append (list, unit) == -1)
      return error_nomem (r->err);
  }
  if (list->len == 0)
    return 0;
  qsort (list->ptr, list->len, sizeof *list->ptr, compare_units);
  for (size_t i = 1; i < list->len; i++)
    if (compare_units (&list->ptr[kept], &list->ptr[i]) != 0)
      list->ptr[++kept] = list->ptr[i];
  list->len = kept + 1;
  return 0;
}

enum device { DEVICE_DISK, DEVICE_CDROM, DEVICE_OTHER };

static enum device
device_of_type (const char *type)
{
  static const struct {
    const char *type;
    enum device device;
  } types[] = {
    { "disk", DEVICE_DISK },
    { "plaindisk", DEVICE_DISK },
    { "rawdisk", DEVICE_DISK },
    { "scsi-harddisk", DEVICE_DISK },
    { "ata-harddisk", DEVICE_DISK },
    { "sata-harddisk", DEVICE_DISK },
    { "nvme-harddisk", DEVICE_DISK },
    { "cdrom-image", DEVICE_CDROM },
    { "cdrom-raw", DEVICE_CDROM },
    { "atapi-cdrom", DEVICE_CDROM },
  };

  for (size_t i = 0; i < ARRAY_LEN (types); i++)
    if (strcasecmp (type, types[i].type) == 0)
      return types[i].device;
  return DEVICE_OTHER;
}

static bool
has_suffix (const char *str, const char *suffix)
{
  const size_t len = strlen (str), suffix_len = strlen (suffix);

  return len >= suffix_len &&
    strcasecmp (str + len - suffix_len, suffix) == 0;
}

/* Without a deviceType it is a disk, but for an IDE unit, where one is
 * always written for disks, only if the file's name says so.
 */
static enum device
device_of_file (const struct unit *unit, const char *file)
{
  if (file == NULL || *file == '\0' || has_suffix (file, ".iso"))
    return DEVICE_OTHER;
  if (unit->bus->bus == BUS_IDE && !has_suffix (file, ".vmdk"))
    return DEVICE_OTHER;
  return DEVICE_DISK;
}

static int
add_disk (struct vmx_reading *r, const struct unit *unit, const char *file)
{
  struct disk *disk;

  if (file == NULL || *file == '\0')
    return error_set (r->err, REASON_UNSUPPORTED,
                      _("%s: the disk %s%u:%u has no fileName"),
                      vmx_name (r->vmx), unit->bus->prefix,
                      unit->controller, unit->number);
  disk = guest_add_disk (r->guest, r->err);
  if (disk == NULL)
    return -1;
  disk->bus = unit->bus->bus;
  return argv_append (r->files, file, r->err);
}

static int
add_removable (struct vmx_reading *r, enum removable_kind kind,
               enum disk_bus bus, unsigned slot)
{
  struct removable *removable = guest_add_removable (r->guest, r->err);

  if (removable == NULL)
    return -1;
  removable->kind = kind;
  removable->bus = bus;
  removable->slot = slot;
  return 0;
}

/* Such as the host's own device that is passed through: it can hold data. */
static int
warn_left_out (struct vmx_reading *r, const char *name, const char *type)
{
  return vmx_warn (r->vmx, r->err,
                   _("%s: %s is a device of type '%.40s', which is left out"),
                   vmx_name (r->vmx), name, type);
}

static int
add_unit (struct vmx_reading *r, const struct unit *unit)
{
  const unsigned slot = unit->controller * unit->bus->slots + unit->number;
  char controller[32], name[40];
  const char *type, *file;
  enum device device;
  bool present = true;

  snprintf (controller, sizeof controller, "%s%u", unit->bus->prefix,
            unit->controller);
  snprintf (name, sizeof name, "%s%u:%u", unit->bus->prefix,
            unit->controller, unit->number);
  if (vmx_get_bool (r, controller, "present", &present) == -1)
    return -1;
  if (present && vmx_get_bool (r, name, "present", &present) == -1)
    return -1;
  if (!present)
    return 0;
  if (vmx_get (r, &type, NULL, "%s.devicetype", name) == -1 ||
      vmx_get (r, &file, NULL, "%s.filename", name) == -1)
    return -1;
  device = type != NULL && *type != '\0' ? device_of_type (type)
                                         : device_of_file (unit, file);
  if (device == DEVICE_DISK)
    return add_disk (r, unit, file);
  if (device == DEVICE_CDROM)
    return add_removable (r, REMOVABLE_CDROM, unit->bus->bus, slot);
  return type != NULL && *type != '\0' ? warn_left_out (r, name, type) : 0;
}

int
vmx_add_units (struct vmx_reading *r)
{
  CLEANUP_UNITS struct units list = { .ptr = NULL };

  if (list_units (r, &list) == -1)
    return -1;
  for (size_t i = 0; i < list.len; i++)
    if (add_unit (r, &list.ptr[i]) == -1)
      return -1;
  return 0;
}

/* Is there any key that begins with PREFIX? */
static bool
any_key (const struct vmx_reading *r, const char *prefix)
{
  const struct vmx_entry *entries;
  const size_t len = strlen (prefix);
  size_t n;

  entries = vmx_entries (r->vmx, &n);
  for (size_t i = 0; i < n; i++)
    if (strncmp (entries[i].key, prefix, len) == 0)
      return true;
  return false;
}

int
vmx_add_floppies (struct vmx_reading *r)
{
  for (unsigned i = 0; i < 2; i++) {
    char name[16], prefix[16];
    bool present;

    snprintf (name, sizeof name, "floppy%u", i);
    snprintf (prefix, sizeof prefix, "floppy%u.", i);
    present = any_key (r, prefix);
    if (vmx_get_bool (r, name, "present", &present) == -1)
      return -1;
    if (present && add_removable (r, REMOVABLE_FLOPPY, BUS_FDC, i) == -1)
      return -1;
  }
  return 0;
}

static bool
parse_mac (const char *value, unsigned char mac[6])
{
  int used = 0;

  for (size_t i = 0; i < 6; i++) {
    if (i > 0 && *value != ':' && *value != '-')
      return false;
    value += i > 0;
    if (!isxdigit ((unsigned char) value[0]) ||
        !isxdigit ((unsigned char) value[1]) ||
        sscanf (value, "%2hhx%n", &mac[i], &used) != 1 || used != 2)
      return false;
    value += 2;
  }
  return *value == '\0';
}

static int
set_mac (struct vmx_reading *r, struct nic *nic, const char *name)
{
  const char *type, *own, *generated, *value;
  unsigned char mac[6];
  size_t line, generated_line;

  if (vmx_get (r, &type, NULL, "%s.addresstype", name) == -1 ||
      vmx_get (r, &own, &line, "%s.address", name) == -1 ||
      vmx_get (r, &generated, &generated_line, "%s.generatedaddress",
               name) == -1)
    return -1;
  value = own;
  if (generated != NULL && *generated != '\0' &&
      (own == NULL || *own == '\0' || type == NULL ||
       strcasecmp (type, "static") != 0)) {
    value = generated;
    line = generated_line;
  }
  if (value == NULL || *value == '\0')
    return 0;
  if (!parse_mac (value, mac))
    return error_set (r->err, REASON_UNSUPPORTED,
                      _("%s:%zu: %s: '%s' is not a MAC address"),
                      vmx_name (r->vmx), line, name, value);
  if (asprintf (&nic->mac, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1],
                mac[2], mac[3], mac[4], mac[5]) == -1) {
    nic->mac = NULL;
    return error_nomem (r->err);
  }
  return 0;
}

/* The enhanced vmxnet is called vmxnet too, but has all of its features. */
static int
set_model (struct vmx_reading *r, struct nic *nic, const char *name)
{
  const char *device, *features;

  if (vmx_get (r, &device, NULL, "%s.virtualdev", name) == -1 ||
      vmx_get (r, &features, NULL, "%s.features", name) == -1)
    return -1;
  if (device != NULL && strcasecmp (device, "vmxnet") == 0 &&
      features != NULL && strcmp (features, "15") == 0)
    device = "vmxnet2";
  if (vmx_set_string (r, &nic->model, device) == -1)
    return -1;
  for (char *c = nic->model; c != NULL && *c != '\0'; c++)
    *c = (char) tolower ((unsigned char) *c);
  return 0;
}

/* networkName is ESXi's; Workstation names a virtual switch for custom
 * connections and nothing for others.
 */
static int
set_network (struct vmx_reading *r, struct nic *nic, const char *name)
{
  const char *network, *type, *vnet;

  if (vmx_get (r, &network, NULL, "%s.networkname", name) == -1 ||
      vmx_get (r, &type, NULL, "%s.connectiontype", name) == -1 ||
      vmx_get (r, &vnet, NULL, "%s.vnet", name) == -1)
    return -1;
  if (type != NULL && strcasecmp (type, "bridged") == 0)
    nic->kind = NIC_BRIDGE;
  if (network == NULL || *network == '\0')
    network = vnet;
  if (network == NULL || *network == '\0')
    network = name;
  return vmx_set_string (r, &nic->network, network);
}

static int
add_nic (struct vmx_reading *r, const char *name)
{
  struct nic *nic = guest_add_nic (r->guest, r->err);

  if (nic == NULL)
    return -1;
  nic->kind = NIC_NETWORK;
  if (set_mac (r, nic, name) == -1 || set_model (r, nic, name) == -1)
    return -1;
  return set_network (r, nic, name);
}

int
vmx_add_nics (struct vmx_reading *r)
{
  for (unsigned i = 0; i < NICS_MAX; i++) {
    char name[16], prefix[24];
    bool present;

    snprintf (name, sizeof name, "ethernet%u", i);
    snprintf (prefix, sizeof prefix, "%s.", name);
    present = any_key (r, prefix);
    if (vmx_get_bool (r, name, "present", &present) == -1)
      return -1;
    if (present && add_nic (r, name) == -1)
      return -1;
  }
  return 0;
}
