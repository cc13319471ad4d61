/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Puts the run's data and the facts that every browser is to show into
 * page.html, which draws everything else.  Texts and names are of any origin:
 * here they are escaped, and the page's script treats them as text only.
 */

#include <config.h>

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/memstream.h"
#include "base/utf8.h"
#include "human.h"
#include "page-record.h"
#include "page.h"

/* page.html, a string for each line. */
static const char *const template[] = {
#include "page-template.h"
};

/* What page.html says.  Its script looks up their translations. */
static const char *const texts[] = {
  N_("the whole run"), N_("the disks' size"), N_("read"), N_("written"),
  N_("zero, not moved"), N_("read each second"), N_("reads tried again"),
  N_("The copy over time"), N_("Throughput, in bytes per second"),
  N_("Throughput over time"), N_("Connections to the source"),
  N_("Connections over time"), N_("data, read from the source"),
  N_("written by the conversion"), N_("zero"), N_("not copied"),
  N_("a read was tried again"), N_("one cell is %s"),
  N_("%s data, %s overlay, %s zero"), N_("Where the time went"),
  N_("looking"), N_("opening the source"), N_("making overlays"),
  N_("converting"), N_("copying"), N_("verifying"),
  N_("writing the changes back"), N_("What was done, and why"),
  N_("disk %d"), N_("nbdkit's command lines"),
};

/* What the page is made of. */
struct page {
  const struct page_record *record;
  const struct page_end *end;
  char *json;
};

static void
print_text (FILE *fp, const char *text)
{
  CLEANUP_FREE char *copy = strdup (text);

  if (copy == NULL)
    return;
  utf8_sanitize (copy, '?');
  for (const char *p = copy; *p != '\0'; p++)
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
  const bool good = page->end->err == NULL;
  time_t now = time (NULL);
  struct tm tm;
  char when[64] = "";

  if (gmtime_r (&now, &tm) != NULL)
    strftime (when, sizeof when, "%Y-%m-%d %H:%M:%S UTC", &tm);
  fprintf (fp, "<header class=\"%s\">\n", good ? "good" : "bad");
  print_element (fp, "h1", good ? _("The disks are copied")
                                : _("The run failed"));
  fprintf (fp, "<p>%s %s, %s, ", PACKAGE_NAME, PACKAGE_VERSION, when);
  fprintf (fp, _("exit status %d"), page->end->status);
  fputs ("</p></header>\n", fp);
}

static void
print_failure (const struct page *page, FILE *fp)
{
  const struct error *err = page->end->err;

  if (err == NULL)
    return;
  fputs ("<section class=\"failure\">\n", fp);
  print_element (fp, "h2", err->message);
  if (err->hint != NULL)
    print_element (fp, "p", err->hint);
  fprintf (fp, "<p>%s <code>%s</code>. ", _("Reason:"),
           reason_name (err->reason));
  print_text (fp, reason_retryable (err->reason)
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

static void
print_disk (const struct disk_record *disk, FILE *fp)
{
  char size[16];

  human_size (disk->size, size);
  fputs ("<figure><figcaption>", fp);
  print_element (fp, "b", disk->name != NULL ? disk->name : "?");
  fputs (size, fp);
  if (disk->target != NULL) {
    fputs (" &rarr; ", fp);
    print_element (fp, "code", disk->target);
  }
  fputs ("</figcaption></figure>\n", fp);
}

static void
print_disks (const struct page *page, FILE *fp)
{
  const struct disk_records *disks = &page->record->disks;

  if (disks->len > 0)
    print_element (fp, "h2", _("The disks"));
  for (size_t i = 0; i < disks->len; i++)
    print_disk (&disks->ptr[i], fp);
}

/* No "<" may be in it, which could end the script that it is in, nor the two
 * line ends that are allowed in JSON but not in JavaScript.
 */
static void
print_data (const struct page *page, FILE *fp)
{
  for (const char *p = page->json; *p != '\0'; p++)
    if (strchr ("<>&", *p) != NULL)
      fprintf (fp, "\\u%04x", (unsigned) *p);
    else if (strncmp (p, "\xe2\x80\xa8", 3) == 0 ||
             strncmp (p, "\xe2\x80\xa9", 3) == 0) {
      fputs (p[2] == '\xa8' ? "\\u2028" : "\\u2029", fp);
      p += 2;
    }
    else
      putc (*p, fp);
  putc ('\n', fp);
}

/* A line of page.html that holds nothing but such a name. */
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

static json_object *
texts_object (void)
{
  json_object *object = json_object_new_object ();

  for (size_t i = 0; i < ARRAY_LEN (texts); i++)
    json_add_text (&object, texts[i], _(texts[i]));
  return object;
}

static json_object *
sample_object (const struct sample *sample)
{
  json_object *object = json_object_new_object ();

  json_add (&object, "at", json_seconds (sample->at));
  json_add_number (&object, "read", sample->read);
  json_add_number (&object, "written", sample->written);
  json_add_number (&object, "zero", sample->zero);
  json_add_number (&object, "connections", sample->connections);
  return object;
}

static json_object *
phase_object (const struct phase *phase)
{
  json_object *object = json_object_new_object ();

  json_add_text (&object, "name", phase->name);
  json_add (&object, "start", json_seconds (phase->start));
  return object;
}

static json_object *
note_object (const struct note *note)
{
  json_object *object = json_object_new_object ();

  json_add (&object, "at", json_seconds (note->at));
  json_add_bool (&object, "warning", note->is_warning);
  if (note->disk != -1)
    json_add_number (&object, "disk", (uint64_t) note->disk);
  json_add_text (&object, "text", note->text);
  return object;
}

/* [data, overlay, zero, retried] */
static json_object *
cell_object (const struct cell *cell)
{
  json_object *array = json_object_new_array ();

  for (unsigned kind = 0; kind < COPY_MAP_KINDS; kind++)
    json_append (&array, json_object_new_int64 ((int64_t) cell->bytes[kind]));
  json_append (&array, json_object_new_int (cell->retried));
  return array;
}

/* Add an array of what FN makes of each of the N elements. */
#define ADD_ARRAY(object, key, elements, n, fn) do { \
    json_object *array_ = json_object_new_array (); \
    for (size_t i_ = 0; i_ < (n); i_++) \
      json_append (&array_, fn (&(elements)[i_])); \
    json_add (object, key, array_); \
  } while (0)

static json_object *
disk_object (const struct disk_record *disk)
{
  json_object *object = json_object_new_object ();

  json_add_number (&object, "size", disk->size);
  json_add_number (&object, "cell_size", disk->cell_size);
  ADD_ARRAY (&object, "cells", disk->cells, disk->n, cell_object);
  return object;
}

static json_object *
command_object (char *const *command)
{
  return json_text (*command);
}

static json_object *
page_object (const struct page_record *record, const struct page_end *end)
{
  json_object *object = json_object_new_object ();

  json_add (&object, "texts", texts_object ());
  json_add (&object, "seconds", json_seconds (page_record_seconds (record)));
  if (end->retries >= 0)
    json_add_number (&object, "retries", (uint64_t) end->retries);
  ADD_ARRAY (&object, "samples", record->samples.ptr,
             record->samples.len, sample_object);
  ADD_ARRAY (&object, "phases", record->phases.ptr,
             record->phases.len, phase_object);
  ADD_ARRAY (&object, "disks", record->disks.ptr,
             record->disks.len, disk_object);
  ADD_ARRAY (&object, "notes", record->notes.ptr,
             record->notes.len, note_object);
  ADD_ARRAY (&object, "commands", record->commands.ptr,
             record->commands.len, command_object);
  return object;
}

/* NULL: no memory. */
static char *
page_json (const struct page_record *record, const struct page_end *end)
{
  json_object *object = page_object (record, end);
  const char *text = object == NULL ? NULL
    : json_object_to_json_string_ext (object, JSON_C_TO_STRING_PLAIN);
  char *copy = text == NULL ? NULL : strdup (text);

  json_object_put (object);
  return copy;
}

int
page_write (const struct page_record *record, const struct page_end *end,
            const char *path, struct error *err)
{
  CLEANUP_FREE char *json = page_json (record, end);
  const struct page page = { .record = record, .end = end, .json = json };
  CLEANUP_FREE char *text = NULL;
  size_t len;
  FILE *fp = json == NULL ? NULL : open_memstream (&text, &len);

  if (fp == NULL)
    return error_nomem (err);
  for (size_t i = 0; i < ARRAY_LEN (template); i++)
    print_line (&page, template[i], fp);
  if (memstream_close (fp, &text) == -1)
    return error_nomem (err);
  return write_file (path, text, len, err);
}
