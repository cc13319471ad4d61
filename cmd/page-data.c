/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Collects the run's events as JSON for the page of --report, in bounded
 * memory however long the run takes.  page.c makes the page of it, and the
 * script in page.html draws the pictures.
 */

#include <config.h>

#include <string.h>
#include <sys/param.h>

#include "base/alloc.h"
#include "base/argv.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/events.h"
#include "base/i18n.h"
#include "base/json.h"
#include "copy/copy.h"
#include "copy/map.h"
#include "guest/guest.h"
#include "html.h"
#include "page.h"

/* Nobody would see more samples, or read more notes. */
#define SAMPLES_MAX 2000
#define NOTES_MAX 400

/* The texts of page.html, whose script looks up the translations. */
static const char *const texts[] = {
  N_("whole run"), N_("the disks' size"), N_("read"), N_("written"),
  N_("zeroes skipped"), N_("free in the guest, not read"),
  N_("average read rate"), N_("retried reads"),
  N_("The copy over time"), N_("Throughput, in bytes per second"),
  N_("Throughput over time"), N_("Connections to the source"),
  N_("Connections over time"), N_("data, read from the source"),
  N_("written by the conversion"), N_("zero"), N_("not copied"),
  N_("a read was retried"), N_("one cell is %s"),
  N_("%s data, %s overlay, %s zero"),
  N_("%s data, %s overlay, %s zero, %s free"), N_("Where the time went"),
  N_("preparing"), N_("opening the source"), N_("making overlays"),
  N_("converting"), N_("copying"), N_("verifying"),
  N_("writing the changes back"), N_("What was done, and why"),
  N_("nbdkit's command lines"),
};

/* Times are in seconds from the start of the run, sizes in bytes.  A member to
 * which something could not be added for lack of memory is NULL, and
 * page_data_take returns NULL then.
 */
struct page_data {
  int64_t started_ms;
  json_object *samples;         /* progress of the whole copy */
  unsigned n_samples;
  unsigned every;               /* one of so many samples is kept */
  unsigned skipped;             /* samples since the last one kept */
  struct event ahead;           /* the last progress of a copy beside the
                                   conversion, or all zeroes */
  json_object *phases;          /* each ends where the next one begins */
  json_object *notes;           /* what was said */
  unsigned n_notes;
  json_object *disks, *maps;    /* by number; a map comes with the copy */
  bool verifying;               /* the copy is over */
  json_object *commands;        /* nbdkit's, as a shell takes them */
};

static json_object *
seconds_now (const struct page_data *data)
{
  return json_seconds ((double) (clock_ms () - data->started_ms) / 1000);
}

static void
add_note (struct page_data *data, const struct event *event)
{
  json_object *note;
  char name[DISK_NAME_MAX];

  if (data->n_notes == NOTES_MAX)
    return;
  note = json_object_new_object ();
  json_add (&note, "at", seconds_now (data));
  json_add_bool (&note, "warning", event->type == EVENT_WARNING);
  if (event->disk != -1)
    json_add_text (&note, "disk", disk_name ((unsigned) event->disk, name));
  json_add_text (&note, "text", event->text);
  json_append (&data->notes, note);
  data->n_notes++;
}

/* Keep every second sample. */
static void
thin_out (struct page_data *data)
{
  json_object *kept = json_object_new_array ();

  for (unsigned i = 0; data->samples != NULL && i + 1 < data->n_samples;
       i += 2)
    json_append (&kept, json_object_get
                 (json_object_array_get_idx (data->samples, i)));
  json_object_put (data->samples);
  data->samples = kept;
  data->n_samples /= 2;
  data->every *= 2;
}

static void
add_sample (struct page_data *data, const struct event *event)
{
  json_object *sample = json_object_new_object ();

  json_add (&sample, "at", seconds_now (data));
  json_add_number (&sample, "read", event->progress.read);
  json_add_number (&sample, "written", event->progress.written);
  json_add_number (&sample, "zero", event->progress.zero);
  json_add_number (&sample, "unused", event->progress.unused);
  json_add_number (&sample, "connections", event->progress.connections);
  json_append (&data->samples, sample);
  if (++data->n_samples > SAMPLES_MAX)
    thin_out (data);
}

/* The copy that follows one beside the conversion is counted from 0, but the
 * curves go on.
 */
static struct event
after_ahead (const struct page_data *data, const struct event *event)
{
  struct event sum = *event;

  sum.progress.read += data->ahead.progress.read;
  sum.progress.written += data->ahead.progress.written;
  sum.progress.zero += data->ahead.progress.zero;
  sum.progress.unused += data->ahead.progress.unused;
  return sum;
}

/* The curves begin with zero bytes. */
static void
begin_samples (struct page_data *data)
{
  if (data->n_samples == 0)
    add_sample (data, &(struct event) { .type = EVENT_PROGRESS });
}

static void
add_progress (struct page_data *data, const struct event *event)
{
  const bool ahead = strcmp (event->progress.phase, COPY_PHASE_AHEAD) == 0;
  const bool last = event->progress.done == event->progress.total;
  const struct event sum = after_ahead (data, event);

  if (event->disk != -1 ||
      (!ahead && strcmp (event->progress.phase, "copy") != 0))
    return;
  if (ahead) {
    begin_samples (data);
    data->ahead = *event;
  }
  if (++data->skipped < data->every && !last)
    return;
  data->skipped = 0;
  add_sample (data, ahead ? event : &sum);
}

static void
begin_phase (struct page_data *data, const char *name)
{
  json_object *phase = json_object_new_object ();

  data->verifying = strcmp (name, "verify") == 0;
  json_add_text (&phase, "name", name);
  json_add (&phase, "start", seconds_now (data));
  json_append (&data->phases, phase);
  if (strcmp (name, "copy") == 0)
    begin_samples (data);
}

static void
set_of_disk (json_object **object, int disk, json_object *value)
{
  char key[16];

  snprintf (key, sizeof key, "%d", disk);
  json_add (object, key, value);
}

static void
add_disk (struct page_data *data, const struct event *event)
{
  json_object *disk = json_object_new_object ();

  json_add_text (&disk, "name", event->opened.name);
  json_add_text (&disk, "target", event->opened.target);
  json_add_number (&disk, "size", event->opened.size);
  set_of_disk (&data->disks, event->disk, disk);
}

static int64_t
nth_of (json_object *array, unsigned i)
{
  return array == NULL ? 0
    : json_object_get_int64 (json_object_array_get_idx (array, i));
}

static int64_t
bytes_of (const struct copy_map_cell *cell)
{
  uint64_t bytes = 0;

  for (unsigned kind = 0; kind < COPY_MAP_KINDS; kind++)
    bytes += atomic_load (&cell->bytes[kind]);
  return (int64_t) bytes;
}

/* [data, overlay, zero, unused, retried].  BEFORE, or NULL, is that of a copy
 * beside the conversion, of which there is as much left as has room.
 */
static json_object *
cell_object (const struct copy_map_cell *cell, json_object *before,
             int64_t len)
{
  json_object *array = json_object_new_array ();
  int64_t room = MAX (len - bytes_of (cell), (int64_t) 0);

  for (unsigned kind = 0; kind < COPY_MAP_KINDS; kind++) {
    const int64_t kept = MIN (nth_of (before, kind), room);

    room -= kept;
    json_append (&array, json_object_new_int64
                 ((int64_t) atomic_load (&cell->bytes[kind]) + kept));
  }
  json_append (&array, json_object_new_int
               (atomic_load (&cell->retried) ||
                nth_of (before, COPY_MAP_KINDS) != 0));
  return array;
}

/* The cells of the disk's map from a copy beside the conversion, if the size
 * is the same; or NULL.
 */
static json_object *
cells_before (const struct page_data *data, const struct event *event)
{
  json_object *map = NULL, *size = NULL, *cells = NULL;
  char key[16];

  snprintf (key, sizeof key, "%d", event->disk);
  return data->ahead.progress.total > 0 &&
    json_object_object_get_ex (data->maps, key, &map) &&
    json_object_object_get_ex (map, "size", &size) &&
    (uint64_t) json_object_get_int64 (size) == event->map->size &&
    json_object_object_get_ex (map, "cells", &cells) ? cells : NULL;
}

static void
add_map (struct page_data *data, const struct event *event)
{
  json_object *const before = cells_before (data, event);
  json_object *map, *cells;

  /* Of the target, that is: where its bytes came from is lost in it. */
  if (data->verifying)
    return;
  map = json_object_new_object ();
  cells = json_object_new_array ();
  for (unsigned i = 0; i < event->map->n; i++)
    json_append (&cells,
                 cell_object (&event->map->cells[i], before == NULL ? NULL
                              : json_object_array_get_idx (before, i),
                              (int64_t) event->map->cell_size));
  json_add_number (&map, "size", event->map->size);
  json_add_number (&map, "cell_size", event->map->cell_size);
  json_add (&map, "cells", cells);
  set_of_disk (&data->maps, event->disk, map);
}

static void
add_command (struct page_data *data, const struct event *event)
{
  CLEANUP_FREE char *text = NULL;

  if (event->question || strcmp (event->program, "nbdkit") != 0)
    return;
  text = shell_command_reading (event->env, event->argv, event->files);
  json_append (&data->commands, text == NULL ? NULL : json_text (text));
}

struct page_data *
page_data_new (struct error *err)
{
  struct page_data *data = alloc_zero (sizeof *data, err);

  if (data == NULL)
    return NULL;
  data->started_ms = clock_ms ();
  data->every = 1;
  data->samples = json_object_new_array ();
  data->phases = json_object_new_array ();
  data->notes = json_object_new_array ();
  data->disks = json_object_new_object ();
  data->maps = json_object_new_object ();
  data->commands = json_object_new_array ();
  /* The phase before the first EVENT_PHASE. */
  begin_phase (data, "prepare");
  return data;
}

void
page_data_free (struct page_data *data)
{
  if (data == NULL)
    return;
  json_object_put (data->samples);
  json_object_put (data->phases);
  json_object_put (data->notes);
  json_object_put (data->disks);
  json_object_put (data->maps);
  json_object_put (data->commands);
  free (data);
}

void
page_data_event (struct page_data *data, const struct event *event)
{
  switch (event->type) {
  case EVENT_MESSAGE:
  case EVENT_INFO:
  case EVENT_WARNING:
  case EVENT_DEBUG: add_note (data, event); break;
  case EVENT_PHASE: begin_phase (data, event->progress.phase); break;
  case EVENT_PROGRESS: add_progress (data, event); break;
  case EVENT_DISK: add_disk (data, event); break;
  case EVENT_MAP: add_map (data, event); break;
  case EVENT_COMMAND: add_command (data, event); break;
  default: break;
  }
}

json_object *
page_data_take (struct page_data *data, int retries)
{
  json_object *object = json_object_new_object ();

  json_add (&object, "texts", html_texts (texts, ARRAY_LEN (texts)));
  json_add (&object, "seconds", seconds_now (data));
  if (retries >= 0)
    json_add_number (&object, "retries", (uint64_t) retries);
  json_add (&object, "samples", STEAL (data->samples));
  json_add (&object, "phases", STEAL (data->phases));
  json_add (&object, "notes", STEAL (data->notes));
  json_add (&object, "disks", STEAL (data->disks));
  json_add (&object, "maps", STEAL (data->maps));
  json_add (&object, "commands", STEAL (data->commands));
  return object;
}
