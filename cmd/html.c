/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Names and messages are escaped here; the pages' scripts only make text nodes
 * of them.  The style sheet (page.css) and the functions of the scripts
 * (page.js) are those of all pages: "@style@" and "@functions@".
 */

#include <config.h>

#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/memstream.h"
#include "base/outfile.h"
#include "base/visible.h"
#include "html.h"

void
html_text (FILE *fp, const char *text)
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

void
html_element (FILE *fp, const char *name, const char *text)
{
  fprintf (fp, "<%s>", name);
  html_text (fp, text);
  fprintf (fp, "</%s>\n", name);
}

/* JSON without "<", which could end the script element that holds it.
 * json_one_line leaves out the two line separators that JSON allows and
 * JavaScript does not.
 */
void
html_json (FILE *fp, struct json_object *object)
{
  CLEANUP_FREE char *json = json_one_line (object);

  for (const char *p = json; p != NULL && *p != '\0'; p++)
    if (strchr ("<>&", *p) != NULL)
      fprintf (fp, "\\u%04x", (unsigned) *p);
    else
      putc (*p, fp);
  putc ('\n', fp);
}

struct json_object *
html_texts (const char *const *texts, size_t n)
{
  json_object *object = json_object_new_object ();

  for (size_t i = 0; i < n; i++)
    json_add_text (&object, texts[i], _(texts[i]));
  return object;
}

static const char *const style[] = {
#include "page-css.h"
};
static const char *const functions[] = {
#include "page-js.h"
};

static void
print_lines (const char *const *lines, size_t n, FILE *fp)
{
  for (size_t i = 0; i < n; i++)
    fprintf (fp, "%s\n", lines[i]);
}

static void
print_line (const struct html_place *places, const void *data,
            const char *line, FILE *fp)
{
  if (strcmp (line, "@style@") == 0) {
    print_lines (style, ARRAY_LEN (style), fp);
    return;
  }
  if (strcmp (line, "@functions@") == 0) {
    print_lines (functions, ARRAY_LEN (functions), fp);
    return;
  }
  for (; places->name != NULL; places++)
    if (strcmp (line, places->name) == 0) {
      places->print (data, fp);
      return;
    }
  fprintf (fp, "%s\n", line);
}

int
html_write (const char *const *template, size_t n,
            const struct html_place *places, const void *data,
            const char *path, struct error *err)
{
  CLEANUP_FREE char *text = NULL;
  size_t len;
  FILE *fp = open_memstream (&text, &len);

  if (fp == NULL)
    return error_nomem (err);
  for (size_t i = 0; i < n; i++)
    print_line (places, data, template[i], fp);
  if (memstream_close (fp, &text) == -1)
    return error_nomem (err);
  return outfile_write (path, text, len, err);
}
