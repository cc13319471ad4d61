/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Makes the page of --report from page.html and the run's data.  The page's
 * script draws the pictures; how the run ended, the disks and the error are
 * written as HTML here, for browsers that run no script.  Names and messages
 * may hold anything: they are escaped here, and the script only makes text
 * nodes of them.
 */

#include <config.h>

#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/outfile.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/memstream.h"
#include "base/visible.h"
#include "human.h"
#include "page.h"

/* page.html, a string for each line. */
static const char *const template[] = {
#include "page-template.h"
};

static void
print_text (FILE *fp, const char *text)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_FREE char *copy = visible_text (text, &ignored);

  for (const char *p = copy; p != NULL && *p != '\0'; p++)
    switch (*p) {
    case '&': fputs ("&amp;", fp); break;
    case '<': fputs ("&lt;", fp); break;
    case '>': fputs ("&gt;", fp); break;
    case '"': fputs ("&quot;", fp); break;
    case '\'': fputs ("&#39;", fp); break;
    default: putc (*p, fp);
    }
}

static void
print_element (FILE *fp, const char *name, const char *text)
{
  fprintf (fp, "<%s>", name);
  print_text (fp, text);
  fprintf (fp, "</%s>\n", name);
}

static void
print_heading (const struct page *page, FILE *fp)
{
  const bool good = page->err == NULL;
  time_t now = time (NULL);
  struct tm tm;
  char when[64] = "";

  if (gmtime_r (&now, &tm) != NULL)
    strftime (when, sizeof when, "%Y-%m-%d %H:%M:%S UTC", &tm);
  fprintf (fp, "<header class=\"%s\">\n", good ? "good" : "bad");
  print_element (fp, "h1", good ? _("The run succeeded")
                                : _("The run failed"));
  fprintf (fp, "<p>%s %s, %s, ", PACKAGE_NAME, PACKAGE_VERSION, when);
  fprintf (fp, _("exit status %d"), page->status);
  fputs ("</p></header>\n", fp);
}

static void
print_failure (const struct page *page, FILE *fp)
{
  const struct error *err = page->err;

  if (err == NULL)
    return;
  fputs ("<section class=\"failure\">\n", fp);
  print_element (fp, "h2", err->message);
  if (err->hint != NULL)
    print_element (fp, "p", err->hint);
  fprintf (fp, "<p>%s <code>%s</code>. ", _("Reason:"),
           reason_name (err->reason));
  print_text (fp, error_retryable (err)
              ? _("The same command may succeed later.")
              : _("It will fail again until something is changed."));
  fputs ("</p>\n", fp);
  if (err->detail.len > 0) {
    fputs ("<pre>", fp);
    for (size_t i = 0; i < err->detail.len; i++) {
      print_text (fp, err->detail.ptr[i]);
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

static void
print_disks (const struct page *page, FILE *fp)
{
  json_object *disks = json_object_object_get (page->data, "disks");

  if (json_object_object_length (disks) > 0)
    print_element (fp, "h2", _("The disks"));
  json_object_object_foreach (disks, number, disk) {
    const char *name = json_object_get_string
      (json_object_object_get (disk, "name"));
    const char *target = json_object_get_string
      (json_object_object_get (disk, "target"));
    char size[16];

    human_size (disk_size (page, number, disk), size);
    fprintf (fp, "<figure data-disk=\"%s\"><figcaption>", number);
    print_element (fp, "b", name != NULL ? name : "?");
    fputs (size, fp);
    if (target != NULL) {
      fputs (" &rarr; ", fp);
      print_element (fp, "code", target);
    }
    fputs ("</figcaption></figure>\n", fp);
  }
}

/* JSON without "<", which could end the script element that holds it.
 * json_one_line leaves out the two line separators that JSON allows and
 * JavaScript does not.
 */
static void
print_data (const struct page *page, FILE *fp)
{
  CLEANUP_FREE char *json = json_one_line (page->data);

  for (const char *p = json; p != NULL && *p != '\0'; p++)
    if (strchr ("<>&", *p) != NULL)
      fprintf (fp, "\\u%04x", (unsigned) *p);
    else
      putc (*p, fp);
  putc ('\n', fp);
}

/* Lines of page.html that are replaced. */
static const struct {
  const char *name;
  void (*print) (const struct page *, FILE *);
} places[] = {
  { "@heading@", print_heading },
  { "@failure@", print_failure },
  { "@disks@", print_disks },
  { "@data@", print_data },
};

static void
print_line (const struct page *page, const char *line, FILE *fp)
{
  for (size_t i = 0; i < ARRAY_LEN (places); i++)
    if (strcmp (line, places[i].name) == 0) {
      places[i].print (page, fp);
      return;
    }
  fprintf (fp, "%s\n", line);
}

int
page_write (const struct page *page, const char *path, struct error *err)
{
  CLEANUP_FREE char *text = NULL;
  size_t len;
  FILE *fp = page->data == NULL ? NULL : open_memstream (&text, &len);

  if (fp == NULL)
    return error_nomem (err);
  for (size_t i = 0; i < ARRAY_LEN (template); i++)
    print_line (page, template[i], fp);
  if (memstream_close (fp, &text) == -1)
    return error_nomem (err);
  return outfile_write (path, text, len, err);
}
