/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <config.h>

#include <inttypes.h>
#include <string.h>
#include <sys/ioctl.h>

#include "cleanup.h"
#include "error.h"
#include "i18n.h"
#include "progress-bar.h"
#include "vector.h"

struct bar {
  int disk;
  uint64_t done, total, rate;
  int64_t eta_s;
};

DEFINE_VECTOR (struct bars, bars, struct bar);

struct progress_bar {
  int fd;                       /* for N/100 lines, or -1 */
  bool colours;
  struct bars bars;             /* one for each disk seen */
  size_t drawn;                 /* lines on the terminal */
  int last_percent;             /* printed on fd */
};

struct progress_bar *
progress_bar_new (int fd, bool colours, struct error *err)
{
  struct progress_bar *progress = calloc (1, sizeof *progress);

  if (progress == NULL) {
    error_nomem (err);
    return NULL;
  }
  progress->fd = fd;
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

  if (event->disk != -1 || now == progress->last_percent)
    return;
  progress->last_percent = now;
  dprintf (progress->fd, "%d/100\n", now);
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

static int
terminal_width (void)
{
  struct winsize size;

  return ioctl (STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20
    ? size.ws_col : 80;
}

/* "1.5G", "820M": four characters and a unit, in powers of 1024. */
static void
human_size (uint64_t bytes, char buf[16])
{
  static const char units[] = "BKMGTPE";
  double value = (double) bytes;
  size_t unit = 0;

  for (; value >= 1000 && unit < sizeof units - 2; unit++)
    value /= 1024;
  snprintf (buf, 16, value < 10 && unit > 0 ? "%.1f%c" : "%.0f%c", value,
            units[unit]);
}

static void
human_time (int64_t seconds, char buf[32])
{
  if (seconds < 0)
    snprintf (buf, 32, "--:--");
  else if (seconds < 3600)
    snprintf (buf, 32, "%02" PRId64 ":%02" PRId64, seconds / 60,
              seconds % 60);
  else
    snprintf (buf, 32, "%" PRId64 ":%02" PRId64 ":%02" PRId64,
              seconds / 3600, seconds / 60 % 60, seconds % 60);
}

static void
draw_bar (const struct progress_bar *progress, const struct bar *bar,
          int width)
{
  const int room = width - 44 > 0 ? width - 44 : 0;
  const int filled = (int) ((double) room * percent (bar->done, bar->total) /
                            100);
  char rate[16], left[32], total[16];

  human_size (bar->rate, rate);
  human_size (bar->total, total);
  human_time (bar->eta_s, left);
  fprintf (stderr, "\r\033[K  disk %-2d %5s %3d%% %s[", bar->disk, total,
           percent (bar->done, bar->total),
           progress->colours ? "\033[32m" : "");
  for (int i = 0; i < room; i++)
    putc (i < filled ? '#' : '-', stderr);
  fprintf (stderr, "]%s %5s/s %s", progress->colours ? "\033[0m" : "", rate,
           left);
}

static void
redraw (struct progress_bar *progress)
{
  const int width = terminal_width ();

  progress_bar_clear (progress);
  for (size_t i = 0; i < progress->bars.len; i++) {
    draw_bar (progress, &progress->bars.ptr[i], width);
    putc ('\n', stderr);
  }
  progress->drawn = progress->bars.len;
  fflush (stderr);
}

void
progress_bar_event (struct progress_bar *progress, const struct event *event)
{
  struct bar *bar;

  if (progress->fd != -1) {
    print_percent (progress, event);
    return;
  }
  if (event->disk == -1)
    return;
  bar = find_bar (progress, event->disk);
  if (bar == NULL)
    return;
  bar->done = event->progress.done;
  bar->total = event->progress.total;
  bar->rate = event->progress.rate;
  bar->eta_s = event->progress.eta_s;
  redraw (progress);
}

void
progress_bar_clear (struct progress_bar *progress)
{
  if (progress->drawn > 0)
    fprintf (stderr, "\033[%zuA\r\033[J", progress->drawn);
  progress->drawn = 0;
}

void
progress_bar_free (struct progress_bar *progress)
{
  if (progress == NULL)
    return;
  bars_reset (&progress->bars);
  free (progress);
}
