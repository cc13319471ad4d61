/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Each disk as a field of cells, from its first byte to its last. */

#include <config.h>

#include <inttypes.h>

#include "base/cleanup.h"
#include "base/i18n.h"
#include "human.h"
#include "picture-internal.h"

#define COLUMNS 64
#define STEP 12                 /* from cell to cell */
#define SIDE 11

static uint64_t
copied (const struct cell *cell)
{
  uint64_t sum = 0;

  for (unsigned kind = 0; kind < COPY_MAP_KINDS; kind++)
    sum += cell->bytes[kind];
  return sum;
}

/* "at 1.5G: 64M data, 0B overlay, 2M zero" appears under the mouse. */
static void
describe_cell (const struct disk_picture *disk, unsigned i, FILE *fp)
{
  const struct cell *cell = &disk->cells[i];
  char at[16], data[16], overlay[16], zero[16];

  human_size (disk->cell_size * i, at);
  human_size (cell->bytes[COPY_MAP_DATA], data);
  human_size (cell->bytes[COPY_MAP_OVERLAY], overlay);
  human_size (cell->bytes[COPY_MAP_ZERO], zero);
  fprintf (fp, "<title>%s: ", at);
  fprintf (fp, _("%s data, %s overlay, %s zero"), data, overlay, zero);
  fputs ("</title>", fp);
}

/* A cell that holds a little data must not look empty. */
static double
strength (uint64_t part, uint64_t whole)
{
  return part == 0 ? 0 : 0.35 + 0.65 * (double) part / (double) whole;
}

/* The lower half shows what the conversion wrote, however little. */
static void
draw_cell (const struct disk_picture *disk, unsigned i, FILE *fp)
{
  const struct cell *cell = &disk->cells[i];
  const uint64_t sum = copied (cell);
  const unsigned x = i % COLUMNS * STEP, y = i / COLUMNS * STEP;

  fputs ("<g>", fp);
  describe_cell (disk, i, fp);
  fprintf (fp, "<rect class=\"%s\" x=\"%u\" y=\"%u\" width=\"%d\" "
           "height=\"%d\"/>", sum == 0 ? "missing" : "zero", x, y, SIDE,
           SIDE);
  if (cell->bytes[COPY_MAP_DATA] > 0)
    fprintf (fp, "<rect class=\"data\" x=\"%u\" y=\"%u\" width=\"%d\" "
             "height=\"%d\" fill-opacity=\"%.2f\"/>", x, y, SIDE, SIDE,
             strength (cell->bytes[COPY_MAP_DATA], sum));
  if (cell->bytes[COPY_MAP_OVERLAY] > 0)
    fprintf (fp, "<rect class=\"overlay\" x=\"%u\" y=\"%u\" width=\"%d\" "
             "height=\"%d\"/>", x, y + SIDE / 2, SIDE, SIDE - SIDE / 2);
  if (cell->retried)
    fprintf (fp, "<circle class=\"retried\" cx=\"%.1f\" cy=\"%.1f\" "
             "r=\"3\"/>", x + SIDE / 2.0, y + SIDE / 2.0);
  fputs ("</g>\n", fp);
}

static void
draw_field (const struct disk_picture *disk, FILE *fp)
{
  const unsigned rows = (disk->n + COLUMNS - 1) / COLUMNS;

  fprintf (fp, "<svg class=\"field\" viewBox=\"0 0 %d %u\" role=\"img\">\n",
           COLUMNS * STEP, rows * STEP);
  for (unsigned i = 0; i < disk->n; i++)
    draw_cell (disk, i, fp);
  fputs ("</svg>\n", fp);
}

static void
caption (const struct disk_picture *disk, FILE *fp)
{
  char size[16], cell[16];

  human_size (disk->size, size);
  human_size (disk->cell_size, cell);
  fputs ("<figcaption><b>", fp);
  picture_text (fp, disk->name != NULL ? disk->name : "?");
  fprintf (fp, "</b> %s", size);
  if (disk->target != NULL) {
    fputs (" \xe2\x86\x92 <code>", fp);
    picture_text (fp, disk->target);
    fputs ("</code>", fp);
  }
  if (disk->n > 0) {
    fputs ("<span class=\"key\">", fp);
    fprintf (fp, _("one cell is %s"), cell);
    fputs ("</span>", fp);
  }
  fputs ("</figcaption>\n", fp);
}

void
picture_disks (const struct picture *picture, FILE *fp)
{
  if (picture->disks.len == 0)
    return;
  fputs ("<section><h2>", fp);
  picture_text (fp, _("The disks"));
  fputs ("</h2>\n<p class=\"keys\">", fp);
  picture_key ("data", _("data, read from the source"), fp);
  picture_key ("overlay", _("written by the conversion"), fp);
  picture_key ("zero", _("zero"), fp);
  picture_key ("missing", _("not copied"), fp);
  picture_key ("retried", _("a read was tried again"), fp);
  fputs ("</p>\n", fp);
  for (size_t i = 0; i < picture->disks.len; i++) {
    const struct disk_picture *disk = &picture->disks.ptr[i];

    fputs ("<figure>", fp);
    caption (disk, fp);
    if (disk->n > 0)
      draw_field (disk, fp);
    fputs ("</figure>\n", fp);
  }
  fputs ("</section>\n", fp);
}
