/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <config.h>

#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/memstream.h"
#include "base/utf8.h"
#include "picture-internal.h"

/* More would not be seen, or read. */
#define SAMPLES_MAX 2000
#define NOTES_MAX 400

struct picture *
picture_new (struct error *err)
{
  struct picture *picture = calloc (1, sizeof *picture);

  if (picture == NULL) {
    error_nomem (err);
    return NULL;
  }
  picture->started_ms = clock_ms ();
  picture->every = 1;
  /* What comes before the first event of its own. */
  if (phases_append (&picture->phases,
                     (struct phase) { .name = "prepare" }) == -1) {
    error_nomem (err);
    picture_free (picture);
    return NULL;
  }
  return picture;
}

void
picture_free (struct picture *picture)
{
  if (picture == NULL)
    return;
  for (size_t i = 0; i < picture->notes.len; i++)
    free (picture->notes.ptr[i].text);
  for (size_t i = 0; i < picture->disks.len; i++) {
    free (picture->disks.ptr[i].name);
    free (picture->disks.ptr[i].target);
    free (picture->disks.ptr[i].cells);
  }
  samples_reset (&picture->samples);
  phases_reset (&picture->phases);
  notes_reset (&picture->notes);
  disk_pictures_reset (&picture->disks);
  argv_reset (&picture->commands);
  free (picture);
}

double
picture_now (const struct picture *picture)
{
  return (double) (clock_ms () - picture->started_ms) / 1000;
}

/* A picture that lacks something for want of memory is still a picture. */

static void
add_note (struct picture *picture, const struct event *event)
{
  char *text;

  if (picture->notes.len == NOTES_MAX)
    return;
  text = strdup (event->text);
  if (text != NULL &&
      notes_append (&picture->notes, (struct note) {
          .at = picture_now (picture), .type = event->type,
          .disk = event->disk, .text = text }) == -1)
    free (text);
}

static void
begin_phase (struct picture *picture, const char *name)
{
  const double now = picture_now (picture);

  picture->phases.ptr[picture->phases.len-1].end = now;
  if (phases_append (&picture->phases, (struct phase) {
        .name = name, .start = now }) == -1)
    return;
  /* Curves begin at zero. */
  if (picture->samples.len == 0 && strcmp (name, "copy") == 0 &&
      samples_append (&picture->samples,
                      (struct sample) { .at = now }) == -1)
    return;
}

/* Keep every second sample. */
static void
thin_out (struct picture *picture)
{
  struct samples *samples = &picture->samples;

  for (size_t i = 0; i < samples->len / 2; i++)
    samples->ptr[i] = samples->ptr[2 * i];
  samples->len /= 2;
  picture->every *= 2;
}

static void
add_sample (struct picture *picture, const struct event *event)
{
  const bool last = event->progress.done == event->progress.total;

  if (event->disk != -1 || strcmp (event->progress.phase, "copy") != 0)
    return;
  if (++picture->skipped < picture->every && !last)
    return;
  picture->skipped = 0;
  if (samples_append (&picture->samples, (struct sample) {
        .at = picture_now (picture),
        .read = event->progress.read,
        .written = event->progress.written,
        .zero = event->progress.zero,
        .connections = event->progress.connections }) == 0 &&
      picture->samples.len > SAMPLES_MAX)
    thin_out (picture);
}

static struct disk_picture *
find_disk (struct picture *picture, int index)
{
  struct disk_pictures *disks = &picture->disks;

  for (size_t i = 0; i < disks->len; i++)
    if (disks->ptr[i].index == index)
      return &disks->ptr[i];
  if (disk_pictures_append (disks, (struct disk_picture) {
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
add_disk (struct picture *picture, const struct event *event)
{
  struct disk_picture *disk = find_disk (picture, event->disk);

  if (disk == NULL)
    return;
  set_text (&disk->name, event->opened.name);
  set_text (&disk->target, event->opened.target);
  disk->size = event->opened.size;
}

static void
add_map (struct picture *picture, const struct event *event)
{
  const struct copy_map *map = event->map;
  struct disk_picture *disk = find_disk (picture, event->disk);

  if (disk == NULL)
    return;
  free (disk->cells);
  disk->cells = calloc (map->n + 1, sizeof *disk->cells);
  if (disk->cells == NULL)
    return;
  disk->n = map->n;
  disk->cell_size = map->cell_size;
  disk->size = map->size;
  for (unsigned i = 0; i < map->n; i++) {
    struct cell *cell = &disk->cells[i];

    for (unsigned kind = 0; kind < COPY_MAP_KINDS; kind++)
      cell->bytes[kind] = atomic_load (&map->cells[i].bytes[kind]);
    cell->retried = atomic_load (&map->cells[i].retried);
  }
}

static void
add_command (struct picture *picture, const struct event *event)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_FREE char *text = NULL;

  if (event->question || strcmp (event->program, "nbdkit") != 0)
    return;
  text = shell_command (event->env, event->argv);
  if (text != NULL)
    argv_append (&picture->commands, text, &ignored);
}

void
picture_event (struct picture *picture, const struct event *event)
{
  switch (event->type) {
  case EVENT_MESSAGE:
  case EVENT_INFO:
  case EVENT_WARNING:
  case EVENT_DEBUG: add_note (picture, event); break;
  case EVENT_PHASE: begin_phase (picture, event->progress.phase); break;
  case EVENT_PROGRESS: add_sample (picture, event); break;
  case EVENT_DISK: add_disk (picture, event); break;
  case EVENT_MAP: add_map (picture, event); break;
  case EVENT_COMMAND: add_command (picture, event); break;
  default: break;
  }
}

void
picture_text (FILE *fp, const char *text)
{
  CLEANUP_FREE char *copy = strdup (text);

  if (copy == NULL)
    return;
  utf8_sanitize (copy, '?');
  for (const char *p = copy; *p != '\0'; p++)
    switch (*p) {
    case '&': fputs ("&amp;", fp); break;
    case '<': fputs ("&lt;", fp); break;
    case '>': fputs ("&gt;", fp); break;
    case '"': fputs ("&quot;", fp); break;
    case '\'': fputs ("&#39;", fp); break;
    default: putc (*p, fp);
    }
}

void
picture_key (const char *class, const char *text, FILE *fp)
{
  fprintf (fp, "<span class=\"key\"><i class=\"%s\"></i>", class);
  picture_text (fp, text);
  fputs ("</span>", fp);
}

int
picture_write (const struct picture *picture, const struct picture_end *end,
               const char *path, struct error *err)
{
  CLEANUP_FREE char *text = NULL;
  size_t len;
  FILE *fp = open_memstream (&text, &len);

  if (fp == NULL)
    return error_nomem (err);
  picture_page (picture, end, fp);
  if (memstream_close (fp, &text) == -1)
    return error_nomem (err);
  return write_file (path, text, len, err);
}
