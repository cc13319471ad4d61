/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <config.h>

#include <string.h>

#include <json-c/json.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/utf8.h"
#include "guest/guest-json.h"
#include "guest/guest.h"

/* One object under construction.  json-c's calls fail only without memory;
 * that they did is kept here and told at the end.
 */
struct maker {
  bool failed;
};

static void
add (struct maker *maker, struct json_object *object, const char *key,
     struct json_object *value)
{
  if (object == NULL || json_object_object_add (object, key, value) != 0) {
    json_object_put (value);
    maker->failed = true;
  }
}

/* JSON is UTF-8, file names need not be: what is not becomes "?". */
static struct json_object *
make_string (struct maker *maker, const char *str)
{
  CLEANUP_FREE char *copy = NULL;
  struct json_object *ret;

  if (str == NULL)
    return NULL;                /* json-c's null */
  if (utf8_valid (str))
    ret = json_object_new_string (str);
  else {
    copy = strdup (str);
    if (copy != NULL)
      utf8_sanitize (copy, '?');
    ret = copy == NULL ? NULL : json_object_new_string (copy);
  }
  if (ret == NULL)
    maker->failed = true;
  return ret;
}

static void
add_string (struct maker *maker, struct json_object *object,
            const char *key, const char *str)
{
  add (maker, object, key, make_string (maker, str));
}

/* A zero that stands for "not known" is null. */
static void
add_number (struct maker *maker, struct json_object *object,
            const char *key, uint64_t number)
{
  struct json_object *value = NULL;

  if (number != 0) {
    value = json_object_new_int64 ((int64_t) number);
    if (value == NULL)
      maker->failed = true;
  }
  add (maker, object, key, value);
}

static void
add_index (struct maker *maker, struct json_object *object, const char *key,
           uint64_t number)
{
  struct json_object *value = json_object_new_int64 ((int64_t) number);

  if (value == NULL)
    maker->failed = true;
  add (maker, object, key, value);
}

static void
add_bool (struct maker *maker, struct json_object *object, const char *key,
          bool value)
{
  struct json_object *boolean = json_object_new_boolean (value);

  if (boolean == NULL)
    maker->failed = true;
  add (maker, object, key, boolean);
}

static struct json_object *
new_object (struct maker *maker)
{
  struct json_object *object = json_object_new_object ();

  if (object == NULL)
    maker->failed = true;
  return object;
}

static struct json_object *
add_array (struct maker *maker, struct json_object *object, const char *key)
{
  struct json_object *array = json_object_new_array ();

  if (array == NULL)
    maker->failed = true;
  add (maker, object, key, array);
  return array;
}

static struct json_object *
append_object (struct maker *maker, struct json_object *array)
{
  struct json_object *object = new_object (maker);

  if (array == NULL || object == NULL ||
      json_object_array_add (array, object) != 0) {
    json_object_put (object);
    maker->failed = true;
    return NULL;
  }
  return object;
}

static void
add_cpu (struct maker *maker, struct json_object *guest_object,
         const struct guest *guest)
{
  struct json_object *cpu = new_object (maker);

  add_number (maker, cpu, "count", guest->cpu.count);
  add_number (maker, cpu, "sockets", guest->cpu.sockets);
  add_number (maker, cpu, "cores", guest->cpu.cores);
  add_number (maker, cpu, "threads", guest->cpu.threads);
  add_string (maker, cpu, "model", guest->cpu.model);
  add_string (maker, cpu, "vendor", guest->cpu.vendor);
  add (maker, guest_object, "cpu", cpu);
}

static void
add_location (struct maker *maker, struct json_object *object,
              const struct location *location, struct error *err)
{
  CLEANUP_FREE char *where = location_describe (location, err);

  if (where == NULL)
    maker->failed = true;
  add_string (maker, object, "location", where);
  add_string (maker, object, "kind", location_kind_name (location->kind));
  if (location->part.offset != 0 || location->part.length != 0) {
    add_index (maker, object, "offset", location->part.offset);
    add_number (maker, object, "length", location->part.length);
  }
}

static void
add_disk (struct maker *maker, struct json_object *array, unsigned index,
          const struct disk *disk, struct error *err)
{
  struct json_object *object = append_object (maker, array);
  char letters[DISK_LETTERS_MAX], name[2 + DISK_LETTERS_MAX];

  if (object == NULL)
    return;
  disk_letters (index, letters);
  snprintf (name, sizeof name, "sd%s", letters);
  add_index (maker, object, "disk", index);
  add_string (maker, object, "name", name);
  add_location (maker, object, &disk->location, err);
  add_string (maker, object, "format", disk->format);
  add_string (maker, object, "bus", disk_bus_name (disk->bus));
}

static void
add_removable (struct maker *maker, struct json_object *array,
               const struct removable *removable)
{
  struct json_object *object = append_object (maker, array);

  if (object == NULL)
    return;
  add_string (maker, object, "kind", removable_kind_name (removable->kind));
  add_string (maker, object, "bus", disk_bus_name (removable->bus));
  add_index (maker, object, "slot", removable->slot);
}

static void
add_nic (struct maker *maker, struct json_object *array,
         const struct nic *nic)
{
  struct json_object *object = append_object (maker, array);

  if (object == NULL)
    return;
  add_string (maker, object, "kind", nic_kind_name (nic->kind));
  add_string (maker, object, "network", nic->network);
  add_string (maker, object, "mac", nic->mac);
  add_string (maker, object, "model", nic->model);
}

static void
add_platform (struct maker *maker, struct json_object *object,
              const struct guest *guest)
{
  add_string (maker, object, "name", guest->name);
  add_string (maker, object, "hypervisor", guest->hypervisor);
  add_number (maker, object, "memory", guest->memory);
  add_cpu (maker, object, guest);
  add_string (maker, object, "firmware", firmware_name (guest->firmware));
  add_bool (maker, object, "secure_boot", guest->secure_boot);
  add_bool (maker, object, "tpm", guest->tpm);
  add_string (maker, object, "arch", guest->arch);
  add_string (maker, object, "machine", guest->machine);
  add_string (maker, object, "clock", guest->clock_offset);
  add_string (maker, object, "display", guest->display);
  add_string (maker, object, "video", guest->video);
  add_string (maker, object, "sound", guest->sound);
  add_string (maker, object, "genid", guest->genid);
}

static void
add_devices (struct maker *maker, struct json_object *object,
             const struct guest *guest, struct error *err)
{
  struct json_object *array = add_array (maker, object, "disks");

  for (size_t i = 0; i < guest->disks.len; i++)
    add_disk (maker, array, (unsigned) i, &guest->disks.ptr[i], err);
  array = add_array (maker, object, "removables");
  for (size_t i = 0; i < guest->removables.len; i++)
    add_removable (maker, array, &guest->removables.ptr[i]);
  array = add_array (maker, object, "nics");
  for (size_t i = 0; i < guest->nics.len; i++)
    add_nic (maker, array, &guest->nics.ptr[i]);
}

struct json_object *
guest_json (const struct guest *guest, struct error *err)
{
  struct json_object *object = json_object_new_object ();
  struct maker maker = { .failed = false };

  if (object == NULL) {
    error_nomem (err);
    return NULL;
  }
  add_platform (&maker, object, guest);
  add_devices (&maker, object, guest, err);
  if (maker.failed) {
    error_nomem (err);
    json_object_put (object);
    return NULL;
  }
  return object;
}
