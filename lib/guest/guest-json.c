/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The guest as JSON: what --print-source tells programs, and V2V_JSON of a
 * conversion.  guest-text.c has the form for people.
 */

#include <config.h>

#include <stdio.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/json.h"
#include "guest/guest-json.h"
#include "guest/guest.h"

/* What is not known is null. */
static void
add_text (json_object **object, const char *key, const char *text)
{
  if (text != NULL)
    json_add_text (object, key, text);
  else
    json_add_null (object, key);
}

static void
add_count (json_object **object, const char *key, uint64_t count)
{
  if (count != 0)
    json_add_number (object, key, count);
  else
    json_add_null (object, key);
}

static json_object *
cpu_json (const struct guest *guest)
{
  json_object *cpu = json_object_new_object ();

  add_count (&cpu, "count", guest->cpu.count);
  add_count (&cpu, "sockets", guest->cpu.sockets);
  add_count (&cpu, "cores", guest->cpu.cores);
  add_count (&cpu, "threads", guest->cpu.threads);
  add_text (&cpu, "model", guest->cpu.model);
  add_text (&cpu, "vendor", guest->cpu.vendor);
  return cpu;
}

static void
add_location (json_object **object, const struct location *location)
{
  static const char *const kinds[] = {
    [LOCATION_FILE] = "file",
    [LOCATION_NBD] = "nbd",
    [LOCATION_CURL] = "curl",
    [LOCATION_SSH] = "ssh",
    [LOCATION_VDDK] = "vddk",
    [LOCATION_NFC] = "nfc",
    [LOCATION_VCENTER] = "vcenter",
    [LOCATION_PLUGIN] = "plugin",
    [LOCATION_VMDK] = "vmdk",
    [LOCATION_UNSUPPORTED] = "unsupported",
  };
  CLEANUP_ERROR struct error no_memory = ERROR_INIT;
  CLEANUP_FREE char *where = location_address (location, &no_memory);

  json_add (object, "location", where != NULL ? json_text (where) : NULL);
  json_add_text (object, "kind", kinds[location->kind]);
  if (location->part.offset != 0 || location->part.length != 0) {
    json_add_number (object, "offset", location->part.offset);
    add_count (object, "length", location->part.length);
  }
  json_add_text (object, "member", location->part.tar_entry);
}

static json_object *
words_json (const struct argv *words)
{
  json_object *array = json_object_new_array ();

  for (size_t i = 0; i < words->len; i++)
    json_append (&array, json_text (words->ptr[i]));
  return array;
}

static void
add_image (json_object **object, const struct disk *disk)
{
  json_object *image;

  if (disk->image.format == NULL) {
    json_add_null (object, "image");
    return;
  }
  image = json_object_new_object ();
  json_add_text (&image, "format", disk->image.format);
  add_text (&image, "variant", disk->image.variant);
  json_add (&image, "state", words_json (&disk->image.state));
  json_add (&image, "files", words_json (&disk->image.files));
  json_add (object, "image", image);
}

static json_object *
disk_json (unsigned index, const struct disk *disk)
{
  json_object *object = json_object_new_object ();
  char name[DISK_NAME_MAX];

  json_add_number (&object, "disk", index);
  json_add_text (&object, "name", disk_name (index, name));
  add_location (&object, &disk->location);
  json_add_text (&object, "unsupported", disk->unsupported);
  add_text (&object, "format", disk->format);
  json_add_text (&object, "bus", disk_bus_name (disk->bus));
  add_count (&object, "boot_order", disk->boot_order);
  add_count (&object, "virtual_size", disk->virtual_size);
  add_image (&object, disk);
  return object;
}

static json_object *
removable_json (const struct removable *removable)
{
  json_object *object = json_object_new_object ();

  json_add_text (&object, "kind",
                 removable->kind == REMOVABLE_CDROM ? "cdrom" : "floppy");
  json_add_text (&object, "bus", disk_bus_name (removable->bus));
  json_add_number (&object, "slot", removable->slot);
  add_count (&object, "boot_order", removable->boot_order);
  return object;
}

static json_object *
nic_json (const struct nic *nic)
{
  json_object *object = json_object_new_object ();

  json_add_text (&object, "kind",
                 nic->kind == NIC_BRIDGE ? "bridge" : "network");
  add_text (&object, "network", nic->network);
  add_text (&object, "connection", nic->connection);
  add_text (&object, "mac", nic->mac);
  add_text (&object, "model", nic->model);
  add_count (&object, "boot_order", nic->boot_order);
  return object;
}

static void
add_platform (json_object **object, const struct guest *guest)
{
  add_text (object, "name", guest->name);
  add_text (object, "hypervisor", guest->hypervisor);
  add_count (object, "memory", guest->memory);
  json_add (object, "cpu", cpu_json (guest));
  json_add_text (object, "firmware", firmware_name (guest->firmware));
  json_add_bool (object, "secure_boot", guest->secure_boot);
  json_add_bool (object, "tpm", guest->tpm);
  add_text (object, "arch", guest->arch);
  add_text (object, "machine", guest->machine);
  add_text (object, "clock", guest->clock_offset);
  add_text (object, "display", guest->display);
  add_text (object, "video", guest->video);
  add_text (object, "sound", guest->sound);
  add_text (object, "genid", guest->genid);
}

static void
add_devices (json_object **object, const struct guest *guest)
{
  json_object *disks = json_object_new_array ();
  json_object *removables = json_object_new_array ();
  json_object *nics = json_object_new_array ();

  for (size_t i = 0; i < guest->disks.len; i++)
    json_append (&disks, disk_json ((unsigned) i, &guest->disks.ptr[i]));
  for (size_t i = 0; i < guest->removables.len; i++)
    json_append (&removables, removable_json (&guest->removables.ptr[i]));
  for (size_t i = 0; i < guest->nics.len; i++)
    if (!guest->nics.ptr[i].assumed)
      json_append (&nics, nic_json (&guest->nics.ptr[i]));
  json_add (object, "disks", disks);
  json_add (object, "removables", removables);
  json_add (object, "nics", nics);
}

void
guest_json_add (struct json_object **object, const struct guest *guest)
{
  add_platform (object, guest);
  add_devices (object, guest);
}

struct json_object *
guest_json (const struct guest *guest, struct error *err)
{
  json_object *object = json_object_new_object ();

  guest_json_add (&object, guest);
  if (object == NULL)
    error_nomem (err);
  return object;
}
