/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Keeps what the page of --report will show, in bounded memory however long
 * the run takes.  page.c writes the page.
 */

#include <config.h>

#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "page-record.h"

/* More would not be seen, or read. */
#define SAMPLES_MAX 2000
#define NOTES_MAX 400

struct page_record *
page_record_new (struct error *err)
{
  struct page_record *record = calloc (1, sizeof *record);

  if (record == NULL) {
    error_nomem (err);
    return NULL;
  }
  record->started_ms = clock_ms ();
  record->every = 1;
  /* What comes before the first event of its own. */
  if (phases_append (&record->phases,
                     (struct phase) { .name = "prepare" }) == -1) {
    error_nomem (err);
    page_record_free (record);
    return NULL;
  }
  return record;
}

void
page_record_free (struct page_record *record)
{
  if (record == NULL)
    return;
  for (size_t i = 0; i < record->notes.len; i++)
    free (record->notes.ptr[i].text);
  for (size_t i = 0; i < record->disks.len; i++) {
    free (record->disks.ptr[i].name);
    free (record->disks.ptr[i].target);
    free (record->disks.ptr[i].cells);
  }
  samples_reset (&record->samples);
  phases_reset (&record->phases);
  notes_reset (&record->notes);
  disk_records_reset (&record->disks);
  argv_reset (&record->commands);
  free (record);
}

double
page_record_seconds (const struct page_record *record)
{
  return (double) (clock_ms () - record->started_ms) / 1000;
}

/* A page that lacks something because there was no memory is still a page. */

static void
add_note (struct page_record *record, const struct event *event)
{
  char *text;

  if (record->notes.len == NOTES_MAX)
    return;
  text = strdup (event->text);
  if (text != NULL &&
      notes_append (&record->notes, (struct note) {
          .at = page_record_seconds (record),
          .is_warning = event->type == EVENT_WARNING,
          .disk = event->disk, .text = text }) == -1)
    free (text);
}

static void
begin_phase (struct page_record *record, const char *name)
{
  const double now = page_record_seconds (record);

  if (phases_append (&record->phases, (struct phase) {
        .name = name, .start = now }) == -1)
    return;
  /* Curves begin at zero. */
  if (record->samples.len == 0 && strcmp (name, "copy") == 0 &&
      samples_append (&record->samples,
                      (struct sample) { .at = now }) == -1)
    return;
}

/* Keep every second sample. */
static void
thin_out (struct page_record *record)
{
  struct samples *samples = &record->samples;

  for (size_t i = 0; i < samples->len / 2; i++)
    samples->ptr[i] = samples->ptr[2 * i];
  samples->len /= 2;
  record->every *= 2;
}

static void
add_sample (struct page_record *record, const struct event *event)
{
  const bool last = event->progress.done == event->progress.total;

  if (event->disk != -1 || strcmp (event->progress.phase, "copy") != 0)
    return;
  if (++record->skipped < record->every && !last)
    return;
  record->skipped = 0;
  if (samples_append (&record->samples, (struct sample) {
        .at = page_record_seconds (record),
        .read = event->progress.read,
        .written = event->progress.written,
        .zero = event->progress.zero,
        .connections = event->progress.connections }) == 0 &&
      record->samples.len > SAMPLES_MAX)
    thin_out (record);
}

static struct disk_record *
find_disk (struct page_record *record, int index)
{
  struct disk_records *disks = &record->disks;

  for (size_t i = 0; i < disks->len; i++)
    if (disks->ptr[i].index == index)
      return &disks->ptr[i];
  if (disk_records_append (disks, (struct disk_record) {
        .index = index }) == -1)
    return NULL;
  return &disks->ptr[disks->len-1];
}

static void
set_text (char **to, const char *from)
{
  free (*to);
  *to = from != NULL ? strdup (from) : NULL;
}

static void
add_disk (struct page_record *record, const struct event *event)
{
  struct disk_record *disk = find_disk (record, event->disk);

  if (disk == NULL)
    return;
  set_text (&disk->name, event->opened.name);
  set_text (&disk->target, event->opened.target);
  disk->size = event->opened.size;
}

static void
add_map (struct page_record *record, const struct event *event)
{
  const struct copy_map *map = event->map;
  struct disk_record *disk = find_disk (record, event->disk);

  if (disk == NULL)
    return;
  free (disk->cells);
  disk->cells = calloc (map->n + 1, sizeof *disk->cells);
  disk->n = disk->cells != NULL ? map->n : 0;
  disk->cell_size = map->cell_size;
  disk->size = map->size;
  for (unsigned i = 0; i < disk->n; i++) {
    struct cell *cell = &disk->cells[i];

    for (unsigned kind = 0; kind < COPY_MAP_KINDS; kind++)
      cell->bytes[kind] = atomic_load (&map->cells[i].bytes[kind]);
    cell->retried = atomic_load (&map->cells[i].retried);
  }
}

static void
add_command (struct page_record *record, const struct event *event)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_FREE char *text = NULL;

  if (event->question || strcmp (event->program, "nbdkit") != 0)
    return;
  text = shell_command (event->env, event->argv);
  if (text != NULL)
    argv_append (&record->commands, text, &ignored);
}

void
page_record_event (struct page_record *record, const struct event *event)
{
  switch (event->type) {
  case EVENT_MESSAGE:
  case EVENT_INFO:
  case EVENT_WARNING:
  case EVENT_DEBUG: add_note (record, event); break;
  case EVENT_PHASE: begin_phase (record, event->progress.phase); break;
  case EVENT_PROGRESS: add_sample (record, event); break;
  case EVENT_DISK: add_disk (record, event); break;
  case EVENT_MAP: add_map (record, event); break;
  case EVENT_COMMAND: add_command (record, event); break;
  default: break;
  }
}
