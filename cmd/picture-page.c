/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <config.h>

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/i18n.h"
#include "human.h"
#include "output/output.h"
#include "picture-internal.h"

static const char style[] =
  ":root{color-scheme:light dark;--back:#f6f7f9;--card:#fff;--text:#1c2430;"
  "--soft:#5b6675;--line:#dde2e9;--data:#2f6fde;--zero:#e3e7ed;"
  "--overlay:#e08a00;--retried:#c9252d;--written:#159a6c;--good:#12805a;"
  "--bad:#b91c24;--badback:#fdecec}\n"
  "@media (prefers-color-scheme:dark){:root{--back:#12161c;--card:#1a2029;"
  "--text:#e4e9f0;--soft:#97a3b3;--line:#2d3642;--data:#6ea3ff;"
  "--zero:#2a323d;--overlay:#f5b044;--retried:#ff6b70;--written:#43c595;"
  "--good:#4fce9c;--bad:#ff8085;--badback:#33191c}}\n"
  "*{box-sizing:border-box}\n"
  "body{margin:0;background:var(--back);color:var(--text);"
  "font:15px/1.5 system-ui,sans-serif}\n"
  "main{max-width:860px;margin:0 auto;padding:24px 16px 48px}\n"
  "h1{font-size:24px;margin:0 0 2px;overflow-wrap:anywhere}\n"
  "h2{font-size:17px;margin:0 0 12px}\n"
  "header p{margin:0 0 20px;color:var(--soft)}\n"
  "section{background:var(--card);border:1px solid var(--line);"
  "border-radius:10px;padding:18px 20px;margin:0 0 16px}\n"
  ".good{color:var(--good)}.bad{color:var(--bad)}\n"
  ".tiles{display:grid;gap:12px;"
  "grid-template-columns:repeat(auto-fit,minmax(92px,1fr))}\n"
  ".tiles div{display:flex;flex-direction:column}\n"
  ".tiles b{font-size:20px;line-height:1.3;"
  "font-variant-numeric:tabular-nums}\n"
  ".tiles span{color:var(--soft);font-size:13px}\n"
  ".failure{background:var(--badback);border-color:var(--bad)}\n"
  ".failure p{margin:0 0 8px;overflow-wrap:anywhere}\n"
  "pre,code{font:13px/1.5 ui-monospace,monospace}\n"
  "code{overflow-wrap:anywhere}\n"
  "pre{white-space:pre-wrap;overflow-wrap:anywhere;margin:8px 0;"
  "padding:10px 12px;border-radius:6px;background:var(--back);"
  "border:1px solid var(--line)}\n"
  "figure{margin:0 0 18px}figure:last-child{margin:0}\n"
  "figcaption{color:var(--soft);font-size:13px;margin-bottom:6px}\n"
  "figcaption b{color:var(--text)}\n"
  ".key{margin-left:14px;white-space:nowrap;font-size:13px;"
  "color:var(--soft)}.keys{margin:0 0 12px -14px}\n"
  ".key i{display:inline-block;width:11px;height:11px;margin-right:5px;"
  "border-radius:2px;vertical-align:-1px}\n"
  "svg{display:block;width:100%;height:auto}\n"
  ".tick{font-size:12px;fill:var(--soft)}\n"
  ".grid{stroke:var(--line)}\n"
  ".curve{fill:none;stroke-width:2;stroke-linejoin:round}\n"
  ".curve.written{stroke-dasharray:7 6}\n"
  "path.read,path.connections{stroke:var(--data)}\n"
  "path.written{stroke:var(--written)}\n"
  "i.read,i.data{background:var(--data)}i.written{"
  "background:var(--written)}\n"
  "i.zero{background:var(--zero)}i.overlay{background:var(--overlay)}\n"
  "i.missing{border:1px dashed var(--soft)}\n"
  ".key i.retried{background:var(--retried);border-radius:50%}\n"
  "rect.zero{fill:var(--zero)}rect.data{fill:var(--data)}\n"
  "rect.overlay{fill:var(--overlay)}circle.retried{fill:var(--retried)}\n"
  "rect.missing{fill:none;stroke:var(--line)}\n"
  ".track{fill:var(--zero)}.part{fill:var(--data)}\n"
  "table{border-collapse:collapse;width:100%}\n"
  "th{text-align:left;font-weight:500;white-space:nowrap}\n"
  "th,td{padding:4px 12px 4px 0;vertical-align:top}\n"
  ".number{text-align:right;white-space:nowrap;color:var(--soft);"
  "font-variant-numeric:tabular-nums}\n"
  ".bar{width:60%;padding-right:0;vertical-align:middle}\n"
  ".bar svg{height:10px;border-radius:3px}\n"
  ".notes td{overflow-wrap:anywhere}\n"
  ".warning td{color:var(--bad)}\n"
  "summary{cursor:pointer;color:var(--soft)}\n"
  "footer{color:var(--soft);font-size:13px;text-align:center}\n";

static void
heading (const struct picture_end *end, FILE *fp)
{
  const bool good = end->err == NULL;
  time_t now = time (NULL);
  struct tm tm;
  char when[64] = "";

  if (gmtime_r (&now, &tm) != NULL)
    strftime (when, sizeof when, "%Y-%m-%d %H:%M:%S UTC", &tm);
  fprintf (fp, "<header><h1 class=\"%s\">", good ? "good" : "bad");
  picture_text (fp, good ? _("The disks are copied") : _("The run failed"));
  fprintf (fp, "</h1>\n<p>%s %s, %s, ", PACKAGE_NAME, PACKAGE_VERSION, when);
  fprintf (fp, _("exit status %d"), end->status);
  fputs ("</p></header>\n", fp);
}

static void
failure (const struct error *err, FILE *fp)
{
  fputs ("<section class=\"failure\"><p><b>", fp);
  picture_text (fp, err->message);
  fputs ("</b></p>\n", fp);
  if (err->hint != NULL) {
    fputs ("<p>", fp);
    picture_text (fp, err->hint);
    fputs ("</p>\n", fp);
  }
  fprintf (fp, "<p>%s <code>%s</code>. ", _("Reason:"),
           reason_name (err->reason));
  picture_text (fp, reason_retryable (err->reason)
                ? _("The same command may succeed later.")
                : _("It will fail again until something is changed."));
  fputs ("</p>\n", fp);
  if (err->detail.len > 0) {
    fputs ("<pre>", fp);
    for (size_t i = 0; i < err->detail.len; i++) {
      picture_text (fp, err->detail.ptr[i]);
      putc ('\n', fp);
    }
    fputs ("</pre>", fp);
  }
  fputs ("</section>\n", fp);
}

static void
tile (const char *value, const char *text, FILE *fp)
{
  fprintf (fp, "<div><b>%s</b><span>", value);
  picture_text (fp, text);
  fputs ("</span></div>\n", fp);
}

static void
size_tile (uint64_t bytes, const char *text, FILE *fp)
{
  char value[16];

  human_size (bytes, value);
  tile (value, text, fp);
}

static const struct sample *
last_sample (const struct picture *picture)
{
  static const struct sample none;

  return picture->samples.len > 0
    ? &picture->samples.ptr[picture->samples.len-1] : &none;
}

static void
retries_tile (const struct picture_end *end, FILE *fp)
{
  char value[16];
  unsigned retries = 0;

  if (end->disks == NULL)
    return;
  for (unsigned i = 0; i < end->n_disks; i++)
    retries += end->disks[i].result.retries;
  snprintf (value, sizeof value, "%u", retries);
  tile (value, _("reads tried again"), fp);
}

static void
summary (const struct picture *picture, const struct picture_end *end,
         FILE *fp)
{
  const struct sample *last = last_sample (picture);
  const double copying = picture->samples.len > 0
    ? last->at - picture->samples.ptr[0].at : 0;
  uint64_t size = 0;
  char value[32];

  for (size_t i = 0; i < picture->disks.len; i++)
    size += picture->disks.ptr[i].size;
  fputs ("<section><div class=\"tiles\">\n", fp);
  snprintf (value, sizeof value, "%.1f s", picture_now (picture));
  tile (value, _("the whole run"), fp);
  /* Of a run that has not got so far there is nothing to tell. */
  if (size > 0)
    size_tile (size, _("the disks' size"), fp);
  if (picture->samples.len > 0) {
    size_tile (last->read, _("read"), fp);
    size_tile (last->written, _("written"), fp);
    size_tile (last->zero, _("zero, not moved"), fp);
  }
  if (copying > 0)
    size_tile ((uint64_t) ((double) last->read / copying),
               _("read each second"), fp);
  retries_tile (end, fp);
  fputs ("</div></section>\n", fp);
}

static void
note_row (const struct note *note, FILE *fp)
{
  fprintf (fp, "<tr%s><td class=\"number\">%.1f s</td><td>",
           note->type == EVENT_WARNING ? " class=\"warning\"" : "", note->at);
  if (note->disk != -1) {
    fprintf (fp, _("disk %d"), note->disk);
    fputs (": ", fp);
  }
  picture_text (fp, note->text);
  fputs ("</td></tr>\n", fp);
}

static void
decisions (const struct picture *picture, FILE *fp)
{
  fputs ("<section><h2>", fp);
  picture_text (fp, _("What was done, and why"));
  fputs ("</h2>\n<table class=\"notes\">\n", fp);
  for (size_t i = 0; i < picture->notes.len; i++)
    note_row (&picture->notes.ptr[i], fp);
  fputs ("</table>\n", fp);
  if (picture->commands.len > 0) {
    fputs ("<details><summary>", fp);
    picture_text (fp, _("nbdkit's command lines"));
    fputs ("</summary>", fp);
    for (size_t i = 0; i < picture->commands.len; i++) {
      fputs ("<pre>", fp);
      picture_text (fp, picture->commands.ptr[i]);
      fputs ("</pre>\n", fp);
    }
    fputs ("</details>", fp);
  }
  fputs ("</section>\n", fp);
}

void
picture_page (const struct picture *picture, const struct picture_end *end,
              FILE *fp)
{
  fputs ("<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\">"
         "<meta name=\"viewport\" content=\"width=device-width\">"
         "<title>" PACKAGE_NAME "</title>\n<style>\n", fp);
  fputs (style, fp);
  fputs ("</style></head>\n<body><main>\n", fp);
  heading (end, fp);
  if (end->err != NULL)
    failure (end->err, fp);
  summary (picture, end, fp);
  picture_charts (picture, fp);
  picture_disks (picture, fp);
  picture_phases (picture, fp);
  decisions (picture, fp);
  fputs ("</main></body></html>\n", fp);
}
