/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Chooses what the disks of a copy are attached to.  What libvirt's XML makes
 * of it is left to domain-xml-drives.c.
 */

#include <config.h>

#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/suggest.h"
#include "guest/attach.h"
#include "guest/hardware.h"

static const char bus_words[] = "ide|sata|scsi|usb|virtio|virtio-scsi";

int
attach_parse_bus (const char *name, enum copy_bus *ret, struct error *err)
{
  static const char *const names[] = {
    [COPY_BUS_IDE] = "ide", [COPY_BUS_SATA] = "sata",
    [COPY_BUS_SCSI] = "scsi", [COPY_BUS_USB] = "usb",
    [COPY_BUS_VIRTIO] = "virtio", [COPY_BUS_VIRTIO_SCSI] = "virtio-scsi",
  };
  struct suggest suggest = SUGGEST_INIT (name);

  for (enum copy_bus i = COPY_BUS_IDE; i < ARRAY_LEN (names); i++)
    if (strcmp (name, names[i]) == 0) {
      *ret = i;
      return 0;
    }
  error_set (err, REASON_USAGE, _("-oo bus: '%s' is not one of %s"), name,
             bus_words);
  suggest_try_joined (&suggest, bus_words);
  if (suggest.best != NULL)
    suggest_hint (&suggest, "-oo bus=", "", err);
  return -1;
}

#define SCSI_DEFAULT "lsisas1068"

/* SCSI controllers by the names that libvirt, VMX and OVF have for them.  What
 * VMware and VirtualBox call LsiLogic is a 53C1030, QEMU's and Xen's lsilogic
 * a 53C895A, which no driver of the other takes: LSI's SAS is nearer to that,
 * and UEFI boots from it.  BusLogic's has no relative.
 */
static const struct scsi_model {
  const char *source, *kvm;
  bool differs;
} scsi_models[] = {
  { "am53c974", "am53c974", false },
  { "buslogic", SCSI_DEFAULT, true },
  { "dc390", "dc390", false },
  { "lsilogic", SCSI_DEFAULT, true },
  { "lsilogicsas", "lsisas1068", false },
  { "lsisas1068", "lsisas1068", false },
  { "lsisas1078", "lsisas1078", false },
  { "pvscsi", "vmpvscsi", false },
  { "virtio-non-transitional", "virtio-scsi", false },
  { "virtio-scsi", "virtio-scsi", false },
  { "virtio-transitional", "virtio-scsi", false },
  { "virtualscsi", "vmpvscsi", false },
  { "vmpvscsi", "vmpvscsi", false },
};

/* Its devices are QEMU's, and a controller without a model is libvirt's. */
static bool
is_from_qemu (const struct guest *guest)
{
  static const char *const kinds[] = { "kvm", "qemu", "xen" };

  for (size_t i = 0; guest->hypervisor != NULL && i < ARRAY_LEN (kinds); i++)
    if (strcmp (guest->hypervisor, kinds[i]) == 0)
      return true;
  return false;
}

static void
attach_scsi (const struct guest *guest, const char *controller,
             struct attached *ret)
{
  const char *name = controller != NULL ? controller : "lsilogic";

  ret->bus = BUS_SCSI;
  if (is_from_qemu (guest) && strcasecmp (name, "lsilogic") == 0) {
    ret->model = controller != NULL ? "lsilogic" : NULL;
    return;
  }
  for (size_t i = 0; i < ARRAY_LEN (scsi_models); i++)
    if (strcasecmp (name, scsi_models[i].source) == 0) {
      ret->model = scsi_models[i].kvm;
      ret->differs = scsi_models[i].differs;
      return;
    }
  ret->model = is_from_qemu (guest) ? NULL : SCSI_DEFAULT;
  ret->differs = !is_from_qemu (guest);
}

/* SLOT is where the next disk on IDE goes at the earliest, so that the disks
 * keep their order, in which libvirt boots them.
 */
static bool
attach_ide (const struct guest *guest, const struct disk *disk,
            unsigned *slot, struct attached *ret)
{
  unsigned wanted;

  if (disk->bus == BUS_IDE && disk->target != NULL &&
      strncmp (disk->target, "hd", 2) == 0 &&
      disk_letters_parse (disk->target + 2, &wanted) == 0 &&
      wanted > *slot && wanted < ATTACH_IDE_MAX)
    *slot = wanted;
  if (!hardware_is_x86 (guest) || hardware_is_q35 (guest) ||
      *slot >= ATTACH_IDE_MAX)
    return false;
  ret->bus = BUS_IDE;
  ret->slot = (*slot)++;
  return true;
}

/* SATA is what most systems have a driver for; on other machines than PCs it
 * is virtio.
 */
static void
attach_nearest (const struct guest *guest, struct attached *ret)
{
  ret->bus = hardware_is_x86 (guest) ? BUS_SATA : BUS_VIRTIO;
  ret->differs = true;
}

/* Xen shows its disks as IDE, too, until a driver of its own takes them. */
static void
attach_as_before (const struct guest *guest, const struct disk *disk,
                  unsigned *ide_slot, struct attached *ret)
{
  switch (disk->bus) {
  case BUS_SATA:
  case BUS_USB:
  case BUS_VIRTIO:
    ret->bus = disk->bus;
    break;
  case BUS_SCSI:
    attach_scsi (guest, disk->controller, ret);
    break;
  case BUS_IDE:
  case BUS_XEN:
    if (attach_ide (guest, disk, ide_slot, ret))
      ret->differs = disk->bus == BUS_XEN;
    else
      attach_nearest (guest, ret);
    break;
  default:
    attach_nearest (guest, ret);
  }
}

static int
attach_as_wanted (const struct guest *guest, enum copy_bus bus,
                  const struct disk *disk, unsigned *ide_slot,
                  struct attached *ret, struct error *err)
{
  static const enum disk_bus buses[] = {
    [COPY_BUS_SATA] = BUS_SATA, [COPY_BUS_USB] = BUS_USB,
    [COPY_BUS_VIRTIO] = BUS_VIRTIO, [COPY_BUS_VIRTIO_SCSI] = BUS_SCSI,
  };

  if (bus == COPY_BUS_SCSI)
    attach_scsi (guest, disk->controller, ret);
  else if (bus != COPY_BUS_IDE)
    ret->bus = buses[bus];
  else if (!attach_ide (guest, disk, ide_slot, ret)) {
    error_set (err, REASON_USAGE,
               _("-oo bus=ide: only machines of type pc, which have no UEFI, "
                 "have IDE, for %d disks"), ATTACH_IDE_MAX);
    error_hint (err, _("give -oo bus=sata"));
    return -1;
  }
  if (bus == COPY_BUS_VIRTIO_SCSI)
    ret->model = "virtio-scsi";
  ret->differs = false;
  return 0;
}

/* What the narrow SCSI controllers have room for. */
#define SCSI_SLOTS 7

/* On the last controller of the same model, or on a new one. */
static void
find_scsi_slot (struct attached *attached, size_t index,
                unsigned *n_controllers)
{
  for (size_t i = index; i > 0; i--) {
    const struct attached *last = &attached[i - 1];

    if (last->model == NULL ||
        strcmp (last->model, attached[index].model) != 0)
      continue;
    if (last->slot + 1 >= SCSI_SLOTS)
      break;
    attached[index].controller = last->controller;
    attached[index].slot = last->slot + 1;
    return;
  }
  attached[index].controller = (*n_controllers)++;
}

static int
attach_disk (const struct guest *guest, const struct disk *disk,
             unsigned *ide_slot, struct attached *ret, struct error *err)
{
  if (guest->copy.bus != COPY_BUS_AUTO)
    return attach_as_wanted (guest, guest->copy.bus, disk, ide_slot, ret, err);
  if (guest->copy.converted)
    return attach_as_wanted (guest, COPY_BUS_VIRTIO, disk, ide_slot, ret, err);
  attach_as_before (guest, disk, ide_slot, ret);
  return 0;
}

struct attached *
attach_disks (const struct guest *guest, size_t n, struct error *err)
{
  static const struct disk nothing_known = { .format = NULL };
  struct attached *ret = alloc_zero ((n + 1) * sizeof *ret, err);
  unsigned ide_slot = 0, n_controllers = 0;

  for (size_t i = 0; ret != NULL && i < n; i++) {
    if (attach_disk (guest, i < guest->disks.len ? &guest->disks.ptr[i]
                     : &nothing_known, &ide_slot, &ret[i], err) == -1) {
      free (ret);
      return NULL;
    }
    if (ret[i].model != NULL)
      find_scsi_slot (ret, i, &n_controllers);
  }
  return ret;
}
