/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The <disk> elements of libvirt's domain XML.  Disks of type network are read
 * in domain-network.c; where the others can be reached from here is decided by
 * the inputs.
 */

#include <config.h>

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "image/image.h"
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
static void
note_target (struct domain *domain, const struct xml_node *node,
             const char *dev, enum disk_bus bus)
{
  CLEANUP_FREE char *key = format (domain->err, "%s %s", disk_bus_name (bus),
                                   dev);

  if (key == NULL)
    return;
  if (argv_contains (&domain->targets, key))
    domain_error (domain, node, _("two disks have the target '%s'"), dev);
  argv_append (&domain->targets, key, domain->err);
}

/* What DRIVE is by its target; its bus is *BUS, whether it is named or not. */
static void
read_target (struct domain *domain, const struct xml_node *disk,
             enum disk_bus *bus, struct domain_drive *drive)
{
  const struct xml_node *target = domain_find (domain, disk, "target");
  CLEANUP_FREE char *dev = NULL, *name = NULL;

  *bus = BUS_UNKNOWN;
  if (target == NULL)
    return;
  dev = domain_string (domain, target, "@dev");
  name = domain_string (domain, target, "@bus");
  if (name != NULL)
    *bus = drive->named_bus = disk_bus_parse (name);
  else if (dev != NULL)
    *bus = bus_of_device (dev);
  if (dev == NULL)
    return;
  drive->slot = slot_of_device (dev);
  note_target (domain, target, dev, *bus);
}

/* Does this look like the name of a format of QEMU's? */
static bool
format_valid (const char *format)
{
  for (const char *p = format; *p != '\0'; p++)
    if (!isalnum ((unsigned char) *p) &&
        (p == format || strchr ("-_", *p) == NULL))
      return false;
  return true;
}

/* The format that the XML gives, by its name in QEMU; NULL when it gives none.
 */
static char *
read_format (struct domain *domain, const struct xml_node *node)
{
  CLEANUP_FREE char *name = domain_string (domain, node, "driver/@name");
  CLEANUP_FREE char *type = domain_string (domain, node, "driver/@type");
  const char *format = type;

  /* Xen's drivers of these names know no format. */
  if (type == NULL && name != NULL &&
      (strcmp (name, "phy") == 0 || strcmp (name, "file") == 0))
    format = "raw";
  if (format == NULL)
    return NULL;
  if (!format_valid (format))
    domain_error (domain, node, _("'%s' is not the name of a disk format"),
                  format);
  return alloc_copy (image_format_in_qemu (format), domain->err);
}

/* <slices> make a part of the source the disk. */
static void
read_slice (struct domain *domain, const struct xml_node *source,
            struct location *location)
{
  const struct xml_node *slice =
    domain_find (domain, source, "slices/slice[@type='storage']");

  if (slice == NULL)
    return;
  location->part.offset = domain_uint (domain, slice, "@offset", 0,
                                       INT64_MAX, 0);
  location->part.length = domain_uint (domain, slice, "@size", 1, INT64_MAX,
                                       0);
}

/* The copy would be encrypted too, and nothing would tell the user. */
static void
refuse_encryption (struct domain *domain, const struct xml_node *disk)
{
  const struct xml_node *node = NULL;

  xml_find (domain->xml, disk, "encryption | source/encryption", &node,
            domain->err);
  if (node == NULL)
    return;
  domain_hint (domain, _("let qemu-nbd serve the decrypted disk, and give "
                         "its NBD URI to -i disk"));
  domain_error (domain, node,
                _("disks that the host encrypts are not supported"));
}

static void
read_path (struct domain *domain, const struct xml_node *source,
           const char *attribute, struct location *location)
{
  location->kind = LOCATION_FILE;
  location->path = domain_string (domain, source, attribute);
  if (location->path == NULL)
    domain_error (domain, source, _("the disk's source has no %s"),
                  attribute + 1);
}

static void
read_file (struct domain *domain,
           const struct xml_node *disk __attribute__ ((unused)),
           const struct xml_node *source, struct location *location)
{
  read_path (domain, source, "@file", location);
}

static void
read_block (struct domain *domain,
            const struct xml_node *disk __attribute__ ((unused)),
            const struct xml_node *source, struct location *location)
{
  location->path_is_block = true;
  read_path (domain, source, "@dev", location);
}

static void
refuse_volume (struct domain *domain, const struct xml_node *disk,
               const struct xml_node *source __attribute__ ((unused)),
               struct location *location __attribute__ ((unused)))
{
  domain_hint (domain, _("put the path that 'virsh vol-path' prints into a "
                         "disk of type 'file' or 'block'"));
  domain_error (domain, disk,
                _("disks of type 'volume' are not supported"));
}

/* What <disk type=> may be. */
static const struct {
  const char *name;
  void (*read) (struct domain *, const struct xml_node *disk,
                const struct xml_node *source, struct location *);
} types[] = {
  { "file", read_file },
  { "block", read_block },
  { "network", domain_read_network },
  { "volume", refuse_volume },
};

static void
read_source (struct domain *domain, const struct xml_node *disk,
             struct location *location)
{
  const struct xml_node *source = domain_find (domain, disk, "source");
  CLEANUP_FREE char *type = domain_string (domain, disk, "@type");
  const char *name = type != NULL ? type : "file";

  if (source == NULL) {
    domain_error (domain, disk, _("the disk has no source"));
    return;
  }
  for (size_t i = 0; i < ARRAY_LEN (types); i++)
    if (strcmp (name, types[i].name) == 0) {
      types[i].read (domain, disk, source, location);
      read_slice (domain, source, location);
      return;
    }
  domain_error (domain, disk, _("disks of type '%s' are not supported"),
                name);
}

static void
find_source (struct domain *domain, const struct xml_node *disk,
             struct location *location)
{
  refuse_encryption (domain, disk);
  read_source (domain, disk, location);
}

/* "rbd pool/image"; "nvme". */
static char *
describe_source (struct domain *domain, const struct xml_node *disk)
{
  CLEANUP_FREE char *type = domain_string (domain, disk, "@type");
  CLEANUP_FREE char *protocol = NULL, *name = NULL;

  if (xml_string (domain->xml, disk, "source/@protocol", &protocol,
                  domain->err) == -1 ||
      xml_string (domain->xml, disk, "source/@name|source/@volume|"
                  "source/@dir|source/@path|source/@dev|source/@file", &name,
                  domain->err) == -1)
    return NULL;
  return format (domain->err, "%s%s%s",
                 protocol != NULL ? protocol : type != NULL ? type : "file",
                 name != NULL ? " " : "", name != NULL ? name : "");
}

/* A disk that cannot be copied is no reason to show nothing of the guest. */
static void
show_source (struct domain *domain, const struct xml_node *node,
             struct disk *disk)
{
  CLEANUP_ERROR struct error why = ERROR_INIT;
  struct error *err = domain->err;

  domain->err = &why;
  find_source (domain, node, &disk->location);
  domain->err = err;
  if (!error_is_set (&why) || error_is_set (err))
    return;
  if (why.reason != REASON_UNSUPPORTED) {
    error_move (err, &why);
    return;
  }
  location_reset (&disk->location);
  disk->location.kind = LOCATION_UNSUPPORTED;
  disk->location.path = describe_source (domain, node);
  disk->unsupported = alloc_copy (why.message, err);
}

/* The model of the SCSI controller that the disk is on. */
static char *
read_controller (struct domain *domain, const struct xml_node *node)
{
  const uint64_t number =
    domain_uint (domain, node, "address[@type='drive']/@controller", 0,
                 UINT16_MAX, 0);
  char key[32];
  const char *model;

  snprintf (key, sizeof key, "%" PRIu64, number);
  model = argv_value (&domain->scsi_models, key);
  return model != NULL ? alloc_copy (model, domain->err) : NULL;
}

/* Each once, instead of for each disk. */
static void
list_controllers (struct domain *domain, const struct xml_node *root)
{
  CLEANUP_XML_NODES struct xml_nodes nodes = { .len = 0 };

  xml_find_all (domain->xml, root, "devices/controller[@type='scsi' and "
                "@model]", &nodes, domain->err);
  for (size_t i = 0; i < nodes.len && i < DOMAIN_MAX_DISKS &&
                     !error_is_set (domain->err); i++) {
    CLEANUP_FREE char *model = domain_string (domain, nodes.ptr[i], "@model");

    if (model != NULL)
      argv_appendf (&domain->scsi_models, domain->err, "%" PRIu64 "=%s",
                    domain_uint (domain, nodes.ptr[i], "@index", 0,
                                 UINT16_MAX, i), model);
  }
}

static void
read_disk (struct domain *domain, const struct xml_node *node)
{
  const char *given = domain->request->format;
  struct disk *disk = guest_add_disk (domain->guest, domain->err);
  struct domain_drive drive = {
    .kind = DOMAIN_DISK, .index = domain->guest->disks.len - 1,
  };

  if (disk == NULL ||
      input_allow_backing (domain->request, disk, domain->err) == -1)
    return;
  disk->target = domain_string (domain, node, "target/@dev");
  read_target (domain, node, &disk->bus, &drive);
  if (disk->bus == BUS_SCSI)
    disk->controller = read_controller (domain, node);
  domain_note_drive (domain, &drive);
  disk->format = given != NULL ? alloc_copy (given, domain->err)
    : read_format (domain, node);
  disk->boot_order = domain_boot_order (domain, node);
  if (domain->request->only_shown)
    show_source (domain, node, disk);
  else
    find_source (domain, node, &disk->location);
}

/* The medium in the drive is not copied, so that its source is not read. */
static void
read_removable (struct domain *domain, const struct xml_node *node,
                enum removable_kind kind)
{
  struct removable *removable = guest_add_removable (domain->guest,
                                                     domain->err);
  struct domain_drive drive = {
    .kind = kind == REMOVABLE_CDROM ? DOMAIN_CDROM : DOMAIN_FLOPPY,
    .index = domain->guest->removables.len - 1,
  };

  if (removable == NULL)
    return;
  removable->kind = kind;
  removable->boot_order = domain_boot_order (domain, node);
  read_target (domain, node, &removable->bus, &drive);
  removable->slot = drive.slot;
  domain_note_drive (domain, &drive);
}

static void
read_device (struct domain *domain, const struct xml_node *node)
{
  CLEANUP_FREE char *device = domain_string (domain, node, "@device");

  if (device == NULL || strcmp (device, "disk") == 0 ||
      strcmp (device, "lun") == 0)
    read_disk (domain, node);
  else if (strcmp (device, "cdrom") == 0)
    read_removable (domain, node, REMOVABLE_CDROM);
  else if (strcmp (device, "floppy") == 0)
    read_removable (domain, node, REMOVABLE_FLOPPY);
  else
    domain_error (domain, node,
                  _("disk devices of kind '%s' are not supported"), device);
}

void
domain_read_disks (struct domain *domain, const struct xml_node *root)
{
  CLEANUP_XML_NODES struct xml_nodes nodes = { .len = 0 };

  list_controllers (domain, root);
  xml_find_all (domain->xml, root, "devices/disk", &nodes, domain->err);
  if (nodes.len > DOMAIN_MAX_DISKS)
    domain_error (domain, nodes.ptr[DOMAIN_MAX_DISKS],
                  _("the guest has more than %d disks"), DOMAIN_MAX_DISKS);
  for (size_t i = 0; i < nodes.len && !error_is_set (domain->err); i++)
    read_device (domain, nodes.ptr[i]);
}
