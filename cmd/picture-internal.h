/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the page is drawn from, and who draws which part of it. */

#ifndef V2V_PICTURE_INTERNAL_H
#define V2V_PICTURE_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/argv.h"
#include "base/vector.h"
#include "copy/map.h"
#include "picture.h"

/* Times are in seconds from the start of the run. */

/* The whole run's progress. */
struct sample {
  double at;
  uint64_t read, written, zero; /* bytes so far */
  unsigned connections;
};
DEFINE_VECTOR (struct samples, samples, struct sample);

struct phase {
  const char *name;             /* as in JSON */
  double start, end;
};
DEFINE_VECTOR (struct phases, phases, struct phase);

/* Something that was said. */
struct note {
  double at;
  enum event_type type;         /* MESSAGE, INFO, WARNING, DEBUG */
  int disk;                     /* or -1 */
  char *text;
};
DEFINE_VECTOR (struct notes, notes, struct note);

struct cell {
  uint64_t bytes[COPY_MAP_KINDS];
  bool retried;
};

struct disk_picture {
  int index;
  char *name, *target;          /* may be NULL */
  uint64_t size;
  struct cell *cells;           /* NULL: its copy has not begun */
  unsigned n;
  uint64_t cell_size;
};
DEFINE_VECTOR (struct disk_pictures, disk_pictures, struct disk_picture);

struct picture {
  int64_t started_ms;
  struct samples samples;
  unsigned every;               /* that many samples came for each kept */
  unsigned skipped;             /* since the last one kept */
  struct phases phases;
  struct notes notes;
  struct disk_pictures disks;
  struct argv commands;         /* nbdkit's, as a shell takes them */
};

/*--- picture.c ---*/

extern double picture_now (const struct picture *);
/* Text of any origin. */
extern void picture_text (FILE *, const char *text);
/* What a colour means. */
extern void picture_key (const char *class, const char *text, FILE *);

/*--- picture-page.c ---*/

extern void picture_page (const struct picture *, const struct picture_end *,
                          FILE *);

/*--- picture-charts.c ---*/

extern void picture_charts (const struct picture *, FILE *);
extern void picture_phases (const struct picture *, FILE *);

/*--- picture-disk.c ---*/

extern void picture_disks (const struct picture *, FILE *);

#endif /* V2V_PICTURE_INTERNAL_H */
