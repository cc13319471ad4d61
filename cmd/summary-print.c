/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A summary for people (a table, and what it adds up to), for programs (one
 * JSON object) and for spreadsheets (CSV).
 */

#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/human.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/utf8.h"
#include "base/visible.h"
#include "summary.h"

/*--- The table. ---*/

#define COLUMNS 7
/* Of names: longer ones push the rest of their line to the right. */
#define WIDTH_MAX 40

struct row {
  char *cells[COLUMNS];
};

static const char *
state_text (enum summary_state state)
{
  static const char *const texts[] = {
    N_("ok"), N_("unchanged"), N_("checked"), N_("failed"), N_("running"),
    N_("waiting"), N_("silent")
  };

  return _(texts[state]);
}

/* "45%" of a run that goes on. */
static void
print_done (const struct summary_guest *guest, char buf[32])
{
  if (guest->ended || guest->size == 0)
    human_size (guest->read, buf);
  else
    snprintf (buf, 32, "%.0f%%",
              100.0 * (double) guest->done / (double) guest->size);
}

static char *
why (const struct summary_guest *guest, struct error *err)
{
  char left[32];

  if (guest->state == SUMMARY_FAILED)
    return format (err, "%s: %s", guest->reason, guest->message != NULL
                   ? guest->message : "?");
  if (guest->state == SUMMARY_RUNNING && guest->eta_s >= 0) {
    human_time (guest->eta_s, left);
    return format (err, _("%s, %s left"), guest->phase, left);
  }
  return alloc_copy (guest->phase != NULL ? guest->phase : "", err);
}

static int
make_row (const struct summary_guest *guest, struct row *row,
          struct error *err)
{
  CLEANUP_FREE char *text = why (guest, err);
  char size[32] = "", done[32] = "", rate[32] = "", time[32] = "";

  if (guest->size > 0)
    human_size (guest->size, size);
  if (guest->size > 0 || guest->read > 0)
    print_done (guest, done);
  if (guest->rate > 0)
    human_size (guest->rate, rate);
  if (guest->seconds > 0)
    human_time ((int64_t) guest->seconds, time);
  row->cells[0] = visible_text (guest->name, err);
  row->cells[1] = alloc_copy (state_text (guest->state), err);
  row->cells[2] = alloc_copy (size, err);
  row->cells[3] = alloc_copy (done, err);
  row->cells[4] = rate[0] == '\0' ? alloc_copy ("", err)
                                  : format (err, "%s/s", rate);
  row->cells[5] = alloc_copy (time, err);
  row->cells[6] = text != NULL ? visible_text (text, err) : NULL;
  return error_is_set (err) ? -1 : 0;
}

static void
print_cell (const char *text, int width, bool right)
{
  const int has = utf8_width (text);
  const int blanks = has < width ? width - has : 0;

  printf ("%*s%s%*s  ", right ? blanks : 0, "", text, right ? 0 : blanks, "");
}

static void
print_row (const struct row *row, const int widths[COLUMNS])
{
  for (size_t i = 0; i < COLUMNS - 1; i++)
    print_cell (row->cells[i], widths[i], i >= 2);
  printf ("%s\n", row->cells[COLUMNS - 1]);
}

static void
measure (const struct row *rows, size_t n, int widths[COLUMNS])
{
  for (size_t i = 0; i < COLUMNS; i++)
    widths[i] = 0;
  for (size_t r = 0; r < n; r++)
    for (size_t i = 0; i < COLUMNS; i++) {
      const int width = utf8_width (rows[r].cells[i]);

      if (width > widths[i])
        widths[i] = width < WIDTH_MAX ? width : WIDTH_MAX;
    }
}

static int
make_heading (struct row *row, struct error *err)
{
  static const char *const texts[COLUMNS] = {
    N_("GUEST"), N_("STATE"), N_("SIZE"), N_("READ"), N_("RATE"), N_("TIME"),
    N_("WHY")
  };

  for (size_t i = 0; i < COLUMNS; i++)
    row->cells[i] = alloc_copy (_(texts[i]), err);
  return error_is_set (err) ? -1 : 0;
}

static void
print_rows (const struct summary *summary)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  const size_t n = summary->guests.len + 1;
  struct row *rows = alloc_zero (n * sizeof *rows, &ignored);
  int widths[COLUMNS];
  bool failed = rows == NULL || make_heading (&rows[0], &ignored) == -1;

  for (size_t i = 1; !failed && i < n; i++)
    failed = make_row (&summary->guests.ptr[i - 1], &rows[i],
                       &ignored) == -1;
  if (!failed) {
    measure (rows, n, widths);
    for (size_t i = 0; i < n; i++)
      print_row (&rows[i], widths);
  }
  for (size_t i = 0; rows != NULL && i < n; i++)
    for (size_t j = 0; j < COLUMNS; j++)
      free (rows[i].cells[j]);
  free (rows);
}

static void
print_states (const struct summary *summary)
{
  char size[HUMAN_SIZE], read[HUMAN_SIZE];

  printf (_("%zu guests:"), summary->guests.len);
  for (unsigned i = 0; i < SUMMARY_STATES; i++)
    if (summary->states[i] > 0)
      printf (" %u %s", summary->states[i],
              state_text ((enum summary_state) i));
  putchar ('\n');
  human_size (summary->size, size);
  human_size (summary->read, read);
  if (summary->size > 0)
    printf (_("copied: %s, of which %s were read\n"), size, read);
  if (summary->eta_s >= 0) {
    char left[32];

    human_time (summary->eta_s, left);
    printf (_("the running ones end in %s\n"), left);
  }
}

static void
print_hosts (const struct summary *summary)
{
  for (size_t i = 0; i < summary->hosts.len; i++) {
    const struct summary_host *host = &summary->hosts.ptr[i];
    char rate[HUMAN_SIZE];

    if (host->name == NULL || host->rate == 0)
      continue;
    human_size (host->rate, rate);
    fputs (_("from "), stdout);
    visible_print (stdout, host->name);
    printf (_(": %u guests, %s/s\n"), host->guests, rate);
  }
}

static void
print_reasons (const struct summary *summary)
{
  for (size_t i = 0; i < summary->reasons.len; i++) {
    const struct summary_reason *reason = &summary->reasons.ptr[i];

    printf (_("failed: %u "), reason->guests);
    visible_print (stdout, reason->name);
    if (reason->retryable)
      fputs (_(" (may succeed later)"), stdout);
    if (reason->hint != NULL) {
      fputs (": ", stdout);
      visible_print (stdout, reason->hint);
    }
    putchar ('\n');
  }
}

void
summary_print_table (const struct summary *summary)
{
  if (summary->guests.len > 0)
    print_rows (summary);
  print_states (summary);
  print_hosts (summary);
  print_reasons (summary);
}

/*--- CSV. ---*/

/* A field that begins like a formula is one for spreadsheets. */
static void
print_field (const char *text)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_FREE char *copy = text == NULL ? NULL
                                         : visible_text (text, &ignored);

  putchar ('"');
  if (copy != NULL && copy[0] != '\0' && strchr ("=+-@\t", copy[0]) != NULL)
    putchar ('\'');
  for (const char *p = copy; p != NULL && *p != '\0'; p++) {
    if (*p == '"')
      putchar ('"');
    putchar (*p);
  }
  putchar ('"');
}

static void
print_time (int64_t time_ms)
{
  const time_t seconds = (time_t) (time_ms / 1000);
  struct tm tm;
  char text[64] = "";

  if (time_ms > 0 && gmtime_r (&seconds, &tm) != NULL)
    strftime (text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm);
  fputs (text, stdout);
}

static void
print_record (const struct summary_guest *guest)
{
  print_field (guest->name);
  printf (",%s,", summary_state_name (guest->state));
  print_field (guest->host);
  putchar (',');
  print_field (guest->reason);
  printf (",%d,%d,%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%.3f,",
          guest->retryable, guest->resumable, guest->size, guest->done,
          guest->read, guest->written, guest->seconds);
  print_time (guest->time_ms);
  putchar (',');
  print_field (guest->message);
  putchar (',');
  print_field (guest->hint);
  putchar ('\n');
}

void
summary_print_csv (const struct summary *summary)
{
  fputs ("guest,state,host,reason,retryable,resumable,size,done,read,written,"
         "seconds,time,message,hint\n", stdout);
  for (size_t i = 0; i < summary->guests.len; i++)
    print_record (&summary->guests.ptr[i]);
}

/*--- JSON. ---*/

static json_object *
json_guest (const struct summary_guest *guest)
{
  json_object *object = json_object_new_object ();

  json_add_text (&object, "guest", guest->name);
  json_add_text (&object, "state", summary_state_name (guest->state));
  json_add_text (&object, "file", guest->file);
  json_add_text (&object, "host", guest->host);
  json_add_number (&object, "time", (uint64_t) guest->time_ms / 1000);
  json_add (&object, "seconds", json_seconds (guest->seconds));
  json_add_number (&object, "size", guest->size);
  json_add_number (&object, "done", guest->done);
  json_add_number (&object, "read", guest->read);
  json_add_number (&object, "written", guest->written);
  json_add_number (&object, "rate", guest->rate);
  json_add_text (&object, "phase", guest->phase);
  if (guest->eta_s >= 0)
    json_add_number (&object, "eta", (uint64_t) guest->eta_s);
  if (guest->state == SUMMARY_FAILED) {
    json_add_text (&object, "reason", guest->reason);
    json_add_bool (&object, "retryable", guest->retryable);
    json_add_bool (&object, "resumable", guest->resumable);
    json_add_text (&object, "message", guest->message);
    json_add_text (&object, "hint", guest->hint);
  }
  return object;
}

static json_object *
json_host (const struct summary_host *host)
{
  json_object *object = json_object_new_object ();

  json_add_text (&object, "host", host->name);
  json_add_number (&object, "guests", host->guests);
  json_add_number (&object, "ended", host->ended);
  json_add_number (&object, "running", host->running);
  json_add_number (&object, "read", host->read);
  json_add (&object, "busy", json_seconds (host->busy_s));
  json_add_number (&object, "rate", host->rate);
  return object;
}

static json_object *
json_reason (const struct summary_reason *reason)
{
  json_object *object = json_object_new_object ();

  json_add_text (&object, "reason", reason->name);
  json_add_number (&object, "guests", reason->guests);
  json_add_bool (&object, "retryable", reason->retryable);
  json_add_text (&object, "hint", reason->hint);
  return object;
}

static json_object *
json_states (const struct summary *summary)
{
  json_object *object = json_object_new_object ();

  for (unsigned i = 0; i < SUMMARY_STATES; i++)
    json_add_number (&object, summary_state_name ((enum summary_state) i),
                     summary->states[i]);
  return object;
}

json_object *
summary_json (const struct summary *summary)
{
  json_object *object = json_object_new_object ();
  json_object *guests = json_object_new_array ();
  json_object *hosts = json_object_new_array ();
  json_object *reasons = json_object_new_array ();
  json_object *skipped = json_object_new_array ();

  for (size_t i = 0; i < summary->guests.len; i++)
    json_append (&guests, json_guest (&summary->guests.ptr[i]));
  for (size_t i = 0; i < summary->hosts.len; i++)
    json_append (&hosts, json_host (&summary->hosts.ptr[i]));
  for (size_t i = 0; i < summary->reasons.len; i++)
    json_append (&reasons, json_reason (&summary->reasons.ptr[i]));
  for (size_t i = 0; i < summary->skipped.len; i++)
    json_append (&skipped, json_text (summary->skipped.ptr[i]));
  json_add_text (&object, "type", "summary");
  json_add (&object, "states", json_states (summary));
  json_add_number (&object, "size", summary->size);
  json_add_number (&object, "read", summary->read);
  json_add_number (&object, "written", summary->written);
  if (summary->eta_s >= 0)
    json_add_number (&object, "eta", (uint64_t) summary->eta_s);
  json_add (&object, "hosts", hosts);
  json_add (&object, "reasons", reasons);
  json_add (&object, "guests", guests);
  json_add (&object, "skipped", skipped);
  return object;
}

int
summary_print_json (const struct summary *summary, struct error *err)
{
  CLEANUP_JSON json_object *object = summary_json (summary);
  CLEANUP_FREE char *line = json_one_line (object);

  if (line == NULL)
    return error_nomem (err);
  puts (line);
  return 0;
}
