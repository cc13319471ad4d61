/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Draws progress bars on standard error, or prints N/100 lines on a
 * descriptor.  When to draw and when other lines come is decided by report.c.
 */

#include <config.h>

#include <string.h>
#include <sys/ioctl.h>
#include <sys/param.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/human.h"
#include "base/memstream.h"
#include "base/vector.h"
#include "base/write.h"
#include "copy/copy.h"
#include "guest/guest.h"
#include "outlet.h"
#include "progress-bar.h"

/* How long the end of the run waits for the reader of N/100 lines. */
#define READER_TIMEOUT_MS 10000
/* A shorter bar would not show progress. */
#define BAR_MIN 12

struct bar {
  struct event event;           /* the disk's last progress */
  size_t drawn;                 /* how many columns the bar takes */
};

DEFINE_VECTOR (struct bars, bars, struct bar);

struct progress_bar {
  struct outlet outlet;         /* for N/100 lines; its fd may be -1 */
  bool colours;
  struct bars bars;             /* one for each disk seen */
  size_t n_drawn;               /* the first of them are on the terminal */
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

int
progress_percent (const struct event *event)
{
  return event->progress.total == 0 ? 100
    : (int) ((double) event->progress.done / (double) event->progress.total *
             100);
}

static void
print_percent (struct progress_bar *progress, const struct event *event)
{
  const bool ahead = strcmp (event->progress.phase, COPY_PHASE_AHEAD) == 0;
  const int now = MIN (progress_percent (event), ahead ? 99 : 100);
  char line[32];

  /* A slow reader gets fewer lines.  What is read back after the copy begins
   * anew, which nobody expects of them, and so does the copy of what a
   * conversion has changed, with which it is complete.
   */
  if (event->disk != -1 || now <= progress->last_percent ||
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
    if (progress->bars.ptr[i].event.disk == disk)
      return &progress->bars.ptr[i];
  if (bars_append (&progress->bars, (struct bar) { .drawn = 0 }) == -1)
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

/* "  sda     10 GiB  45% " and what follows the bar; on a narrow terminal only
 * the disk's name and the percentage.
 */
static void
describe (const struct event *event, size_t width, char before[64],
          char after[64])
{
  char rate[HUMAN_SIZE], left[32], total[HUMAN_SIZE], name[DISK_NAME_MAX];

  disk_name ((unsigned) event->disk, name);
  human_size (event->progress.rate, rate);
  human_size (event->progress.total, total);
  human_time (event->progress.eta_s, left);
  snprintf (before, 64, "  %-4s %10s %3d%% ", name, total,
            progress_percent (event));
  snprintf (after, 64, " %10s/s %s", rate, left);
  if (strlen (before) + strlen (after) + BAR_MIN <= width)
    return;
  snprintf (before, 64, "%s %3d%%", name, progress_percent (event));
  before[width < 63 ? width : 63] = '\0';
  after[0] = '\0';
}

/* Returns how many columns were drawn, at most WIDTH. */
static size_t
draw_bar (const struct progress_bar *progress, const struct event *event,
          size_t width, FILE *fp)
{
  char before[64], after[64];
  size_t room, filled;

  describe (event, width, before, after);
  fputs (before, fp);
  if (after[0] == '\0')
    return strlen (before);
  room = width - strlen (before) - strlen (after) - 2;
  filled = room * (size_t) progress_percent (event) / 100;
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

  for (size_t i = 0; i < progress->n_drawn; i++)
    rows += progress->bars.ptr[i].drawn == 0 ? 1
      : (progress->bars.ptr[i].drawn + terminal - 1) / terminal;
  if (rows > 0)
    fprintf (fp, "\r\033[%zuA", rows);
  progress->n_drawn = 0;
}

/* Draw the bars again where they are, or only take them away.  All of it is
 * written at once: bars drawn in parts would flicker, and could leave the
 * terminal coloured when we are killed.
 */
static void
redraw (struct progress_bar *progress, bool visible)
{
  CLEANUP_FREE char *text = NULL;
  const size_t terminal = terminal_width ();
  size_t len;
  FILE *fp = open_memstream (&text, &len);

  if (fp == NULL)
    return;
  go_up (progress, terminal, fp);
  if (visible)
    for (; progress->n_drawn < progress->bars.len; progress->n_drawn++) {
      struct bar *bar = &progress->bars.ptr[progress->n_drawn];

      /* Terminals differ in where the cursor is behind the last column. */
      bar->drawn = draw_bar (progress, &bar->event, terminal - 1, fp);
      fputs ("\033[K\n", fp);
    }
  fputs ("\033[J", fp);
  if (memstream_close (fp, &text) == 0)
    full_write (STDERR_FILENO, text, len);
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
    redraw (progress, true);
    return;
  }
  bar = find_bar (progress, event->disk);
  if (bar != NULL)
    bar->event = *event;
}

void
progress_bar_clear (struct progress_bar *progress)
{
  if (progress == NULL)
    return;
  if (progress->complete)
    progress->n_drawn = 0;
  else if (progress->n_drawn > 0)
    redraw (progress, false);
}

void
progress_bar_free (struct progress_bar *progress)
{
  if (progress == NULL)
    return;
  outlet_finish (&progress->outlet, READER_TIMEOUT_MS);
  bars_reset (&progress->bars);
  free (progress);
}
