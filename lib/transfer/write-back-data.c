/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Holds which overlay is written back to which disk, and converts that to
 * JSON and back.  Storing the JSON as records is left to write-back-record.c.
 */

#include <config.h>

#include <string.h>

#include <json-c/json.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/json.h"
#include "transfer/write-back-data.h"

#define RECORD_VERSION 1

struct write_back *
write_back_new (const char *command, const struct launch_context *context,
                struct error *err)
{
  struct write_back *wb = alloc_zero (sizeof *wb, err);

  if (wb == NULL)
    return NULL;
  wb->context = context;
  if (digest_of (command, strlen (command), DIGEST_SHA256, wb->command,
                 err) == 0)
    return wb;
  free (wb);
  return NULL;
}

void
write_back_disk_reset (struct write_back_disk *disk)
{
  close_fd (&disk->lock);
  free (disk->place);
  free (disk->format);
  free (disk->record);
  free (disk->overlay);
}

void
write_back_free (struct write_back *wb)
{
  if (wb == NULL)
    return;
  for (size_t i = 0; i < wb->disks.len; i++)
    write_back_disk_reset (&wb->disks.ptr[i]);
  write_back_disks_reset (&wb->disks);
  free (wb->id);
  free (wb->dir);
  free (wb);
}

/*--- To JSON. ---*/

static void
add_string (json_object **object, const char *key, const char *value)
{
  json_add (object, key, json_object_new_string (value));
}

static json_object *
disk_to_json (const struct write_back_disk *disk)
{
  json_object *object = json_object_new_object ();

  add_string (&object, "disk", disk->place);
  add_string (&object, "format", disk->format);
  add_string (&object, "record", disk->record);
  add_string (&object, "overlay", disk->overlay);
  json_add_number (&object, "size", disk->size);
  return object;
}

json_object *
write_back_to_json (const struct write_back *wb)
{
  json_object *object = json_object_new_object ();
  json_object *disks = json_object_new_array ();

  json_add_number (&object, "version", RECORD_VERSION);
  add_string (&object, "id", wb->id);
  add_string (&object, "command", wb->command);
  add_string (&object, "overlays", wb->dir);
  for (size_t i = 0; i < wb->disks.len; i++)
    json_append (&disks, disk_to_json (&wb->disks.ptr[i]));
  json_add (&object, "disks", disks);
  return object;
}

/*--- From JSON. ---*/

static char *
get_string (json_object *object, const char *key)
{
  json_object *value;

  if (!json_object_object_get_ex (object, key, &value) ||
      !json_object_is_type (value, json_type_string))
    return NULL;
  return strdup (json_object_get_string (value));
}

/* A name of a file in the overlays' directory, which needs no quoting in the
 * json: name for qemu-nbd.
 */
static bool
is_overlay_name (const char *name)
{
  static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789.";

  return name != NULL && name[0] != '.' && name[0] != '\0' &&
    name[strspn (name, letters)] == '\0';
}

static bool
disk_from_json (json_object *object, struct write_back_disk *disk)
{
  json_object *size;

  disk->lock = -1;
  disk->place = get_string (object, "disk");
  disk->format = get_string (object, "format");
  disk->record = get_string (object, "record");
  disk->overlay = get_string (object, "overlay");
  if (!json_object_object_get_ex (object, "size", &size) ||
      json_object_get_int64 (size) < 0)
    return false;
  disk->size = (uint64_t) json_object_get_int64 (size);
  return disk->place != NULL && disk->format != NULL &&
    disk->record != NULL && is_overlay_name (disk->overlay);
}

static bool
fill_in (struct write_back *ret, json_object *object)
{
  CLEANUP_FREE char *command = get_string (object, "command");
  json_object *disks, *version;

  ret->id = get_string (object, "id");
  ret->dir = get_string (object, "overlays");
  if (command == NULL || ret->id == NULL || ret->dir == NULL ||
      !json_object_object_get_ex (object, "version", &version) ||
      json_object_get_int (version) != RECORD_VERSION ||
      !json_object_object_get_ex (object, "disks", &disks) ||
      !json_object_is_type (disks, json_type_array) ||
      json_object_array_length (disks) == 0)
    return false;
  snprintf (ret->command, sizeof ret->command, "%s", command);
  for (size_t i = 0; i < json_object_array_length (disks); i++) {
    struct write_back_disk disk = { .place = NULL };
    const bool good =
      disk_from_json (json_object_array_get_idx (disks, i), &disk);

    if (write_back_disks_append (&ret->disks, disk) == -1) {
      write_back_disk_reset (&disk);
      return false;
    }
    if (!good)
      return false;
  }
  return true;
}

struct write_back *
write_back_from_json (json_object *object)
{
  struct write_back *wb = calloc (1, sizeof *wb);

  if (wb != NULL && fill_in (wb, object))
    return wb;
  write_back_free (wb);
  return NULL;
}
