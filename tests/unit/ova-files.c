/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Packages for unit tests: real files, which tar, gzip, xz and zip make in a
 * directory of the test's own.  "Remote" locations are local files behind
 * open_location.
 */

#include <config.h>

#undef NDEBUG
#include <assert.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/events.h"
#include "guest/guest.h"
#include "io/reader.h"
#include "io/tempdir.h"
#include "ova-files.h"

struct error err = ERROR_INIT;
char said[65536];
unsigned opened;
const char *option;

static char top[PATH_MAX];
static struct tempdir *tempdir;

static void
on_event (void *data __attribute__ ((unused)), const struct event *event)
{
  if (event->type <= EVENT_WARNING) {
    strncat (said, event->text, sizeof said - strlen (said) - 1);
    strncat (said, "\n", sizeof said - strlen (said) - 1);
  }
}

static const struct events events = { .handle = on_event };

/* ssh://host/PATH and http://host/PATH are PATH. */
static struct reader *
open_location (void *data __attribute__ ((unused)),
               const struct location *location, struct error *e)
{
  const char *path = location->path;

  opened++;
  if (location->kind == LOCATION_CURL)
    path = strstr (location->uri, "://host/") + strlen ("://host");
  return reader_file_new (path, e);
}

void
sh (const char *fmt, ...)
{
  char command[8192];
  const int n = snprintf (command, sizeof command,
                          "cd '%s' && PATH=$PATH:/usr/sbin && ", top);
  va_list args;

  va_start (args, fmt);
  vsnprintf (command + n, sizeof command - (size_t) n, fmt, args);
  va_end (args);
  if (system (command) != 0) {
    fprintf (stderr, "failed: %s\n", command);
    abort ();
  }
}

static const char *
scratch_dir (void *dir, struct error *e __attribute__ ((unused)))
{
  return dir;
}

struct guest *
read_source (const struct input_ops *input, const char *source, bool scratch)
{
  CLEANUP_ARGV struct argv sources = { .ptr = NULL }, options =
    { .ptr = NULL };
  char dir[PATH_MAX + 16];
  struct input_request request = {
    .sources = &sources, .options = &options, .events = &events,
    .open_location = open_location,
  };

  snprintf (dir, sizeof dir, "%s/scratch", top);
  request.scratch = scratch ? scratch_dir : NULL;
  request.scratch_data = dir;
  said[0] = '\0';
  opened = 0;
  assert (argv_append (&sources, source, &err) == 0);
  assert (option == NULL || argv_append (&options, option, &err) == 0);
  return input_read (input, &request, &err);
}

const char *
in_top (const char *prefix, const char *name)
{
  static char path[PATH_MAX + 256];

  snprintf (path, sizeof path, "%s%s/%s", prefix, top, name);
  return path;
}

struct guest *
works (const char *prefix, const char *name)
{
  struct guest *guest = read_source (&input_ova, in_top (prefix, name),
                                     true);

  if (guest == NULL) {
    fprintf (stderr, "%s: %s\n", name, err.message);
    abort ();
  }
  return guest;
}

void
fails_as (const struct input_ops *input, const char *source,
          enum reason reason, const char *part)
{
  struct guest *guest = read_source (input, source, true);

  if (guest != NULL || err.reason != reason ||
      strstr (err.message, part) == NULL) {
    fprintf (stderr, "%s: %s: '%s' is not in '%s'\n", source,
             reason_name (err.reason), part,
             err.message == NULL ? "(success)" : err.message);
    abort ();
  }
  error_reset (&err);
}

void
fails (const char *name, enum reason reason, const char *part)
{
  fails_as (&input_ova, in_top ("", name), reason, part);
}

void
has_said (const char *part)
{
  if (strstr (said, part) == NULL) {
    fprintf (stderr, "'%s' is not in: %s\n", part, said);
    abort ();
  }
}

/* Is disk number I the same as the file WANTED? */
static void
same (const struct guest *guest, size_t i, const char *wanted)
{
  const struct location *l = &guest->disks.ptr[i].location;
  CLEANUP_READER struct reader *a = NULL, *b = NULL;
  const char *path = l->path;
  char bytes_a[4096], bytes_b[4096];
  uint64_t length;

  if (l->kind == LOCATION_CURL)
    path = strstr (l->uri, "://host/") + strlen ("://host");
  a = reader_file_new (path, &err);
  b = reader_file_new (in_top ("", wanted), &err);
  assert (a != NULL && b != NULL);
  length = l->part.length != 0 ? l->part.length : a->size;
  assert (length == b->size);
  for (uint64_t at = 0; at < length; at += sizeof bytes_a) {
    const size_t n = length - at < sizeof bytes_a ? (size_t) (length - at)
                                                  : sizeof bytes_a;

    assert (reader_pread (a, bytes_a, n, l->part.offset + at, &err) == 0);
    assert (reader_pread (b, bytes_b, n, at, &err) == 0);
    assert (memcmp (bytes_a, bytes_b, n) == 0);
  }
}

static void
make_files (void)
{
  const char *srcdir = getenv ("srcdir");
  char full[PATH_MAX];

  assert (realpath (srcdir == NULL ? "." : srcdir, full) != NULL);
  sh ("mkdir scratch in && cp '%s/data/ovf/full.ovf' in/ && "
      "dd if=/dev/urandom of=in/data bs=64k count=3 2>/dev/null && "
      "qemu-img convert -O vmdk -o subformat=streamOptimized in/data "
      "'in/disk 1.vmdk' && mv in/data disk2 && truncate -s 1M disk2 && "
      "gzip -c disk2 > in/disk2.vmdk.gz && cp 'in/disk 1.vmdk' disk1",
      full);
  sh ("cd in && { echo \"SHA1(full.ovf)= $(sha1sum < full.ovf | "
      "cut -d' ' -f1)\"; echo \"SHA256 (disk 1.vmdk) = "
      "$(sha256sum < 'disk 1.vmdk' | cut -d' ' -f1)\"; "
      "echo \"SHA512(disk2.vmdk.gz)=$(sha512sum < disk2.vmdk.gz | "
      "tr a-f A-F | cut -d' ' -f1)\"; echo 'SHA1(gone.iso)= "
      "0000000000000000000000000000000000000000'; echo garbage; } "
      "| sed 's/$/\\r/' > full.mf");
  sh ("cd in && tar -cf ../a.ova full.ovf full.mf 'disk 1.vmdk' "
      "disk2.vmdk.gz");
}

void
check (struct guest *guest, enum location_kind kind)
{
  assert (strcmp (guest->name, "mail server") == 0);
  assert (guest->disks.len == 3);
  assert (guest->disks.ptr[0].location.kind == kind);
  assert (strcmp (guest->disks.ptr[0].format, "vmdk") == 0);
  assert (strcmp (guest->disks.ptr[1].format, "raw") == 0);
  assert (guest->disks.ptr[2].location.kind == LOCATION_PLUGIN);
  same (guest, 0, "disk1");
  same (guest, 1, "disk2");
  guest_free (guest);
}

void
ova_files_begin (void)
{
  if (system ("for c in tar gzip xz bzip2 zip qemu-img; do "
              "command -v $c >/dev/null || exit 1; done") != 0) {
    fputs ("skipped: needs tar gzip xz bzip2 zip qemu-img\n", stderr);
    exit (77);
  }
  tempdir = tempdir_new ("/var/tmp", NULL, &err);
  assert (tempdir != NULL);
  snprintf (top, sizeof top, "%s", tempdir_path (tempdir));
  make_files ();
}

void
ova_files_end (void)
{
  tempdir_free (tempdir);
}
