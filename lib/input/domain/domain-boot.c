/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The boot order of libvirt's domain XML, after the devices have been read.
 * <boot order='N'/> on a device is read with the device; here is the order of
 * kinds, <os><boot dev='hd'/>: libvirt lets the first device of each kind
 * boot, in an order of drives that is its own.
 */

#include <config.h>

#include <string.h>

#include "base/error.h"
#include "guest/boot-order.h"
#include "input/domain/domain.h"

unsigned
domain_boot_order (struct domain *domain, const struct xml_node *device)
{
  return (unsigned) domain_uint (domain, device, "boot/@order", 0,
                                 DOMAIN_MAX_BOOT_ORDER, 0);
}

/* Drives whose <target> names the same bus follow each other, in the order of
 * their targets, and so do those whose <target> names none; the buses come in
 * the order of the XML (virDomainDiskInsert, compared with libvirt 9.0).
 */
void
domain_note_drive (struct domain *domain, const struct domain_drive *drive)
{
  struct domain_drives *drives = &domain->drives;
  size_t at = drives->len, i = drives->len;
  bool found = false;

  if (domain_drives_append (drives, *drive) == -1) {
    error_nomem (domain->err);
    return;
  }
  while (i-- > 0) {
    const struct domain_drive *other = &drives->ptr[i];

    if (other->named_bus != drive->named_bus)
      continue;
    if (other->slot > drive->slot)
      at = i;
    else if (!found)
      at = i + 1;
    found = true;
  }
  memmove (&drives->ptr[at + 1], &drives->ptr[at],
           (drives->len - 1 - at) * sizeof *drives->ptr);
  drives->ptr[at] = *drive;
}

/* Where the place of the first drive of KIND is kept, or NULL. */
static unsigned *
first_drive (struct domain *domain, enum domain_drive_kind kind)
{
  struct guest *guest = domain->guest;

  for (size_t i = 0; i < domain->drives.len; i++) {
    const struct domain_drive *drive = &domain->drives.ptr[i];

    if (drive->kind == kind)
      return kind == DOMAIN_DISK ? &guest->disks.ptr[drive->index].boot_order
        : &guest->removables.ptr[drive->index].boot_order;
  }
  return NULL;
}

static unsigned *
first_device (struct domain *domain, const char *dev)
{
  struct nics *nics = &domain->guest->nics;

  if (strcmp (dev, "hd") == 0)
    return first_drive (domain, DOMAIN_DISK);
  if (strcmp (dev, "cdrom") == 0)
    return first_drive (domain, DOMAIN_CDROM);
  if (strcmp (dev, "fd") == 0)
    return first_drive (domain, DOMAIN_FLOPPY);
  return strcmp (dev, "network") == 0 && nics->len > 0
    ? &nics->ptr[0].boot_order : NULL;
}

/* One kind may be named twice: the first time counts. */
static void
give_place (struct domain *domain, const char *dev, unsigned *last)
{
  unsigned *place = first_device (domain, dev);

  if (place != NULL && *place == 0)
    *place = ++*last;
}

static void
read_kinds (struct domain *domain, const struct xml_node *root)
{
  CLEANUP_XML_NODES struct xml_nodes nodes = { .len = 0 };
  unsigned last = 0;

  xml_find_all (domain->xml, root, "os/boot", &nodes, domain->err);
  for (size_t i = 0; i < nodes.len && !error_is_set (domain->err); i++) {
    CLEANUP_FREE char *dev = domain_string (domain, nodes.ptr[i], "@dev");

    if (dev != NULL)
      give_place (domain, dev, &last);
  }
  /* All that libvirt tries when it is told nothing. */
  give_place (domain, "hd", &last);
}

/* What libvirt refuses to have beside the other form does not count here. */
void
domain_read_boot (struct domain *domain, const struct xml_node *root)
{
  if (boot_order_is_given (domain->guest))
    return;
  read_kinds (domain, root);
  if (boot_order_is_usual (domain->guest))
    boot_order_forget (domain->guest);
}
