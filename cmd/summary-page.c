/* SPDX-License-Identifier: GPL-2.0-or-later */

/* --summary with --report: the page with pictures of a fleet, from
 * summary.html.  What it adds up to, and why guests have failed, is written as
 * HTML here, for browsers that run no script; the script draws the rest.
 */

#include <config.h>

#include <stdio.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/json.h"
#include "html.h"
#include "summary.h"

/* summary.html, a string for each line. */
static const char *const template[] = {
#include "summary-html.h"
};

/* Its texts, whose translations its script looks up. */
static const char *const texts[] = {
  N_("ok"), N_("unchanged"), N_("checked"), N_("failed"), N_("running"),
  N_("waiting"), N_("silent"), N_("State of each guest"),
  N_("When each run was at work"),
  N_("Rate per source host, in bytes per second"), N_("guests"),
  N_("copied"), N_("read"), N_("written"), N_("until the running ones end"),
  N_("Guest"), N_("State"), N_("Host"), N_("Size"), N_("Read"), N_("Time"),
  N_("Why"), N_("All guests"), N_("%s guests"), N_("Files that were skipped"),
};

struct page {
  const struct summary *summary;
  json_object *data;
};

static void
print_heading (const void *data, FILE *fp)
{
  const struct page *page = data;
  const unsigned *states = page->summary->states;
  const size_t skipped = page->summary->skipped.len;
  /* A run that was killed may have left an empty file. */
  const bool is_good = page->summary->guests.len > 0 && skipped == 0 &&
    states[SUMMARY_FAILED] + states[SUMMARY_SILENT] == 0;
  time_t now = time (NULL);
  struct tm tm;
  char when[64] = "";

  if (gmtime_r (&now, &tm) != NULL)
    strftime (when, sizeof when, "%Y-%m-%d %H:%M:%S UTC", &tm);
  fprintf (fp, "<header class=\"%s\">\n<h1>", is_good ? "good" : "bad");
  fprintf (fp, _("%u of %zu guests are done"),
           states[SUMMARY_OK] + states[SUMMARY_UNCHANGED],
           page->summary->guests.len);
  fputs ("</h1>\n", fp);
  if (skipped > 0)
    fprintf (fp, "<p>%s: %zu</p>\n", _("Files that were skipped"), skipped);
  fprintf (fp, "<p>%s %s, %s</p></header>\n", PACKAGE_NAME, PACKAGE_VERSION,
           when);
}

static void
print_reasons (const void *data, FILE *fp)
{
  const struct page *page = data;
  const struct summary_reasons *reasons = &page->summary->reasons;

  if (reasons->len == 0)
    return;
  fputs ("<section class=\"failure\">\n", fp);
  html_element (fp, "h2", _("Why guests have failed"));
  fputs ("<table>\n", fp);
  for (size_t i = 0; i < reasons->len; i++) {
    const struct summary_reason *reason = &reasons->ptr[i];

    fprintf (fp, "<tr><td class=\"number\">%u</td><td><code>",
             reason->guests);
    html_text (fp, reason->name);
    fputs ("</code></td><td>", fp);
    html_text (fp, reason->retryable ? _("may succeed later")
                                     : _("fails until something is changed"));
    fputs ("</td><td>", fp);
    html_text (fp, reason->hint != NULL ? reason->hint : "");
    fputs ("</td></tr>\n", fp);
  }
  fputs ("</table></section>\n", fp);
}

static void
print_data (const void *data, FILE *fp)
{
  const struct page *page = data;

  html_json (fp, page->data);
}

int
summary_write_page (const struct summary *summary, const char *path,
                    struct error *err)
{
  static const struct html_place places[] = {
    { "@heading@", print_heading },
    { "@reasons@", print_reasons },
    { "@data@", print_data },
    { .name = NULL }
  };
  CLEANUP_JSON json_object *data = summary_json (summary);
  struct page page = { .summary = summary };

  json_add (&data, "texts", html_texts (texts, ARRAY_LEN (texts)));
  page.data = data;
  return data == NULL ? error_nomem (err)
    : html_write (template, ARRAY_LEN (template), places, &page, path, err);
}
