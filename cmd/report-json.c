/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Makes the JSON objects that docs/v2v-nbdkit-launch.schema.json describes.
 * machine-readable.c writes them, report.c decides when.
 */

#include <config.h>

#include <string.h>
#include <time.h>

#include <json-c/json.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "base/utf8.h"
#include "filesystem/filesystem.h"
#include "guest/guest-json.h"
#include "report-json.h"
#include "success.h"
#include "transfer/transfer.h"

/* DISK is -1 for the whole run. */
static json_object *
new_object (const char *type, int disk)
{
  json_object *object = json_object_new_object ();
  struct timespec now;
  struct tm tm;
  char text[64], full[80];

  clock_gettime (CLOCK_REALTIME, &now);
  gmtime_r (&now.tv_sec, &tm);
  strftime (text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
  snprintf (full, sizeof full, "%s.%03ldZ", text, now.tv_nsec / 1000000);
  json_add_text (&object, "type", type);
  json_add_text (&object, "timestamp", full);
  if (disk != -1)
    json_add_number (&object, "disk", (uint64_t) disk);
  return object;
}

json_object *
json_start (void)
{
  json_object *object = new_object ("start", -1);

  json_add_number (&object, "schema", 1);
  json_add_text (&object, "version", PACKAGE_VERSION);
  return object;
}

static json_object *
message (const char *type, const struct event *event)
{
  json_object *object = new_object (type, event->disk);

  json_add_text (&object, "message", event->text);
  return object;
}

static json_object *
env_object (const struct argv *env)
{
  json_object *object = json_object_new_object ();

  for (size_t i = 0; env != NULL && i < env->len; i++) {
    const size_t len = strcspn (env->ptr[i], "=");
    CLEANUP_FREE char *key = strndup (env->ptr[i], len);

    if (key == NULL)
      json_add (&object, "", NULL);
    else
      json_add_text (&object, key, env->ptr[i] + len + 1);
  }
  return object;
}

static json_object *
array_object (const struct argv *list)
{
  json_object *array = json_object_new_array ();

  for (size_t i = 0; i < list->len; i++)
    json_append (&array, json_text (list->ptr[i]));
  return array;
}

static json_object *
command (const struct event *event)
{
  json_object *object = new_object ("command", event->disk);

  json_add_text (&object, "program", event->program);
  json_add (&object, "env", env_object (event->env));
  json_add (&object, "argv", array_object (event->argv));
  if (event->files != NULL && event->files->len > 0)
    json_add (&object, "descriptors", env_object (event->files));
  return object;
}

static json_object *
disk (const struct event *event)
{
  json_object *object = new_object ("disk", event->disk);

  json_add_text (&object, "name", event->opened.name);
  json_add_number (&object, "size", event->opened.size);
  json_add_text (&object, "uri", event->opened.uri);
  json_add_text (&object, "overlay", event->opened.overlay);
  json_add_text (&object, "target", event->opened.target);
  return object;
}

static json_object *
progress (const struct event *event)
{
  json_object *object = new_object ("progress", event->disk);

  json_add_text (&object, "phase", event->progress.phase);
  json_add_number (&object, "done", event->progress.done);
  json_add_number (&object, "total", event->progress.total);
  if (event->disk == -1) {
    json_add_number (&object, "read", event->progress.read);
    json_add_number (&object, "written", event->progress.written);
    json_add_number (&object, "zero", event->progress.zero);
    json_add_number (&object, "bytes_unused", event->progress.unused);
  }
  json_add_number (&object, "connections", event->progress.connections);
  json_add_number (&object, "rate", event->progress.rate);
  if (event->progress.eta_s >= 0)
    json_add_number (&object, "eta", (uint64_t) event->progress.eta_s);
  return object;
}

static json_object *
check (const struct event *event)
{
  json_object *object = message ("check", event);

  json_add_text (&object, "item", event->check.item);
  json_add_text (&object, "status", check_status_name (event->check.status));
  return object;
}

static json_object *
waiting (const struct event *event)
{
  json_object *object = new_object ("waiting", -1);

  json_add_text (&object, "key", event->waiting.key);
  json_add_number (&object, "limit", event->waiting.limit);
  json_add_number (&object, "taken", event->waiting.taken);
  json_add (&object, "seconds", json_seconds (event->waiting.seconds));
  return object;
}

json_object *
json_event (const struct event *event)
{
  switch (event->type) {
  case EVENT_MESSAGE: return message ("message", event);
  case EVENT_INFO: return message ("info", event);
  case EVENT_WARNING: return message ("warning", event);
  case EVENT_COMMAND: return event->question ? NULL : command (event);
  case EVENT_DISK: return disk (event);
  case EVENT_CHECK: return check (event);
  case EVENT_PROGRESS: return progress (event);
  case EVENT_WAITING: return waiting (event);
  default: return NULL;
  }
}

json_object *
json_source (const struct guest *guest)
{
  json_object *object = new_object ("source", -1);

  guest_json_add (&object, guest);
  return object;
}

json_object *
json_error (const struct error *err, int status, double seconds)
{
  json_object *object = new_object ("error", -1);

  json_add_text (&object, "message", err->message);
  json_add_text (&object, "reason", reason_name (err->reason));
  json_add_bool (&object, "retryable", error_retryable (err));
  json_add_bool (&object, "resumable", err->resumable);
  if (err->disk != -1)
    json_add_number (&object, "disk", (uint64_t) err->disk);
  json_add (&object, "detail", array_object (&err->detail));
  json_add_text (&object, "hint", err->hint);
  json_add_number (&object, "exit", (uint64_t) status);
  json_add (&object, "seconds", json_seconds (seconds));
  return object;
}

static void
add_bytes (json_object **object, uint64_t size,
           const struct copy_result *result)
{
  json_add_number (object, "virtual_size", size);
  json_add_number (object, "bytes_read", result->read);
  json_add_number (object, "bytes_written", result->written);
  json_add_number (object, "bytes_cloned", result->cloned);
  json_add_number (object, "bytes_zero", result->zero);
  json_add_number (object, "bytes_unused", result->unused);
}

static json_object *
result_disk (const struct success *success, unsigned index)
{
  const struct transfer_disk *disk = &success->disks[index];
  json_object *object = json_object_new_object ();

  json_add_number (&object, "disk", index);
  json_add_text (&object, "target", success_target (success, index));
  json_add_text (&object, "format", success_format (success, index));
  add_bytes (&object, disk->size, &disk->result);
  json_add (&object, "seconds", json_seconds (disk->result.seconds));
  json_add_number (&object, "retries", disk->result.retries);
  if (disk->result.first_error[0] != '\0')
    json_add_text (&object, "first_error", disk->result.first_error);
  if (disk->verified)
    json_add_bool (&object, "verified", true);
  if (disk->checksum[0] != '\0') {
    char checksum[sizeof BLKHASH_NAME ":" + BLKHASH_HEX];

    snprintf (checksum, sizeof checksum, BLKHASH_NAME ":%s", disk->checksum);
    json_add_text (&object, "checksum", checksum);
  }
  return object;
}

/* What the disks add up to: a result file may have no room for their list. */
static json_object *
result_totals (const struct success *success)
{
  json_object *object = json_object_new_object ();
  struct copy_result sum = { .retries = 0 };
  uint64_t targets = 0, size = 0;

  for (unsigned i = 0; i < success->n; i++) {
    const struct transfer_disk *disk = &success->disks[i];

    targets += success_target (success, i) != NULL;
    size += disk->size;
    sum.read += disk->result.read;
    sum.written += disk->result.written;
    sum.cloned += disk->result.cloned;
    sum.zero += disk->result.zero;
    sum.unused += disk->result.unused;
    sum.retries += disk->result.retries;
  }
  json_add_number (&object, "disks", success->n);
  json_add_number (&object, "targets", targets);
  add_bytes (&object, size, &sum);
  json_add_number (&object, "retries", sum.retries);
  return object;
}

static json_object *
filesystem (const struct filesystem *fs)
{
  json_object *object = json_object_new_object ();

  json_add_text (&object, "name", fs->name);
  json_add_text (&object, "kind", fs->kind);
  /* Of an entry for a whole disk the size may not be known. */
  if (fs->size > 0) {
    json_add_number (&object, "size", fs->size);
    json_add_number (&object, "used", fs->size - fs->unused);
  }
  json_add_text (&object, "reason", fs->why_not);
  return object;
}

/* What --check tells of a disk. */
static json_object *
checked_disk (const struct filesystems *filesystems, unsigned index)
{
  json_object *object = json_object_new_object ();
  json_object *array = json_object_new_array ();

  for (size_t i = 0; i < filesystems->list.len; i++)
    if (filesystems->list.ptr[i].disk == index)
      json_append (&array, filesystem (&filesystems->list.ptr[i]));
  json_add_number (&object, "disk", index);
  json_add (&object, "filesystems", array);
  return object;
}

json_object *
json_result (const struct success *success)
{
  json_object *object = new_object ("result", -1);
  json_object *array = json_object_new_array ();

  json_add_text (&object, "status", "ok");
  json_add_number (&object, "exit", 0);
  if (success->check)
    json_add_bool (&object, "check", true);
  json_add_bool (&object, "changed", success->changed);
  json_add (&object, "seconds", json_seconds (success->seconds));
  if (!success->check)
    json_add (&object, "totals", result_totals (success));
  for (unsigned i = 0; i < success->n; i++)
    json_append (&array, result_disk (success, i));
  for (unsigned i = 0; success->filesystems != NULL &&
         i < success->filesystems->n; i++)
    json_append (&array, checked_disk (success->filesystems, i));
  json_add (&object, "disks", array);
  return object;
}

static bool
is_too_long (json_object *object, size_t max)
{
  CLEANUP_FREE char *text = json_one_line (object);

  return text != NULL && strlen (text) >= max;
}

/* A text of at most MAX bytes with "..." at its end, no character halved. */
static json_object *
shortened (const char *text, size_t max)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_FREE char *copy = NULL;
  size_t len = 0, n;
  uint32_t c;

  while ((n = utf8_decode (text + len, &c)) > 0 && len + n <= max)
    len += n;
  copy = format (&ignored, "%.*s...", (int) len, text);
  return copy != NULL ? json_object_new_string (copy) : NULL;
}

/* In OBJECT and in the objects of its lists. */
static void
shorten_strings (json_object *object, size_t max)
{
  static const char *const keys[] = { "message", "hint", "target" };
  json_object *value;

  for (size_t i = 0; i < ARRAY_LEN (keys); i++)
    if (json_object_object_get_ex (object, keys[i], &value) &&
        json_object_get_string_len (value) > (int) max + 3)
      json_object_object_add (object, keys[i], shortened
                              (json_object_get_string (value), max));
  if (json_object_object_get_ex (object, "disks", &value))
    for (size_t i = 0; i < json_object_array_length (value); i++)
      shorten_strings (json_object_array_get_idx (value, i), max);
}

static void
shorten (json_object *object, size_t max)
{
  static const size_t lengths[] = { 1000, 200, 60 };

  json_object_object_del (object, "detail");
  for (size_t i = 0; i < ARRAY_LEN (lengths); i++)
    if (is_too_long (object, max))
      shorten_strings (object, lengths[i]);
  if (is_too_long (object, max))
    json_object_object_del (object, "disks");
}

char *
json_line (json_object *object, size_t max)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_FREE char *text = NULL;

  if (object != NULL && is_too_long (object, max))
    shorten (object, max);
  text = json_one_line (object);
  return text != NULL ? format (&ignored, "%s\n", text) : NULL;
}
