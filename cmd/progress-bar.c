/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Draws progress bars on standard error, or prints N/100 lines on a
 * descriptor.  When to draw and when other lines come is decided by report.c.
 */

#include <config.h>

#include <string.h>
#include <sys/ioctl.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/vector.h"
#include "human.h"
#include "outlet.h"
#include "progress-bar.h"

/* How long the end of the run waits for the reader of N/100 lines. */
#define READER_TIMEOUT_MS 10000
/* A shorter bar would not show progress. */
#define BAR_MIN 12

struct bar {
  int disk;
  uint64_t done, total, rate;
  int64_t eta_s;
};

DEFINE_VECTOR (struct bars, bars, struct bar);

DEFINE_VECTOR (struct widths, widths, size_t);

struct progress_bar {
  struct outlet outlet;         /* for N/100 lines; its fd may be -1 */
  bool colours;
  struct bars bars;             /* one for each disk seen */
  struct widths drawn;          /* of the lines on the terminal */
  bool complete;                /* all of the run's bytes are copied */
  int last_percent;             /* printed on fd */
};

struct progress_bar *
progress_bar_new (int fd, bool colours, struct error *err)
{
  struct progress_bar *progress = alloc_zero (sizeof *progress, err);

  if (progress == NULL)
    return NULL;
  progress->outlet = (struct outlet) OUTLET_INIT (fd);
  progress->colours = colours;
  progress->last_percent = -1;
  return progress;
}

static int
percent (uint64_t done, uint64_t total)
{
  return total == 0 ? 100 : (int) ((double) done / (double) total * 100);
}

static void
print_percent (struct progress_bar *progress, const struct event *event)
{
  const int now = percent (event->progress.done, event->progress.total);
  char line[32];

  /* A slow reader gets fewer lines. */
  if (event->disk != -1 || now == progress->last_percent ||
      (now < 100 && !outlet_is_empty (&progress->outlet)))
    return;
  progress->last_percent = now;
  snprintf (line, sizeof line, "%d/100\n", now);
  outlet_put (&progress->outlet, line, strlen (line));
}

static struct bar *
find_bar (struct progress_bar *progress, int disk)
{
  for (size_t i = 0; i < progress->bars.len; i++)
    if (progress->bars.ptr[i].disk == disk)
      return &progress->bars.ptr[i];
  if (bars_append (&progress->bars, (struct bar) { .disk = disk }) == -1)
    return NULL;
  return &progress->bars.ptr[progress->bars.len-1];
}

static size_t
terminal_width (void)
{
  struct winsize size;

  return ioctl (STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0
    ? size.ws_col : 80;
}

/* "  disk 0    10G  45% " and what follows the bar; on a narrow terminal only
 * the disk's number and the percentage.
 */
static void
describe (const struct bar *bar, size_t width, char before[64],
          char after[64])
{
  char rate[16], left[32], total[16];

  human_size (bar->rate, rate);
  human_size (bar->total, total);
  human_time (bar->eta_s, left);
  snprintf (before, 64, "  disk %-2d %5s %3d%% ", bar->disk, total,
            percent (bar->done, bar->total));
  snprintf (after, 64, " %5s/s %s", rate, left);
  if (strlen (before) + strlen (after) + BAR_MIN <= width)
    return;
  snprintf (before, 64, "%d %3d%%", bar->disk, percent (bar->done,
                                                      bar->total));
  before[width < 63 ? width : 63] = '\0';
  after[0] = '\0';
}

/* Returns how many columns were drawn, at most WIDTH. */
static size_t
draw_bar (const struct progress_bar *progress, const struct bar *bar,
          size_t width, FILE *fp)
{
  char before[64], after[64];
  size_t room, filled;

  describe (bar, width, before, after);
  fputs (before, fp);
  if (after[0] == '\0')
    return strlen (before);
  room = width - strlen (before) - strlen (after) - 2;
  filled = room * (size_t) percent (bar->done, bar->total) / 100;
  fprintf (fp, "[%s", progress->colours ? "\033[32m" : "");
  for (size_t i = 0; i < room; i++)
    putc (i < filled ? '#' : '-', fp);
  fprintf (fp, "%s]%s", progress->colours ? "\033[0m" : "", after);
  return width;
}

/* To the first line of what is drawn, which takes more lines when the
 * terminal has become narrower.
 */
static void
go_up (struct progress_bar *progress, size_t terminal, FILE *fp)
{
  size_t rows = 0;

  for (size_t i = 0; i < progress->drawn.len; i++)
    rows += progress->drawn.ptr[i] == 0 ? 1
      : (progress->drawn.ptr[i] + terminal - 1) / terminal;
  if (rows > 0)
    fprintf (fp, "\r\033[%zuA", rows);
  progress->drawn.len = 0;
}

/* All of TEXT is written at once: bars drawn in parts would flicker, and
 * could leave the terminal coloured when we are killed.
 */
static void
show (FILE *fp, char **text, size_t *len)
{
  if (fclose (fp) == 0)
    full_write (STDERR_FILENO, *text, *len);
}

static void
redraw (struct progress_bar *progress)
{
  CLEANUP_FREE char *text = NULL;
  const size_t terminal = terminal_width ();
  size_t len;
  FILE *fp = open_memstream (&text, &len);

  if (fp == NULL)
    return;
  go_up (progress, terminal, fp);
  for (size_t i = 0; i < progress->bars.len; i++) {
    /* Terminals differ in where the cursor is behind the last column. */
    const size_t width = draw_bar (progress, &progress->bars.ptr[i],
                                   terminal - 1, fp);

    fputs ("\033[K\n", fp);
    if (widths_append (&progress->drawn, width) == -1)
      break;
  }
  fputs ("\033[J", fp);
  show (fp, &text, &len);
}

void
progress_bar_event (struct progress_bar *progress, const struct event *event)
{
  struct bar *bar;

  if (progress->outlet.fd != -1) {
    print_percent (progress, event);
    return;
  }
  /* The whole run's progress comes after that of its disks. */
  if (event->disk == -1) {
    progress->complete = event->progress.done == event->progress.total;
    redraw (progress);
    return;
  }
  bar = find_bar (progress, event->disk);
  if (bar == NULL)
    return;
  bar->done = event->progress.done;
  bar->total = event->progress.total;
  bar->rate = event->progress.rate;
  bar->eta_s = event->progress.eta_s;
}

void
progress_bar_clear (struct progress_bar *progress)
{
  CLEANUP_FREE char *text = NULL;
  size_t len;
  FILE *fp;

  if (progress->drawn.len == 0)
    return;
  if (progress->complete) {
    progress->drawn.len = 0;
    return;
  }
  fp = open_memstream (&text, &len);
  if (fp == NULL)
    return;
  go_up (progress, terminal_width (), fp);
  fputs ("\033[J", fp);
  show (fp, &text, &len);
}

void
progress_bar_free (struct progress_bar *progress)
{
  if (progress == NULL)
    return;
  outlet_finish (&progress->outlet, READER_TIMEOUT_MS);
  bars_reset (&progress->bars);
  widths_reset (&progress->drawn);
  free (progress);
}
