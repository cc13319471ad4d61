/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Curves and bars, as SVG inside the page.  Colours are the style sheet's. */

#include <config.h>

#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/i18n.h"
#include "human.h"
#include "picture-internal.h"

#define WIDTH 760
#define LEFT 56                 /* of the plot: room for labels */
#define RIGHT 12
#define TOP 10
#define BOTTOM 24
#define POINTS_MAX 240          /* of a curve */

struct chart {
  double from, to;              /* seconds */
  double max;                   /* the top of the scale */
  int height;
};

static double
x_of (const struct chart *chart, double at)
{
  const double span = chart->to - chart->from;

  return LEFT + (WIDTH - LEFT - RIGHT) *
    (span > 0 ? (at - chart->from) / span : 0);
}

static double
y_of (const struct chart *chart, double value)
{
  const double room = chart->height - TOP - BOTTOM;

  return TOP + room * (chart->max > 0 ? 1 - value / chart->max : 1);
}

/* The next of 1, 2, 5, 10, 20... times UNIT. */
static double
round_up (double value, double unit)
{
  static const double steps[] = { 1, 2, 5 };

  for (double power = unit; ; power *= 10)
    for (size_t i = 0; i < ARRAY_LEN (steps); i++)
      if (steps[i] * power >= value)
        return steps[i] * power;
}

/* The same in bytes, so that labels are short: 200M, 2G. */
static double
round_up_size (double value)
{
  double unit = 1;

  while (value >= unit * 1024)
    unit *= 1024;
  return round_up (value, unit);
}

static void
begin_svg (const struct chart *chart, const char *title, FILE *fp)
{
  fprintf (fp, "<svg viewBox=\"0 0 %d %d\" role=\"img\"><title>", WIDTH,
           chart->height);
  picture_text (fp, title);
  fputs ("</title>\n", fp);
}

static void
draw_time_axis (const struct chart *chart, FILE *fp)
{
  const double step = round_up ((chart->to - chart->from) / 8, 0.001);

  for (double at = 0; at <= chart->to - chart->from + step / 1000;
       at += step)
    fprintf (fp, "<text class=\"tick\" x=\"%.1f\" y=\"%d\" "
             "text-anchor=\"middle\">%.*f s</text>\n",
             x_of (chart, chart->from + at), chart->height - 8,
             step < 0.01 ? 3 : step < 0.1 ? 2 : step < 1 ? 1 : 0, at);
}

static void
draw_level (const struct chart *chart, double value, const char *label,
            FILE *fp)
{
  const double y = y_of (chart, value);

  fprintf (fp, "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" "
           "y2=\"%.1f\"/><text class=\"tick\" x=\"%d\" y=\"%.1f\" "
           "text-anchor=\"end\">%s</text>\n", LEFT, WIDTH - RIGHT, y, y,
           LEFT - 6, y + 4, label);
}

static void
draw_rate_axis (const struct chart *chart, FILE *fp)
{
  char label[16];

  for (int i = 0; i <= 4; i++) {
    human_size ((uint64_t) (chart->max * i / 4), label);
    draw_level (chart, chart->max * i / 4, i == 0 ? "0" : label, fp);
  }
}

static uint64_t
read_of (const struct sample *sample)
{
  return sample->read;
}

static uint64_t
written_of (const struct sample *sample)
{
  return sample->written;
}

typedef uint64_t (*amount_fn) (const struct sample *);

/* Samples that one point of a curve stands for. */
static size_t
stride (const struct samples *samples)
{
  return samples->len / POINTS_MAX + 1;
}

static double
rate_between (const struct sample *a, const struct sample *b,
              amount_fn amount)
{
  const uint64_t before = amount (a), after = amount (b);

  return b->at > a->at && after > before
    ? (double) (after - before) / (b->at - a->at) : 0;
}

/* The next interval from sample *I on; false: there is none. */
static bool
next_pair (const struct samples *samples, size_t *i,
           const struct sample **a, const struct sample **b)
{
  if (*i + 1 >= samples->len)
    return false;
  *a = &samples->ptr[*i];
  *i = *i + stride (samples) < samples->len ? *i + stride (samples)
    : samples->len - 1;
  *b = &samples->ptr[*i];
  return true;
}

static double
max_rate (const struct samples *samples, amount_fn amount)
{
  const struct sample *a, *b;
  double max = 0;

  for (size_t i = 0; next_pair (samples, &i, &a, &b); ) {
    const double rate = rate_between (a, b, amount);

    max = rate > max ? rate : max;
  }
  return max;
}

/* Each rate stands in the middle of its interval. */
static void
draw_rate (const struct chart *chart, const struct samples *samples,
           amount_fn amount, const char *class, FILE *fp)
{
  const struct sample *a, *b;
  const char *letter = "M";

  fprintf (fp, "<path class=\"curve %s\" d=\"", class);
  for (size_t i = 0; next_pair (samples, &i, &a, &b); letter = "L") {
    const double y = y_of (chart, rate_between (a, b, amount));

    if (letter[0] == 'M')
      fprintf (fp, "M%.1f %.1f", x_of (chart, a->at), y);
    fprintf (fp, "L%.1f %.1f", x_of (chart, (a->at + b->at) / 2), y);
    if (i + 1 >= samples->len)
      fprintf (fp, "L%.1f %.1f", x_of (chart, b->at), y);
  }
  fputs ("\"/>\n", fp);
}

static void
throughput (const struct picture *picture, FILE *fp)
{
  const struct samples *samples = &picture->samples;
  const double read = max_rate (samples, read_of);
  const double written = max_rate (samples, written_of);
  const struct chart chart = {
    .from = samples->ptr[0].at,
    .to = samples->ptr[samples->len-1].at,
    .max = 4 * round_up_size ((read > written ? read : written) / 4),
    .height = 220,
  };

  fputs ("<figure><figcaption>", fp);
  picture_text (fp, _("Throughput, in bytes per second"));
  picture_key ("read", _("read"), fp);
  picture_key ("written", _("written"), fp);
  fputs ("</figcaption>\n", fp);
  begin_svg (&chart, _("Throughput over time"), fp);
  draw_rate_axis (&chart, fp);
  draw_time_axis (&chart, fp);
  draw_rate (&chart, samples, read_of, "read", fp);
  /* Dashed: mostly they are the same. */
  draw_rate (&chart, samples, written_of, "written", fp);
  fputs ("</svg></figure>\n", fp);
}

static unsigned
max_connections (const struct samples *samples)
{
  unsigned max = 0;

  for (size_t i = 0; i < samples->len; i++)
    if (samples->ptr[i].connections > max)
      max = samples->ptr[i].connections;
  return max;
}

/* Between two samples the larger number holds: they come and go at once. */
static void
draw_steps (const struct chart *chart, const struct samples *samples,
            FILE *fp)
{
  const struct sample *a, *b;

  fputs ("<path class=\"curve connections\" d=\"", fp);
  for (size_t i = 0; next_pair (samples, &i, &a, &b); )
    fprintf (fp, "%s%.1f %.1fH%.1f", a == samples->ptr ? "M" : "L",
             x_of (chart, a->at),
             y_of (chart, a->connections > b->connections ? a->connections
                   : b->connections),
             x_of (chart, b->at));
  fputs ("\"/>\n", fp);
}

static void
connections (const struct picture *picture, FILE *fp)
{
  const struct samples *samples = &picture->samples;
  const unsigned max = max_connections (samples);
  const struct chart chart = {
    .from = samples->ptr[0].at,
    .to = samples->ptr[samples->len-1].at,
    .max = max,
    .height = 120,
  };
  char label[16];

  /* They had come and gone before the first look. */
  if (max == 0)
    return;
  fputs ("<figure><figcaption>", fp);
  picture_text (fp, _("Connections to the source"));
  fputs ("</figcaption>\n", fp);
  begin_svg (&chart, _("Connections over time"), fp);
  draw_level (&chart, 0, "0", fp);
  snprintf (label, sizeof label, "%u", max);
  draw_level (&chart, max, label, fp);
  draw_time_axis (&chart, fp);
  draw_steps (&chart, samples, fp);
  fputs ("</svg></figure>\n", fp);
}

void
picture_charts (const struct picture *picture, FILE *fp)
{
  const struct samples *samples = &picture->samples;

  if (samples->len < 2 ||
      samples->ptr[samples->len-1].at <= samples->ptr[0].at)
    return;
  fputs ("<section><h2>", fp);
  picture_text (fp, _("The copy over time"));
  fputs ("</h2>\n", fp);
  throughput (picture, fp);
  connections (picture, fp);
  fputs ("</section>\n", fp);
}

static const char *
phase_text (const char *name)
{
  static const struct { const char *name, *text; } table[] = {
    { "prepare", N_("looking") }, { "open", N_("opening the source") },
    { "overlay", N_("making overlays") }, { "convert", N_("converting") },
    { "copy", N_("copying") }, { "verify", N_("verifying") },
    { "write-back", N_("writing the changes back") },
  };

  for (size_t i = 0; i < ARRAY_LEN (table); i++)
    if (strcmp (table[i].name, name) == 0)
      return _(table[i].text);
  return name;
}

void
picture_phases (const struct picture *picture, FILE *fp)
{
  const double total = picture_now (picture);

  fputs ("<section><h2>", fp);
  picture_text (fp, _("Where the time went"));
  fputs ("</h2>\n<table class=\"phases\">\n", fp);
  for (size_t i = 0; i < picture->phases.len; i++) {
    const struct phase *phase = &picture->phases.ptr[i];
    const double end = i + 1 < picture->phases.len ? phase->end : total;
    const double scale = total > 0 ? 100 / total : 0;

    fputs ("<tr><th>", fp);
    picture_text (fp, phase_text (phase->name));
    fprintf (fp, "</th><td class=\"number\">%.1f s</td><td class=\"bar\">"
             "<svg viewBox=\"0 0 100 4\" preserveAspectRatio=\"none\">"
             "<rect class=\"track\" width=\"100\" height=\"4\"/>"
             "<rect class=\"part\" x=\"%.2f\" width=\"%.2f\" "
             "height=\"4\"/></svg></td></tr>\n", end - phase->start,
             phase->start * scale, (end - phase->start) * scale);
  }
  fputs ("</table></section>\n", fp);
}
