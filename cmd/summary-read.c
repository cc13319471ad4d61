/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Reads the files that runs have left, which may be cut, empty or anybody's:
 * of a file with several lines the last object counts that says how a run ended
 * or how far it is.
 */

#include <config.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/json.h"
#include "summary.h"

/* A result has at most 4096 bytes.  JSON lines of a long run are more, but what
 * is larger than this is something else.
 */
#define FILE_MAX (64 << 20)
/* Objects as deep as ours: progress, result, disks. */
#define DEPTH_MAX 8
/* A run says at least once a second how far it is; clocks of hosts differ. */
#define SILENT_AFTER_MS 60000

struct reading {
  struct summary *summary;
  const char *path;
  struct stat dir;              /* that it is in */
  int64_t now_ms;
  char *last;                   /* the last line that is of use, or NULL */
  bool is_ours;                 /* some line is an object of this program */
};

static int
skip (struct reading *reading, const char *why, struct error *err)
{
  return argv_appendf (&reading->summary->skipped, err, "%s: %s",
                       reading->path, why);
}

static const char *
string_of (json_object *object, const char *key)
{
  json_object *value = json_get (object, key, json_type_string);

  return value != NULL ? json_object_get_string (value) : NULL;
}

/* 0 where there is none, or one that is none of ours. */
static uint64_t
number_of (json_object *object, const char *key)
{
  json_object *value = json_get (object, key, json_type_int);
  const int64_t number = value != NULL ? json_object_get_int64 (value) : 0;

  return number > 0 ? (uint64_t) number : 0;
}

static bool
bool_of (json_object *object, const char *key)
{
  json_object *value = json_get (object, key, json_type_boolean);

  return value != NULL && json_object_get_boolean (value);
}

static double
seconds_of (json_object *object, const char *key)
{
  json_object *value = NULL;
  double seconds = json_object_object_get_ex (object, key, &value)
    ? json_object_get_double (value) : 0;

  return seconds > 0 && seconds < 1e9 ? seconds : 0;
}

/* RFC 3339, UTC, as we write it; 0: it is not, or none of a clock that is
 * about right.
 */
static int64_t
time_of (json_object *object, int64_t now_ms)
{
  const char *text = string_of (object, "timestamp");
  struct tm tm = { .tm_isdst = 0 };
  const char *end = text != NULL ? strptime (text, "%Y-%m-%dT%H:%M:%S", &tm)
                                 : NULL;
  const double fraction = end != NULL && *end == '.' ? strtod (end, NULL) : 0;
  const int64_t time_ms = end == NULL ? 0
    : (int64_t) timegm (&tm) * 1000 + (int64_t) (fraction * 1000);

  return time_ms > 0 && time_ms - now_ms <= SILENT_AFTER_MS ? time_ms : 0;
}

static bool
is_type (json_object *object, const char *type)
{
  const char *is = string_of (object, "type");

  return is != NULL && strcmp (is, type) == 0;
}

/* Does it say how a run, as a whole, ended or how far it is? */
static bool
is_of_use (json_object *object)
{
  return is_type (object, "result") || is_type (object, "error") ||
    is_type (object, "waiting") ||
    (is_type (object, "progress") &&
     json_get (object, "disk", json_type_int) == NULL);
}

static json_object *
parse_line (const char *line)
{
  struct json_tokener *tokener = json_tokener_new_ex (DEPTH_MAX);
  json_object *object = tokener == NULL ? NULL
    : json_tokener_parse_ex (tokener, line, -1);

  if (tokener != NULL)
    json_tokener_free (tokener);
  return object;
}

static void
look_at_line (struct reading *reading, char *line)
{
  CLEANUP_JSON json_object *object = parse_line (line);

  if (string_of (object, "timestamp") == NULL ||
      string_of (object, "type") == NULL)
    return;
  reading->is_ours = true;
  if (is_of_use (object))
    reading->last = line;
}

/* Most lines of a long run are progress: only the last ones are parsed until
 * one is of use.
 */
static void
look_at_lines (struct reading *reading, char *text)
{
  char *end = text + strlen (text);

  while (end > text && reading->last == NULL) {
    char *begin;

    if (end[-1] == '\n')
      *--end = '\0';
    begin = memrchr (text, '\n', (size_t) (end - text));
    begin = begin == NULL ? text : begin + 1;
    look_at_line (reading, begin);
    end = begin;
  }
}

/* NUMBERS are of a disk, or of all. */
static void
add_numbers (json_object *numbers, struct summary_guest *guest)
{
  summary_add (&guest->size, number_of (numbers, "virtual_size"));
  summary_add (&guest->read, number_of (numbers, "bytes_read"));
  summary_add (&guest->written, number_of (numbers, "bytes_written"));
}

/* A result file has no room for the list of many disks, and earlier versions
 * have written no totals.
 */
static void
add_disks (json_object *object, struct summary_guest *guest)
{
  json_object *totals = json_get (object, "totals", json_type_object);
  json_object *disks = json_get (object, "disks", json_type_array);
  const size_t n = disks != NULL ? json_object_array_length (disks) : 0;

  if (totals != NULL)
    add_numbers (totals, guest);
  for (size_t i = 0; totals == NULL && i < n; i++)
    add_numbers (json_object_array_get_idx (disks, i), guest);
  guest->done = guest->size;
}

static bool
has_target (json_object *object)
{
  json_object *totals = json_get (object, "totals", json_type_object);
  json_object *disks = json_get (object, "disks", json_type_array);

  if (totals != NULL)
    return number_of (totals, "targets") > 0;
  return disks != NULL &&
    string_of (json_object_array_get_idx (disks, 0), "target") != NULL;
}

static int
fill_in_end (json_object *object, struct summary_guest *guest,
             struct error *err)
{
  guest->ended = true;
  /* A host is not slow because runs have waited for their turns. */
  guest->seconds = seconds_of (object, "seconds") -
    seconds_of (object, "waited");
  if (guest->seconds < 0)
    guest->seconds = 0;
  if (is_type (object, "error")) {
    const char *reason = string_of (object, "reason");

    guest->state = SUMMARY_FAILED;
    guest->retryable = bool_of (object, "retryable");
    guest->resumable = bool_of (object, "resumable");
    return alloc_set (&guest->reason, reason != NULL ? reason : "internal",
                      err) == -1
      || alloc_set (&guest->message, string_of (object, "message"),
                    err) == -1
      ? -1 : alloc_set (&guest->hint, string_of (object, "hint"), err);
  }
  add_disks (object, guest);
  guest->stored = bool_of (object, "changed") || has_target (object);
  /* -o null changes nothing, and has been done nevertheless. */
  guest->state = bool_of (object, "check") ? SUMMARY_CHECKED
    : bool_of (object, "changed") || !guest->stored ? SUMMARY_OK
    : SUMMARY_UNCHANGED;
  /* What is unchanged was read by an earlier run. */
  if (guest->state != SUMMARY_UNCHANGED)
    guest->rate = summary_rate (guest->read, guest->seconds);
  return 0;
}

static int
fill_in_progress (json_object *object, struct summary_guest *guest,
                  int64_t now_ms, struct error *err)
{
  json_object *eta = json_get (object, "eta", json_type_int);

  guest->state = now_ms - guest->time_ms > SILENT_AFTER_MS ? SUMMARY_SILENT
    : is_type (object, "waiting") ? SUMMARY_WAITING : SUMMARY_RUNNING;
  guest->size = number_of (object, "total");
  guest->done = number_of (object, "done");
  if (guest->done > guest->size)
    guest->done = guest->size;
  guest->read = number_of (object, "read");
  guest->written = number_of (object, "written");
  guest->seconds = seconds_of (object, "seconds");
  if (guest->state == SUMMARY_RUNNING) {
    guest->rate = number_of (object, "rate");
    guest->eta_s = eta != NULL ? json_object_get_int64 (eta) : -1;
  }
  return alloc_set (&guest->phase, string_of (object, "phase"), err);
}

static const char *
base_of (const char *path)
{
  const char *slash = strrchr (path, '/');

  return slash != NULL ? slash + 1 : path;
}

/* web.example.com.json is the guest web.example.com's, and so is
 * web.example.com: other suffixes are part of names.  The names of the files
 * are those by which their user knows the guests, and are there also if a run
 * failed before it knew its guest.
 */
static char *
name_of (const char *path, struct error *err)
{
  static const char *const suffixes[] = { ".json", ".result", ".status" };
  const char *base = base_of (path);
  const size_t len = strlen (base);

  for (size_t i = 0; i < ARRAY_LEN (suffixes); i++) {
    const size_t n = strlen (suffixes[i]);

    if (len > n && strcmp (base + len - n, suffixes[i]) == 0)
      return format (err, "%.*s", (int) (len - n), base);
  }
  return alloc_copy (base, err);
}

static void
free_guest (struct summary_guest *guest)
{
  free (guest->file);
  free (guest->name);
  free (guest->host);
  free (guest->reason);
  free (guest->message);
  free (guest->hint);
  free (guest->phase);
}

static int
fill_in (const struct reading *reading, json_object *object,
         struct summary_guest *guest, struct error *err)
{
  *guest = (struct summary_guest) {
    .file = alloc_copy (reading->path, err),
    .name = name_of (reading->path, err),
    .dir_dev = reading->dir.st_dev, .dir_ino = reading->dir.st_ino,
    .time_ms = time_of (object, reading->now_ms), .eta_s = -1,
  };
  if (guest->file == NULL || guest->name == NULL ||
      alloc_set (&guest->host, string_of (object, "host"), err) == -1)
    return -1;
  return is_type (object, "result") || is_type (object, "error")
    ? fill_in_end (object, guest, err)
    : fill_in_progress (object, guest, reading->now_ms, err);
}

/* A run's last word is its result, but a later run may be on its way. */
static bool
is_newer (const struct summary_guest *a, const struct summary_guest *b)
{
  return a->time_ms != b->time_ms ? a->time_ms > b->time_ms
    : a->ended && !b->ended;
}

/* The files of one guest have one name in one directory, whatever that is
 * called: where each guest has a directory, their files may all be called the
 * same.
 */
static bool
is_same_guest (const struct summary_guest *a, const struct summary_guest *b)
{
  return a->dir_ino == b->dir_ino && a->dir_dev == b->dir_dev &&
    strcmp (a->name, b->name) == 0;
}

/* Takes GUEST. */
static int
add_guest (struct summary *summary, struct summary_guest *guest,
           struct error *err)
{
  for (size_t i = 0; i < summary->guests.len; i++) {
    struct summary_guest *other = &summary->guests.ptr[i];

    if (!is_same_guest (guest, other))
      continue;
    if (is_newer (guest, other)) {
      free_guest (other);
      *other = *guest;
    }
    else
      free_guest (guest);
    return 0;
  }
  if (summary_guests_append (&summary->guests, *guest) == 0)
    return 0;
  free_guest (guest);
  return error_nomem (err);
}

static int
take_last (struct reading *reading, struct error *err)
{
  CLEANUP_JSON json_object *object = parse_line (reading->last);
  struct summary_guest guest;

  if (object == NULL)
    return error_nomem (err);
  if (fill_in (reading, object, &guest, err) == -1) {
    free_guest (&guest);
    return -1;
  }
  return add_guest (reading->summary, &guest, err);
}

static int
read_text (struct reading *reading, char *text, size_t len,
           struct error *err)
{
  if (len == 0)
    return skip (reading, _("it is empty: the run goes on, or was killed"),
                 err);
  if (strlen (text) < len)
    return skip (reading, _("it is not JSON"), err);
  look_at_lines (reading, text);
  if (reading->last != NULL)
    return take_last (reading, err);
  return skip (reading, reading->is_ours
               ? _("no object in it says how the run ended, or how far it is")
               : _("it is cut off, or not of v2v-nbdkit-launch"), err);
}

static ssize_t
read_all (int fd, char *text, size_t size)
{
  size_t len = 0;
  ssize_t n = 1;

  while (len < size && (n = read (fd, text + len, size - len)) > 0)
    len += (size_t) n;
  text[len] = '\0';
  return n == -1 ? -1 : (ssize_t) len;
}

static int
read_file (struct reading *reading, int fd, struct error *err)
{
  CLEANUP_FREE char *text = NULL;
  struct stat st;
  ssize_t len;

  if (fstat (fd, &st) == -1)
    return skip (reading, strerror (errno), err);
  if (S_ISDIR (st.st_mode))
    return skip (reading, _("it is a directory: to read its files, name it"),
                 err);
  if (!S_ISREG (st.st_mode))
    return skip (reading, _("it is not a regular file"), err);
  if (st.st_size > FILE_MAX)
    return skip (reading, _("it is too large for a result"), err);
  text = alloc_zero ((size_t) st.st_size + 1, err);
  if (text == NULL)
    return -1;
  len = read_all (fd, text, (size_t) st.st_size);
  return len == -1 ? skip (reading, strerror (errno), err)
    : read_text (reading, text, (size_t) len, err);
}

/* PATH is in the directory DIR_FD. */
static int
read_in (struct summary *summary, int dir_fd, const char *path,
         int64_t now_ms, struct error *err)
{
  struct reading reading = {
    .summary = summary, .path = path, .now_ms = now_ms,
  };
  CLEANUP_FD int fd = openat (dir_fd, base_of (path),
                              O_RDONLY|O_NONBLOCK|O_NOCTTY|O_CLOEXEC);

  return fd == -1 || fstat (dir_fd, &reading.dir) == -1
    ? skip (&reading, strerror (errno), err) : read_file (&reading, fd, err);
}

static int
read_single (struct summary *summary, const char *path, int64_t now_ms,
             struct error *err)
{
  const int len = (int) (base_of (path) - path);
  CLEANUP_FREE char *dir = len == 0 ? alloc_copy (".", err)
                                    : format (err, "%.*s", len, path);
  CLEANUP_FD int dir_fd = dir != NULL
    ? open (dir, O_PATH|O_DIRECTORY|O_CLOEXEC) : -1;

  if (dir == NULL)
    return -1;
  if (dir_fd == -1)
    return error_errno (err, REASON_READ, "%s", path);
  return read_in (summary, dir_fd, path, now_ms, err);
}

/* Hidden files are none of ours. */
static int
read_entry (struct summary *summary, DIR *dir, const struct dirent *entry,
            const char *path, int64_t now_ms, struct error *err)
{
  CLEANUP_FREE char *full = NULL;

  if (entry->d_name[0] == '.')
    return 0;
  full = format (err, "%s%s%s", path,
                 path[strlen (path) - 1] == '/' ? "" : "/", entry->d_name);
  return full == NULL ? -1
    : read_in (summary, dirfd (dir), full, now_ms, err);
}

static int
read_directory (struct summary *summary, int fd, const char *path,
                int64_t now_ms, struct error *err)
{
  DIR *dir = fdopendir (fd);
  const struct dirent *entry;
  int r = 0;

  if (dir == NULL) {
    error_errno (err, REASON_READ, "%s", path);
    close (fd);
    return -1;
  }
  while (r == 0 && (entry = readdir (dir)) != NULL)
    r = read_entry (summary, dir, entry, path, now_ms, err);
  closedir (dir);
  return r;
}

int
summary_read (struct summary *summary, const char *path, int64_t now_ms,
              struct error *err)
{
  const int fd = open (path, O_RDONLY|O_DIRECTORY|O_CLOEXEC);

  if (fd != -1)
    return read_directory (summary, fd, path, now_ms, err);
  if (errno != ENOTDIR)
    return error_errno (err, errno == ENOENT ? REASON_NOT_FOUND : REASON_READ,
                        "%s", path);
  return read_single (summary, path, now_ms, err);
}

void
summary_reset (struct summary *summary)
{
  for (size_t i = 0; i < summary->guests.len; i++)
    free_guest (&summary->guests.ptr[i]);
  summary_guests_reset (&summary->guests);
  summary_hosts_reset (&summary->hosts);
  summary_reasons_reset (&summary->reasons);
  argv_reset (&summary->skipped);
}
