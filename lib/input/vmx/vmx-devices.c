/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The disks, drives and network cards of a .vmx file.  Where the disks are is
 * found out by input-vmx.c: this notes their files' names.
 */

#include <config.h>

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
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

/* The unit of a key such as "scsi0:1.present"; false: KEY is another. */
static bool
parse_unit (const char *key, struct unit *ret)
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
    return key[len + (size_t) used] == '.';
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
static void
list_units (struct vmx_reading *r, struct units *list)
{
  size_t kept = 0;
  struct unit unit;

  for (size_t i = 0; i < r->entries.len; i++)
    if (parse_unit (r->entries.ptr[i].key, &unit) &&
        units_append (list, unit) == -1)
      error_nomem (r->err);
  if (list->len == 0)
    return;
  qsort (list->ptr, list->len, sizeof *list->ptr, compare_units);
  for (size_t i = 1; i < list->len; i++)
    if (compare_units (&list->ptr[kept], &list->ptr[i]) != 0)
      list->ptr[++kept] = list->ptr[i];
  list->len = kept + 1;
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

/* An image, or what VMware writes for the host's own drive and for none. */
static bool
file_is_medium (const char *file)
{
  return has_suffix (file, ".iso") || strcasecmp (file, "auto detect") == 0 ||
    strcasecmp (file, "emptyBackingString") == 0;
}

/* Without a deviceType it is a disk, but for an IDE unit, where one is
 * always written for disks, only if the file's name says so.
 */
static enum device
device_of_file (const struct unit *unit, const char *file)
{
  if (file == NULL)
    return DEVICE_OTHER;
  if (file_is_medium (file))
    return DEVICE_CDROM;
  if (unit->bus->bus == BUS_IDE && !has_suffix (file, ".vmdk"))
    return DEVICE_OTHER;
  return DEVICE_DISK;
}

static void
add_disk (struct vmx_reading *r, const struct unit *unit, const char *name,
          const char *file)
{
  struct disk *disk;

  if (file == NULL) {
    error_set (r->err, REASON_UNSUPPORTED,
               _("%s: the disk %s has no fileName"), r->name, name);
    return;
  }
  disk = guest_add_disk (r->guest, r->err);
  if (disk == NULL)
    return;
  disk->bus = unit->bus->bus;
  if (disk->bus == BUS_SCSI) {
    vmx_set_string (r, &disk->controller,
                    vmx_get (r, NULL, "%s%u.virtualdev", unit->bus->prefix,
                             unit->controller));
    vmx_lower (disk->controller);
  }
  argv_append (r->files, file, r->err);
  argv_append (&r->disk_names, name, r->err);
}

static void
add_removable (struct vmx_reading *r, enum removable_kind kind,
               enum disk_bus bus, unsigned slot)
{
  struct removable *removable = guest_add_removable (r->guest, r->err);

  if (removable != NULL)
    *removable = (struct removable) {
      .kind = kind, .bus = bus, .slot = slot,
    };
}

/* What is left out can hold data, such as the host's own device that is
 * passed through.  Without a type, a file or .present the unit is a leftover:
 * VMware keeps some keys of units that were removed.
 */
static void
tell_left_out (struct vmx_reading *r, const char *name, const char *type,
               const char *file)
{
  if (type != NULL)
    vmx_warn (r,
              _("%s: %s is a device of type '%.40s', which is left out"),
              r->name, name, type);
  else if (file != NULL)
    vmx_warn (r, _("%s: %s is left out: its file '%.100s' is not a .vmdk "
                   "file"),
              r->name, name, file);
  else if (vmx_get_bool (r, name, "present", false))
    vmx_warn (r, _("%s: %s is left out: it has no fileName"), r->name, name);
}

static void
add_unit (struct vmx_reading *r, const struct unit *unit)
{
  const unsigned slot = unit->controller * unit->bus->slots + unit->number;
  char controller[32], name[40];
  const char *type, *file;
  enum device device;

  snprintf (controller, sizeof controller, "%s%u", unit->bus->prefix,
            unit->controller);
  snprintf (name, sizeof name, "%s%u:%u", unit->bus->prefix,
            unit->controller, unit->number);
  if (!vmx_get_bool (r, controller, "present", true) ||
      !vmx_get_bool (r, name, "present", true))
    return;
  type = vmx_get (r, NULL, "%s.devicetype", name);
  file = vmx_get (r, NULL, "%s.filename", name);
  device = type != NULL ? device_of_type (type) : device_of_file (unit, file);
  if (device == DEVICE_DISK)
    add_disk (r, unit, name, file);
  else if (device == DEVICE_CDROM)
    add_removable (r, REMOVABLE_CDROM, unit->bus->bus, slot);
  else
    tell_left_out (r, name, type, file);
}

/* A disk on a bus that is not known here, such as "nvdimm0:0" and "usb:1", or
 * with a number that no controller has.
 */
static void
tell_other_disk (struct vmx_reading *r, const struct vmx_entry *entry)
{
  static const char suffix[] = ".filename";
  const size_t len = strlen (entry->key);
  struct unit unit;
  char name[64];

  if (!has_suffix (entry->key, suffix) || !has_suffix (entry->value, ".vmdk")
      || parse_unit (entry->key, &unit))
    return;
  snprintf (name, sizeof name, "%.*s", (int) (len - (sizeof suffix - 1)),
            entry->key);
  if (vmx_get_bool (r, name, "present", true))
    vmx_warn (r, _("%s: %s is left out: disks on this bus are not supported"),
              r->name, name);
}

/* A PCI device of the host, such as "pciPassthru0", which can hold data. */
static void
tell_passed_through (struct vmx_reading *r, const struct vmx_entry *entry)
{
  static const char prefix[] = "pcipassthru", suffix[] = ".present";
  const size_t len = strlen (entry->key);
  const char *type;
  char name[64];

  if (strncmp (entry->key, prefix, strlen (prefix)) != 0 ||
      !has_suffix (entry->key, suffix))
    return;
  snprintf (name, sizeof name, "%.*s", (int) (len - strlen (suffix)),
            entry->key);
  type = vmx_get (r, NULL, "%s.virtualdev", name);
  if (vmx_get_bool (r, name, "present", false))
    tell_left_out (r, name, type == NULL ? "PCI passthrough" : type, NULL);
}

void
vmx_add_units (struct vmx_reading *r)
{
  CLEANUP_UNITS struct units list = { .ptr = NULL };

  list_units (r, &list);
  for (size_t i = 0; i < list.len; i++)
    add_unit (r, &list.ptr[i]);
  for (size_t i = 0; i < r->entries.len; i++) {
    tell_other_disk (r, &r->entries.ptr[i]);
    tell_passed_through (r, &r->entries.ptr[i]);
  }
}

/* Is the device NAME there?  Without NAME.present any key of it says so. */
static bool
is_present (struct vmx_reading *r, const char *name)
{
  const size_t len = strlen (name);
  bool any = false;

  for (size_t i = 0; i < r->entries.len && !any; i++)
    any = strncmp (r->entries.ptr[i].key, name, len) == 0 &&
      r->entries.ptr[i].key[len] == '.';
  return vmx_get_bool (r, name, "present", any);
}

void
vmx_add_floppies (struct vmx_reading *r)
{
  for (unsigned i = 0; i < 2; i++) {
    char name[16];

    snprintf (name, sizeof name, "floppy%u", i);
    if (is_present (r, name))
      add_removable (r, REMOVABLE_FLOPPY, BUS_FDC, i);
  }
}

static void
set_mac (struct vmx_reading *r, struct nic *nic, const char *name)
{
  size_t line, generated_line;
  const char *type = vmx_get (r, NULL, "%s.addresstype", name);
  const char *value = vmx_get (r, &line, "%s.address", name);
  const char *generated = vmx_get (r, &generated_line, "%s.generatedaddress",
                                   name);

  if (generated != NULL && (value == NULL || type == NULL ||
                            strcasecmp (type, "static") != 0)) {
    value = generated;
    line = generated_line;
  }
  vmx_set_string (r, &nic->mac, value);
  vmx_lower (nic->mac);
  for (char *c = nic->mac; c != NULL && *c != '\0'; c++)
    if (*c == '-')
      *c = ':';
  if (nic->mac != NULL && !mac_valid (nic->mac))
    error_set (r->err, REASON_UNSUPPORTED,
               _("%s:%zu: %s: '%s' is not a MAC address"),
               r->name, line, name, value);
}

/* The enhanced vmxnet is called vmxnet too, but has all of its features. */
static void
set_model (struct vmx_reading *r, struct nic *nic, const char *name)
{
  const char *device = vmx_get (r, NULL, "%s.virtualdev", name);
  const char *features = vmx_get (r, NULL, "%s.features", name);

  if (device != NULL && strcasecmp (device, "vmxnet") == 0 &&
      features != NULL && strcmp (features, "15") == 0)
    device = "vmxnet2";
  vmx_set_string (r, &nic->model, device);
  vmx_lower (nic->model);
}

/* networkName is ESXi's; Workstation names a virtual switch for custom
 * connections and nothing for others.
 */
static void
set_network (struct vmx_reading *r, struct nic *nic, const char *name)
{
  const char *network = vmx_get (r, NULL, "%s.networkname", name);
  const char *type = vmx_get (r, NULL, "%s.connectiontype", name);
  const char *vnet = vmx_get (r, NULL, "%s.vnet", name);

  nic->kind = type != NULL && strcasecmp (type, "bridged") == 0
    ? NIC_BRIDGE : NIC_NETWORK;
  vmx_set_string (r, &nic->network, network != NULL ? network
                  : vnet != NULL ? vnet : name);
}

static void
add_nic (struct vmx_reading *r, const char *name)
{
  struct nic *nic = guest_add_nic (r->guest, r->err);

  if (nic == NULL)
    return;
  argv_append (&r->nic_names, name, r->err);
  set_mac (r, nic, name);
  set_model (r, nic, name);
  set_network (r, nic, name);
}

void
vmx_add_nics (struct vmx_reading *r)
{
  for (unsigned i = 0; i < NICS_MAX; i++) {
    char name[16];

    snprintf (name, sizeof name, "ethernet%u", i);
    if (is_present (r, name))
      add_nic (r, name);
  }
}
