/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Makes the page of --report from page.html and the run's data.  The page's
 * script draws the pictures; how the run ended, the disks and the error are
 * written as HTML here, for browsers that run no script.
 */

#include <config.h>

#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/human.h"
#include "base/i18n.h"
#include "base/json.h"
#include "guest/guest.h"
#include "html.h"
#include "output/output.h"
#include "page.h"
#include "success.h"

/* page.html, a string for each line. */
static const char *const template[] = {
#include "page-html.h"
};

static void
print_heading (const void *data, FILE *fp)
{
  const struct page *page = data;
  const bool good = page->err == NULL;
  time_t now = time (NULL);
  struct tm tm;
  char when[64] = "";

  if (gmtime_r (&now, &tm) != NULL)
    strftime (when, sizeof when, "%Y-%m-%d %H:%M:%S UTC", &tm);
  fprintf (fp, "<header class=\"%s\">\n", good ? "good" : "bad");
  html_element (fp, "h1", good ? _("The run succeeded")
                                : _("The run failed"));
  fprintf (fp, "<p>%s %s, %s, ", PACKAGE_NAME, PACKAGE_VERSION, when);
  fprintf (fp, _("exit status %d"), page->status);
  if (page->guest != NULL) {
    fprintf (fp, "<br>\n%s ", _("Guest:"));
    html_element (fp, "b", page->guest->name);
  }
  fputs ("</p></header>\n", fp);
}

static void
print_failure (const void *data, FILE *fp)
{
  const struct page *page = data;
  const struct error *err = page->err;

  if (err == NULL)
    return;
  fputs ("<section class=\"failure\">\n", fp);
  html_element (fp, "h2", err->message);
  if (err->hint != NULL)
    html_element (fp, "p", err->hint);
  fprintf (fp, "<p>%s <code>%s</code>. ", _("Reason:"),
           reason_name (err->reason));
  html_text (fp, error_retryable (err)
              ? _("The same command may succeed later.")
              : _("It will fail again until something is changed."));
  fputs ("</p>\n", fp);
  if (err->detail.len > 0) {
    fputs ("<pre>", fp);
    for (size_t i = 0; i < err->detail.len; i++) {
      html_text (fp, err->detail.ptr[i]);
      putc ('\n', fp);
    }
    fputs ("</pre>\n", fp);
  }
  fputs ("</section>\n", fp);
}

/* A conversion may have enlarged the disk before the copy. */
static uint64_t
disk_size (const struct page *page, const char *number, json_object *disk)
{
  json_object *map = json_object_object_get
    (json_object_object_get (page->data, "maps"), number);

  return (uint64_t) json_object_get_int64
    (json_object_object_get (map != NULL ? map : disk, "size"));
}

/* From where to where; the copy may not have begun. */
static void
print_caption (const struct page *page, unsigned index, const char *number,
               FILE *fp)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_FREE char *source =
    location_describe (&page->guest->disks.ptr[index].location, &ignored);
  json_object *disk = json_object_object_get
    (json_object_object_get (page->data, "disks"), number);
  const struct success *success = page->success;
  const char *target = json_object_get_string
    (json_object_object_get (disk, "target"));
  char name[DISK_NAME_MAX], size[HUMAN_SIZE];

  /* A run that had nothing to do has opened none. */
  if (target == NULL && success != NULL && success->output != NULL)
    target = output_target (success->output, index);
  html_element (fp, "b", disk_name (index, name));
  if (disk != NULL) {
    human_size (disk_size (page, number, disk), size);
    fprintf (fp, "%s\n", size);
  }
  if (source != NULL)
    html_element (fp, "code", source);
  if (target != NULL) {
    fputs (" &rarr; ", fp);
    html_element (fp, "code", target);
  }
}

static void
print_disk (const struct page *page, unsigned index, FILE *fp)
{
  const struct success *success = page->success;
  CLEANUP_FREE char *made = success == NULL || index >= success->n ? NULL
    : success_describe (success, index);
  char number[16];

  snprintf (number, sizeof number, "%u", index);
  fprintf (fp, "<figure data-disk=\"%s\"><figcaption>", number);
  print_caption (page, index, number, fp);
  if (made != NULL) {
    fputs ("<br>", fp);
    html_text (fp, made);
  }
  fputs ("</figcaption></figure>\n", fp);
}

static void
print_disks (const void *data, FILE *fp)
{
  const struct page *page = data;

  if (page->guest == NULL)
    return;
  html_element (fp, "h2", _("The disks"));
  for (size_t i = 0; i < page->guest->disks.len; i++)
    print_disk (page, (unsigned) i, fp);
}

static void
print_data (const void *data, FILE *fp)
{
  const struct page *page = data;

  html_json (fp, page->data);
}

int
page_write (const struct page *page, const char *path, struct error *err)
{
  static const struct html_place places[] = {
    { "@heading@", print_heading },
    { "@failure@", print_failure },
    { "@disks@", print_disks },
    { "@data@", print_data },
    { .name = NULL }
  };

  return page->data == NULL ? error_nomem (err)
    : html_write (template, ARRAY_LEN (template), places, page, path, err);
}
