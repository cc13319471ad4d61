/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The <disk> elements of libvirt's domain XML. */

#include <config.h>

#include <ctype.h>
#include <string.h>

#include "base/alloc.h"
#include "base/format.h"
#include "input/domain/domain.h"

/* The first letters of a target device tell the bus where <target> does
 * not.
 */
static const struct {
  const char *prefix;
  enum disk_bus bus;
} prefixes[] = {
  { "hd", BUS_IDE },
  { "sd", BUS_SCSI },
  { "vd", BUS_VIRTIO },
  { "xvd", BUS_XEN },
  { "fd", BUS_FDC },
};

/* What libvirt and Xen call a format, where QEMU calls it something else.
 */
static const struct {
  const char *libvirt, *qemu;
} formats[] = {
  { "aio", "raw" },             /* Xen's tap:aio: a plain file */
  { "iso", "raw" },
  { "vhd", "vpc" },
};

static enum disk_bus
bus_of_device (const char *dev)
{
  for (size_t i = 0; i < ARRAY_LEN (prefixes); i++)
    if (strncmp (dev, prefixes[i].prefix, strlen (prefixes[i].prefix)) == 0)
      return prefixes[i].bus;
  return BUS_UNKNOWN;
}

/* hdc is number 2 on its bus; xvda1, a partition that is a disk, is 0. */
static unsigned
slot_of_device (const char *dev)
{
  char letters[DISK_LETTERS_MAX];
  unsigned slot;
  size_t len;

  for (size_t i = 0; i < ARRAY_LEN (prefixes); i++) {
    const size_t skip = strlen (prefixes[i].prefix);

    if (strncmp (dev, prefixes[i].prefix, skip) != 0)
      continue;
    len = strspn (dev + skip, "abcdefghijklmnopqrstuvwxyz");
    if (len >= sizeof letters)
      return 0;
    memcpy (letters, dev + skip, len);
    letters[len] = '\0';
    return disk_letters_parse (letters, &slot) == 0 ? slot : 0;
  }
  return 0;
}

/* Each target stands for one device of the guest.  Of a VMware guest
 * libvirt calls both the first SCSI and the first SATA drive sda.
 */
static int
note_target (struct domain *domain, const struct xml_node *node,
             const char *dev, enum disk_bus bus)
{
  CLEANUP_FREE char *key = format (domain->err, "%s %s", disk_bus_name (bus),
                                   dev);

  if (key == NULL)
    return -1;
  if (argv_contains (&domain->targets, key))
    return domain_error (domain, node, _("a second disk has the target '%s'"),
                         dev);
  return argv_append (&domain->targets, key, domain->err);
}

static int
read_target (struct domain *domain, const struct xml_node *disk,
             enum disk_bus *bus, unsigned *slot)
{
  CLEANUP_FREE char *dev = NULL, *name = NULL;
  const struct xml_node *target;

  *bus = BUS_UNKNOWN;
  *slot = 0;
  if (domain_find (domain, disk, "target", &target) == -1)
    return -1;
  if (target == NULL)
    return 0;
  if (domain_string (domain, target, "@dev", &dev) == -1 ||
      domain_string (domain, target, "@bus", &name) == -1)
    return -1;
  if (name != NULL)
    *bus = disk_bus_parse (name);
  else if (dev != NULL)
    *bus = bus_of_device (dev);
  if (dev == NULL)
    return 0;
  *slot = slot_of_device (dev);
  return note_target (domain, target, dev, *bus);
}

/* A word such as QEMU's formats are. */
static bool
format_valid (const char *format)
{
  for (const char *p = format; *p != '\0'; p++)
    if (!isalnum ((unsigned char) *p) &&
        (p == format || strchr ("-_", *p) == NULL))
      return false;
  return true;
}

/* What the metadata says, in QEMU's words; NULL when it says nothing. */
static int
read_driver (struct domain *domain, const struct xml_node *node, char **ret)
{
  CLEANUP_FREE char *name = NULL, *type = NULL;
  const char *format;

  if (domain_string (domain, node, "driver/@name", &name) == -1 ||
      domain_string (domain, node, "driver/@type", &type) == -1)
    return -1;
  format = type;
  /* Xen's drivers of these names know no format. */
  if (type == NULL && name != NULL &&
      (strcmp (name, "phy") == 0 || strcmp (name, "file") == 0))
    format = "raw";
  if (format == NULL)
    return 0;
  if (!format_valid (format))
    return domain_error (domain, node,
                         _("'%s' is not the name of a disk format"), format);
  for (size_t i = 0; i < ARRAY_LEN (formats); i++)
    if (strcmp (format, formats[i].libvirt) == 0)
      format = formats[i].qemu;
  return alloc_set (ret, format, domain->err);
}

static int
read_format (struct domain *domain, const struct xml_node *node,
             struct disk *disk)
{
  const char *given = domain->request->format;

  if (given == NULL)
    return read_driver (domain, node, &disk->format);
  return alloc_set (&disk->format, given, domain->err);
}

/* <slices> make a part of the source the disk. */
static int
read_slice (struct domain *domain, const struct xml_node *source,
            struct location *location)
{
  const struct xml_node *slice;

  if (domain_find (domain, source, "slices/slice[@type='storage']",
                   &slice) == -1)
    return -1;
  if (slice == NULL)
    return 0;
  if (domain_uint (domain, slice, "@offset", 0, INT64_MAX,
                   &location->part.offset) == -1)
    return -1;
  return domain_uint (domain, slice, "@size", 1, INT64_MAX,
                      &location->part.length);
}

/* The copy would be as encrypted as the source, and nothing would say so.
 */
static int
refuse_encryption (struct domain *domain, const struct xml_node *disk)
{
  const struct xml_node *node;

  if (xml_find (domain->xml, disk, "encryption | source/encryption", &node,
                domain->err) == -1)
    return -1;
  if (node == NULL)
    return 0;
  error_hint (domain->err,
              _("let qemu-nbd serve the decrypted disk, and give its NBD URI "
                "to -i disk"));
  return domain_error (domain, node,
                       _("disks that the host encrypts are not supported"));
}

static int
read_path (struct domain *domain, const struct xml_node *source,
           const char *attribute, struct location *location)
{
  location->kind = LOCATION_FILE;
  if (domain_string (domain, source, attribute, &location->path) == -1)
    return -1;
  if (location->path == NULL)
    return domain_error (domain, source, _("the disk's source has no %s"),
                         attribute + 1);
  return 0;
}

static int
read_file (struct domain *domain,
           const struct xml_node *disk __attribute__ ((unused)),
           const struct xml_node *source, struct location *location)
{
  return read_path (domain, source, "@file", location);
}

static int
read_block (struct domain *domain,
            const struct xml_node *disk __attribute__ ((unused)),
            const struct xml_node *source, struct location *location)
{
  location->path_is_block = true;
  return read_path (domain, source, "@dev", location);
}

static int
refuse_volume (struct domain *domain, const struct xml_node *disk,
               const struct xml_node *source __attribute__ ((unused)),
               struct location *location __attribute__ ((unused)))
{
  error_hint (domain->err,
              _("put the path that 'virsh vol-path' prints into a disk of "
                "type 'file' or 'block'"));
  return domain_error (domain, disk,
                       _("disks of type 'volume' are not supported"));
}

/* What <disk type=> may be. */
static const struct {
  const char *name;
  int (*read) (struct domain *, const struct xml_node *disk,
               const struct xml_node *source, struct location *);
} types[] = {
  { "file", read_file },
  { "block", read_block },
  { "network", domain_read_network },
  { "volume", refuse_volume },
};

static int
read_type (struct domain *domain, const struct xml_node *node,
           const char *type, struct location *location)
{
  const struct xml_node *source;

  if (domain_find (domain, node, "source", &source) == -1)
    return -1;
  if (source == NULL)
    return domain_error (domain, node, _("the disk has no source"));
  for (size_t i = 0; i < ARRAY_LEN (types); i++)
    if (strcmp (type, types[i].name) == 0) {
      if (types[i].read (domain, node, source, location) == -1)
        return -1;
      return read_slice (domain, source, location);
    }
  return domain_error (domain, node, _("disks of type '%s' are not supported"),
                       type);
}

static int
read_disk (struct domain *domain, const struct xml_node *node)
{
  struct disk *disk = guest_add_disk (domain->guest, domain->err);
  CLEANUP_FREE char *type = NULL;
  unsigned slot;

  if (disk == NULL ||
      input_allow_backing (domain->request, disk, domain->err) == -1 ||
      domain_string (domain, node, "@type", &type) == -1 ||
      read_target (domain, node, &disk->bus, &slot) == -1 ||
      read_format (domain, node, disk) == -1 ||
      refuse_encryption (domain, node) == -1)
    return -1;
  return read_type (domain, node, type != NULL ? type : "file",
                    &disk->location);
}

/* What is in the drive is of no interest: it is not copied. */
static int
read_removable (struct domain *domain, const struct xml_node *node,
                enum removable_kind kind)
{
  struct removable *removable = guest_add_removable (domain->guest,
                                                     domain->err);

  if (removable == NULL)
    return -1;
  removable->kind = kind;
  return read_target (domain, node, &removable->bus, &removable->slot);
}

static int
read_device (struct domain *domain, const struct xml_node *node)
{
  CLEANUP_FREE char *device = NULL;

  if (domain_string (domain, node, "@device", &device) == -1)
    return -1;
  if (device == NULL || strcmp (device, "disk") == 0 ||
      strcmp (device, "lun") == 0)
    return read_disk (domain, node);
  if (strcmp (device, "cdrom") == 0)
    return read_removable (domain, node, REMOVABLE_CDROM);
  if (strcmp (device, "floppy") == 0)
    return read_removable (domain, node, REMOVABLE_FLOPPY);
  return domain_error (domain, node,
                       _("disk devices of kind '%s' are not supported"),
                       device);
}

int
domain_read_disks (struct domain *domain)
{
  CLEANUP_XML_NODES struct xml_nodes nodes = { .len = 0 };

  if (xml_find_all (domain->xml, xml_root (domain->xml), "devices/disk",
                    &nodes, domain->err) == -1)
    return -1;
  if (nodes.len > DOMAIN_MAX_DISKS)
    return domain_error (domain, nodes.ptr[DOMAIN_MAX_DISKS],
                         _("the guest has more than %d disks"),
                         DOMAIN_MAX_DISKS);
  for (size_t i = 0; i < nodes.len; i++)
    if (read_device (domain, nodes.ptr[i]) == -1)
      return -1;
  return 0;
}
