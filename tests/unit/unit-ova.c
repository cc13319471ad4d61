/* SPDX-License-Identifier: GPL-2.0-or-later */

/* -i ova and -i vmx on real files, which tar, gzip, xz and zip make in a
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
#include <sys/stat.h>

#include "base/error.h"
#include "base/events.h"
#include "guest/guest.h"
#include "input/input.h"
#include "io/reader.h"
#include "io/tempdir.h"

static struct error err = ERROR_INIT;
static char top[PATH_MAX];
static char said[65536];        /* by events */
static unsigned opened;         /* remote locations */

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

/* Run a shell command in the test's directory. */
static void __attribute__ ((format (printf, 1, 2)))
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

static const char *option;      /* -io, or NULL */

static struct guest *
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

static const char *
in_top (const char *prefix, const char *name)
{
  static char path[PATH_MAX + 256];

  snprintf (path, sizeof path, "%s%s/%s", prefix, top, name);
  return path;
}

static struct guest *
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

static void
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

static void
fails (const char *name, enum reason reason, const char *part)
{
  fails_as (&input_ova, in_top ("", name), reason, part);
}

static void
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

static void
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

/* Plain tar of each format is read in place. */
static void
test_in_place (void)
{
  static const char *const formats[] = { "v7", "ustar", "gnu", "pax" };

  for (size_t i = 0; i < ARRAY_LEN (formats); i++) {
    struct guest *guest;

    sh ("tar -C in --format=%s -cf f.ova ./full.ovf ./full.mf "
        "'./disk 1.vmdk' ./disk2.vmdk.gz", formats[i]);
    guest = works ("", "f.ova");
    assert (guest->disks.ptr[0].location.part.length > 0);
    assert (strstr (guest->disks.ptr[0].location.path, "f.ova") != NULL);
    assert (strstr (said, "Unpacking full.ovf") == NULL);
    has_said ("Unpacking disk2.vmdk.gz");
    has_said ("gone.iso, which is not in the OVA");
    has_said ("full.mf:5: not a checksum");
    check (guest, LOCATION_FILE);
  }
}

static void
test_packed (void)
{
  static const char *const commands[] = {
    "gzip -c a.ova > p.ova", "xz -c a.ova > p.ova", "bzip2 -c a.ova > p.ova",
    /* Parentheses: one string, not two that lack a comma. */
    ("rm -f p.ova p.zip && cd in && zip -q -r ../p.zip . && "
     "mv ../p.zip ../p.ova"),
  };

  for (size_t i = 0; i < ARRAY_LEN (commands); i++) {
    sh ("%s", commands[i]);
    check (works ("", "p.ova"), LOCATION_FILE);
    has_said ("Unpacking");
    has_said ("gone.iso, which is not in the OVA");
  }
}

/* Nothing is unpacked for metadata alone. */
static void
test_no_scratch (void)
{
  struct guest *guest;

  sh ("gzip -c a.ova > p.ova; rm -rf scratch/*");
  guest = read_source (&input_ova, in_top ("", "p.ova"), false);
  assert (guest != NULL && guest->disks.len == 3);
  assert (strcmp (guest->disks.ptr[0].location.part.tar_entry,
                  "disk 1.vmdk") == 0);
  sh ("test -z \"$(ls scratch)\"");
  guest_free (guest);
}

static void
test_directory (void)
{
  struct guest *guest = works ("", "in");

  assert (strstr (guest->disks.ptr[0].location.path, "/in/disk 1.vmdk"));
  check (guest, LOCATION_FILE);
  sh ("rm -rf links && cp -r in links && mv 'links/disk 1.vmdk' "
      "links/real && ln -s real 'links/disk 1.vmdk'");
  check (works ("", "links"), LOCATION_FILE);
  sh ("ln -sf ../disk1 'links/disk 1.vmdk'");
  fails ("links", REASON_UNTRUSTED_IMAGE, "is a link to a file outside it");
}

static void
test_folder (void)
{
  sh ("rm -rf sub && mkdir sub && cp -r in sub/folder && "
      "touch sub/folder/._full.ovf && tar -cf s.ova -C sub folder");
  check (works ("", "s.ova"), LOCATION_FILE);
}

static void
test_remote (void)
{
  check (works ("ssh://host", "a.ova"), LOCATION_SSH);
  check (works ("http://host", "a.ova"), LOCATION_CURL);
  assert (opened == 1);
  sh ("gzip -c a.ova > p.ova");
  check (works ("http://host", "p.ova"), LOCATION_FILE);
}

/* Nothing in place must not become everything. */
static void
test_empty_member (void)
{
  sh ("rm -rf z && cp -r in z && rm z/full.mf && : > 'z/disk 1.vmdk' && "
      "tar -C z -cf z.ova .");
  fails ("z.ova", REASON_UNSUPPORTED, "'disk 1.vmdk' is empty");
}

/* A disk is not read only to check it, where that crosses the network. */
static void
test_remote_manifest (void)
{
  sh ("rm -rf big && cp -r in big && truncate -s 5M 'big/disk 1.vmdk' && "
      "tar -C big -cf b.ova full.ovf full.mf 'disk 1.vmdk' disk2.vmdk.gz");
  guest_free (works ("http://host", "b.ova"));
  has_said ("checksum of 1 file in the manifest was not checked");
  fails ("b.ova", REASON_UNTRUSTED_IMAGE, "the SHA256 of disk 1.vmdk is");
  sh ("echo >> big/full.ovf && tar -C big -cf b.ova full.ovf full.mf "
      "'disk 1.vmdk' disk2.vmdk.gz");
  fails_as (&input_ova, in_top ("http://host", "b.ova"),
            REASON_UNTRUSTED_IMAGE, "the SHA1 of full.ovf is");
}

/* The package "in" with a manifest that the shell commands LINES write. */
static struct guest *
with_manifest (const char *lines)
{
  sh ("rm -rf m && cp -r in m && cd m && { %s; } > full.mf", lines);
  return read_source (&input_ova, in_top ("", "m"), true);
}

static void
manifest_works (const char *lines)
{
  struct guest *guest = with_manifest (lines);

  if (guest == NULL) {
    fprintf (stderr, "%s: %s\n", lines, err.message);
    abort ();
  }
  guest_free (guest);
}

/* A line of each kind is checked: it works, and for another disk it does not.
 */
static void
manifest_is_checked (const char *line)
{
  manifest_works (line);
  if (strstr (said, "lists") != NULL ||
      strstr (said, "not a checksum") != NULL) {
    fprintf (stderr, "%s: %s\n", line, said);
    abort ();
  }
  sh ("echo >> 'm/disk 1.vmdk'");
  fails ("m", REASON_UNTRUSTED_IMAGE, "but the manifest says");
}

#define SUM(n) "$(sha" n "sum < 'disk 1.vmdk' | cut -d' ' -f1)"

/* What writes manifests: ovftool, OpenSSL 1 and 3, sha256sum --tag, and people
 * on Windows.
 */
static void
test_manifest_forms (void)
{
  manifest_is_checked ("echo \"SHA1(disk 1.vmdk)= " SUM ("1") "\"");
  manifest_is_checked ("echo \"SHA2-256(disk 1.vmdk)= " SUM ("256") "\"");
  manifest_is_checked ("echo \"SHA-512(disk 1.vmdk)=" SUM ("512") "\"");
  manifest_is_checked ("echo \"sha384 (disk 1.vmdk) = " SUM ("384") "\"");
  manifest_is_checked ("printf '\\357\\273\\277'; echo \"SHA256(disk 1.vmdk)= "
                       SUM ("256") "\"");
  manifest_is_checked ("echo \"SHA1(./disk%201.vmdk)= " SUM ("1") "\"");
  manifest_is_checked ("echo \"SHA1(.\\\\DISK 1.vmdk)= " SUM ("1") "\"");
  manifest_is_checked ("printf \"SHA1(disk 1.vmdk)= " SUM ("1") "\"");
}

/* Lines that cannot be true, or are about files that are nowhere. */
static void
test_manifest_odd (void)
{
  manifest_works ("echo \"SHA1(full.mf)= $(sha1sum </dev/null | "
                  "cut -d' ' -f1)\"");
  has_said ("full.mf lists full.mf, whose checksum it cannot know");
  manifest_works ("touch full.cert; echo \"SHA1(full.cert)= "
                  "$(echo | sha1sum | cut -d' ' -f1)\"");
  manifest_works ("echo \"SHA1(/build/disk 1.vmdk)= $(echo | sha1sum | "
                  "cut -d' ' -f1)\"");
  has_said ("lists /build/disk 1.vmdk, which is not in the OVA");
  manifest_works ("echo \"SHA1(../../etc/passwd)= $(echo | sha1sum | "
                  "cut -d' ' -f1)\"");
  has_said ("lists ../../etc/passwd, which is not in the OVA");
  manifest_works ("echo \"SHA3-256(disk 1.vmdk)= " SUM ("256") "\"");
  has_said ("not a checksum of a known kind");
}

/* Sparse members have no bytes in one piece. */
static void
test_sparse (void)
{
  static const char *const formats[] = { "gnu", "pax" };

  for (size_t i = 0; i < ARRAY_LEN (formats); i++) {
    sh ("rm -rf sp && cp -r in sp && rm sp/full.mf && "
        "truncate -s 9M 'sp/disk 1.vmdk' && truncate -s 9M disk1 && "
        "tar -C sp --format=%s -S -cf s.ova full.ovf 'disk 1.vmdk' "
        "disk2.vmdk.gz && test $(stat -c %%s s.ova) -lt 2000000",
        formats[i]);
    check (works ("", "s.ova"), LOCATION_FILE);
    has_said ("Unpacking");
    sh ("cp 'in/disk 1.vmdk' disk1");
  }
}

/* In place of a missing file: numbered ones. */
static void
test_numbered (void)
{
  struct guest *guest;

  sh ("rm -rf n && cp -r in n && rm n/full.mf && mv 'n/disk 1.vmdk' "
      "'n/disk 1.vmdk.000000010' && touch 'n/disk 1.vmdk.000000009'");
  guest = works ("", "n");
  has_said ("'disk 1.vmdk.000000010' is used instead");
  check (guest, LOCATION_FILE);
  sh ("rm n/disk?1*");
  fails ("n", REASON_NOT_FOUND, "which is not in");
}

static void
cut (const char *dir, const char *size)
{
  sh ("rm -rf %s && cp -r in %s && rm %s/full.mf && cd %s && "
      "sed -i 's/ovf:size=\"68096\"/ovf:size=\"%s\" "
      "ovf:chunkSize=\"'$(($(stat -c %%s 'disk 1.vmdk') / 3 + 1))'\"/' "
      "full.ovf && split -a 9 -d -b $(($(stat -c %%s 'disk 1.vmdk') / 3 + 1)) "
      "'disk 1.vmdk' 'disk 1.vmdk.' && "
      "rm 'disk 1.vmdk'", dir, dir, dir, dir, size);
}

/* A file is compressed first and then cut. */
static void
test_gzip_chunks (void)
{
  sh ("rm -rf c && cp -r in c && rm c/full.mf && cd c && sed -i "
      "'s/href=\"disk 1.vmdk\"/& ovf:compression=\"gzip\" "
      "ovf:chunkSize=\"50000\"/' full.ovf && gzip 'disk 1.vmdk' && "
      "split -a 9 -d -b 50000 'disk 1.vmdk.gz' 'disk 1.vmdk.' && "
      "rm 'disk 1.vmdk.gz' && tar -cf ../c.ova .");
  check (works ("", "c"), LOCATION_FILE);
  check (works ("", "c/full.ovf"), LOCATION_FILE);
  check (works ("", "c.ova"), LOCATION_FILE);
}

/* Chunks are one disk, but they have to be files. */
static void
test_chunks (void)
{
  struct guest *guest;

  cut ("c", "1");
  guest = works ("", "c");
  assert (guest->disks.ptr[0].location.kind == LOCATION_PLUGIN);
  assert (strcmp (guest->disks.ptr[0].location.plugin, "split") == 0);
  assert (strcmp (guest->disks.ptr[0].format, "vmdk") == 0);
  assert (guest->disks.ptr[0].location.params.len == 3);
  guest_free (guest);
  guest = works ("", "c/full.ovf");
  assert (strcmp (guest->disks.ptr[0].location.params.ptr[2],
                  in_top ("file=", "c/disk 1.vmdk.000000002")) == 0);
  guest_free (guest);
  sh ("tar -czf c.ova -C c . && tar -cf plain.ova -C c .");
  for (unsigned i = 0; i < 3; i++) {
    guest = works (i == 2 ? "http://host" : "", i == 0 ? "c.ova"
                   : "plain.ova");
    has_said ("Unpacking");
    assert (guest->disks.ptr[0].location.params.len == 3);
    guest_free (guest);
  }

  sh ("rm c/*001");
  fails ("c", REASON_NOT_FOUND,
         "chunk number 1 of the 2 chunks of 'disk 1.vmdk' is missing");
  cut ("c", "99999999");
  fails ("c", REASON_NOT_FOUND, "bytes, not 99999999");
  cut ("c", "1");
  sh ("truncate -s -1 c/*000");
  fails ("c", REASON_UNSUPPORTED, "but the OVF says that chunks have");
  cut ("c", "1");
  sh ("truncate -s +9 c/*002");
  fails ("c", REASON_UNSUPPORTED, "chunk number 2 of 'disk 1.vmdk' has");
  cut ("c", "1\" ovf:compression=\"gzip");
  fails ("c", REASON_UNTRUSTED_IMAGE, "it is not compressed");
  test_gzip_chunks ();
}

/* XenCenter's other compression. */
static void
test_bzip2 (void)
{
  sh ("rm -rf e && cp -r in e && rm e/full.mf && bzip2 'e/disk 1.vmdk' && "
      "sed -i 's/\"disk 1.vmdk\"/\"disk 1.vmdk.bz2\" "
      "ovf:compression=\"BZip2\"/' e/full.ovf && tar -cf e.ova -C e .");
  check (works ("", "e"), LOCATION_FILE);
  check (works ("", "e.ova"), LOCATION_FILE);
}

static void
test_escaped_name (void)
{
  sh ("rm -rf e && cp -r in e && rm e/full.mf && "
      "sed -i 's/disk 1.vmdk/disk%%201.vmdk/' e/full.ovf && "
      "tar -czf e.ova -C e .");
  check (works ("", "e"), LOCATION_FILE);
  check (works ("", "e.ova"), LOCATION_FILE);
}

/* As Windows writes names, and finds them. */
static void
test_foreign_name (void)
{
  sh ("rm -rf e && cp -r in e && rm e/full.mf && mkdir e/sub && "
      "mv 'e/disk 1.vmdk' 'e/sub/Disk 1.VMDK' && "
      "sed -i 's/disk 1.vmdk/sub\\\\disk%%201.vmdk/' e/full.ovf && "
      "tar -czf e.ova -C e .");
  check (works ("", "e"), LOCATION_FILE);
  has_said ("'sub/Disk 1.VMDK' is used instead");
  check (works ("", "e.ova"), LOCATION_FILE);
  sh ("touch 'e/sub/DISK 1.vmdk'");
  fails ("e", REASON_NOT_FOUND, "which is not in");
}

/* The package in every form, with OPTION, is read. */
static void
chosen (const char *wanted)
{
  static const char *const forms[] = { "s", "s.tar", "s.tgz", "s.zip" };

  option = wanted;
  for (size_t i = 0; i < ARRAY_LEN (forms); i++)
    check (works ("", forms[i]), LOCATION_FILE);
  option = NULL;
}

static void
not_chosen (const char *wanted, enum reason reason, const char *part)
{
  static const char *const forms[] = { "s", "s.tar", "s.tgz", "s.zip" };

  option = wanted;
  for (size_t i = 0; i < ARRAY_LEN (forms); i++)
    fails (forms[i], reason, part);
  option = NULL;
}

static void
pack_s (void)
{
  sh ("tar -cf s.tar -C s . && gzip -c s.tar > s.tgz && rm -f s.zip && "
      "cd s && zip -q -r ../s.zip .");
}

/* Several .ovf files for the same disks; each has its own manifest. */
static void
test_several_ovf (void)
{
  sh ("rm -rf s && cp -r in s && cd s && sed 's/mail server/b/' full.ovf > "
      "'a b.ovf' && echo 'SHA1(a b.ovf)= '$(echo | sha1sum | cut -c1-40) "
      "> 'a b.mf'");
  pack_s ();
  chosen ("ovf=full.ovf");
  chosen ("ovf=full");
  chosen ("ovf=./full.ovf");
  not_chosen (NULL, REASON_UNSUPPORTED, "holds 2 .ovf files, not one: '");
  /* A zip file has an index: nothing is unpacked in vain. */
  sh ("rm -rf scratch/*");
  fails ("s.zip", REASON_UNSUPPORTED, "holds 2 .ovf files");
  sh ("test -z \"$(find scratch -type f)\"");
  not_chosen ("ovf=none", REASON_NOT_FOUND,
              "holds no .ovf file 'none'; it has: '");
  not_chosen ("ovf=a b", REASON_UNTRUSTED_IMAGE, "the SHA1 of a b.ovf is");
  /* The same name in a folder. */
  sh ("mkdir s/sub && cp 's/a b.ovf' s/sub/full.ovf");
  pack_s ();
  not_chosen ("ovf=full.ovf", REASON_UNSUPPORTED,
              "holds 2 .ovf files that are called 'full.ovf'");
  not_chosen ("ovf=sub/full.ovf", REASON_NOT_FOUND, "which is not in");
  chosen ("ovf=./full.ovf");
}

/* SOURCE is the .ovf: what else is beside it does not matter. */
static void
test_named_ovf (void)
{
  struct guest *guest;

  sh ("rm -rf s && cp -r in s && cp s/full.ovf s/other.ovf && mkdir s/d && "
      "touch s/d/big && cd s && echo 'SHA1(full.ovf)= '$(echo | sha1sum | "
      "cut -c1-40) > other.mf && seq 1 5000 | sed 's/^/f/' | xargs touch");
  check (works ("", "s/full.ovf"), LOCATION_FILE);
  has_said ("gone.iso, which is not in the OVA");
  option = "ovf=full.ovf";
  check (works ("", "s/full.ovf"), LOCATION_FILE);
  option = "ovf=other.ovf";
  fails ("s/full.ovf", REASON_USAGE, "another .ovf file than SOURCE");
  option = NULL;
  fails ("s", REASON_UNSUPPORTED, "has more than 4096 files");
  /* From anywhere, under any name. */
  sh ("ln -sf s/full.ovf link && cp s/full.ovf s/description");
  check (works ("", "link"), LOCATION_FILE);
  check (works ("", "s/description"), LOCATION_FILE);
  /* Folders that the description or the manifest names. */
  sh ("mv 's/disk 1.vmdk' s/d && sed -i 's,disk 1.vmdk,d/&,' s/full.ovf && "
      "echo 'SHA1(d/big)= '$(sha1sum < /dev/null | cut -c1-40) > s/full.mf");
  guest = works ("", "s/full.ovf");
  assert (strstr (guest->disks.ptr[0].location.path, "/s/d/disk 1.vmdk"));
  /* A disk that was decompressed is known by its own file. */
  assert (strstr (guest->disks.ptr[1].location.origin.path,
                  "/s/disk2.vmdk.gz"));
  assert (strstr (said, "which is not in") == NULL);
  guest_free (guest);
  sh ("mv s/d s/e && ln -s e s/d");
  guest_free (works ("", "s/full.ovf"));
  sh ("mv s/e e-outside && rm s/d && ln -s ../e-outside s/d");
  fails ("s/full.ovf", REASON_NOT_FOUND, "which is not in");
  sh ("rm -rf e-outside");
  fails_as (&input_ova, in_top ("http://host", "s/full.ovf"),
            REASON_UNSUPPORTED, "only from a local directory");
}

/* A reference may go up, but not out of the package. */
static void
test_other_folder (void)
{
  sh ("rm -rf u && mkdir -p u/ovf u/disks && "
      "cp in/full.ovf in/disk2* u/ovf && cp in/disk?1* u/disks && "
      "sed -i 's,disk 1.vmdk,../no/../disks/./disk 1.vmdk,' u/ovf/full.ovf && "
      "tar -cf u.tar -C u . && gzip -c u.tar > u.tgz");
  check (works ("", "u"), LOCATION_FILE);
  check (works ("", "u.tar"), LOCATION_FILE);
  check (works ("", "u.tgz"), LOCATION_FILE);
  assert (read_source (&input_ova, in_top ("", "u/ovf/full.ovf"),
                       true) == NULL);
  assert (err.reason == REASON_UNTRUSTED_IMAGE);
  assert (strstr (err.hint, "directory of the whole package") != NULL);
  error_reset (&err);
  sh ("sed -i 's,[.][.]/no/,../../no/,' u/ovf/full.ovf");
  fails ("u", REASON_UNTRUSTED_IMAGE, "points outside the package");
}

/* What holds an OVA is not one. */
static void
test_ova_inside (void)
{
  static const char *const sources[] = { "w", "w.tar", "w.tgz", "w.zip" };

  sh ("rm -rf w w.* && mkdir w && cp a.ova in/full.mf w && tar -cf w.tar w && "
      "gzip -c w.tar > w.tgz && zip -q -r w.zip w");
  for (size_t i = 0; i < ARRAY_LEN (sources); i++) {
    assert (read_source (&input_ova, in_top ("", sources[i]), true) == NULL);
    assert (strstr (err.message, "no .ovf file") != NULL);
    assert (strstr (err.hint, "it holds the OVA '") != NULL);
    error_reset (&err);
  }
}

static void
test_not_an_ova (void)
{
  sh ("head -c 4000 /dev/urandom > x.ova; : > empty.ova");
  fails ("x.ova", REASON_UNSUPPORTED, "is not an OVA");
  fails ("empty.ova", REASON_UNSUPPORTED, "is not an OVA");
  fails ("none.ova", REASON_NOT_FOUND, "none.ova");
  sh ("tar -cf x.ova disk2 && gzip -c x.ova > y.ova");
  fails ("x.ova", REASON_UNSUPPORTED, "no .ovf file");
  fails ("y.ova", REASON_UNSUPPORTED, "no .ovf file");
  sh ("cp in/full.ovf in/two.ovf && tar -C in -cf x.ova . && "
      "gzip -c x.ova > y.ova && rm in/two.ovf");
  fails ("x.ova", REASON_UNSUPPORTED, "holds 2 .ovf files, not one: '");
  fails ("y.ova", REASON_UNSUPPORTED, "holds 2 .ovf files, not one: '");
  sh ("head -c 100000 a.ova > x.ova && gzip -c a.ova | head -c 100000 "
      "> y.ova");
  fails ("x.ova", REASON_READ, "but the member at byte");
  fails ("y.ova", REASON_READ, "cannot unpack");
}

/* Plain and compressed: each has a reader of its own. */
static void
fails_both (enum reason reason, const char *part)
{
  fails ("h.tar", reason, part);
  sh ("gzip -c h.tar > h.ova");
  fails ("h.ova", reason, part);
  sh ("test ! -e evil");
}

static void
test_hostile (void)
{
  sh ("tar -C in -P --transform 's,disk2.vmdk.gz,../../evil,' -cf h.tar "
      "full.ovf disk2.vmdk.gz");
  fails_both (REASON_UNTRUSTED_IMAGE, "points outside the package");
  sh ("tar -C in -P --transform 's,disk2.vmdk.gz,/tmp/evil,' -cf h.tar "
      "full.ovf disk2.vmdk.gz");
  fails_both (REASON_UNTRUSTED_IMAGE, "points outside the package");
  sh ("rm -rf l && mkdir l && cp in/full.ovf l && "
      "ln -s /etc/passwd 'l/disk 1.vmdk' && tar -C l -cf h.tar full.ovf "
      "'disk 1.vmdk'");
  fails_both (REASON_UNTRUSTED_IMAGE, "a link");
  sh ("rm l/d* && mkfifo 'l/disk 1.vmdk' && tar -C l -cf h.tar full.ovf "
      "'disk 1.vmdk'");
  fails_both (REASON_UNTRUSTED_IMAGE, "a device");
  fails ("l", REASON_NOT_FOUND, "which is not in");
  sh ("tar -C in -cf h.tar full.ovf disk2.vmdk.gz && "
      "tar -C in -rf h.tar ./disk2.vmdk.gz");
  fails_both (REASON_UNTRUSTED_IMAGE, "twice");
  sh ("rm l/d* && sed 's,disk 1.vmdk,../../etc/passwd,' in/full.ovf "
      "> l/full.ovf && tar -C l -cf h.tar .");
  fails_both (REASON_UNTRUSTED_IMAGE, "points outside the package");
}

/* More than the disk can have: 1 GB of zeroes in a disk of 1 MiB. */
static void
test_bomb (void)
{
  sh ("rm -rf bomb && cp -r in bomb && rm bomb/full.mf && "
      "head -c 1000000000 /dev/zero | gzip > bomb/disk2.vmdk.gz && "
      "tar -C bomb -cf b.ova . && rm -rf scratch/*");
  fails ("b.ova", REASON_UNTRUSTED_IMAGE, "unpacks to more than");
  sh ("test -z \"$(find scratch -type f -size +1000k)\"");
}

/* What the OVF calls a VMDK may be an image of another format. */
static void
test_formats (void)
{
  static const char *const formats[] = { "vdi", "vhdx", "vpc", "qcow2" };

  for (size_t i = 0; i < ARRAY_LEN (formats); i++) {
    struct guest *guest;

    sh ("rm -rf i && cp -r in i && rm i/full.mf && "
        "qemu-img create -q -f %s 'i/disk 1.vmdk' 1M", formats[i]);
    guest = works ("", "i");
    assert (strcmp (guest->disks.ptr[0].format, formats[i]) == 0);
    guest_free (guest);
  }
}

/* Images that would make qemu open other files. */
static void
test_images (void)
{
  sh ("rm -rf i && cp -r in i && rm i/full.mf && "
      "qemu-img create -q -f qcow2 -b /etc/passwd -F raw 'i/x' 1M && "
      "mv i/x 'i/disk 1.vmdk'");
  fails ("i", REASON_UNTRUSTED_IMAGE, "names another file");
  sh ("qemu-img create -q -f qcow2 -o data_file=i/y 'i/x' 1M && "
      "mv i/x 'i/disk 1.vmdk'");
  fails ("i", REASON_UNTRUSTED_IMAGE, "names another file");
  sh ("rm i/d*1*; qemu-img create -q -f vmdk -o subformat=monolithicFlat "
      "'i/disk 1.vmdk' 1M");
  fails ("i", REASON_UNTRUSTED_IMAGE, "is a VMDK descriptor");
  sh ("qemu-img create -q -f vmdk 'i/p.vmdk' 1M && qemu-img create -q "
      "-f vmdk -b p.vmdk -F vmdk 'i/disk 1.vmdk'");
  fails ("i", REASON_SNAPSHOT, "belongs to a snapshot");
  sh ("cp i/p.vmdk 'i/disk 1.vmdk' && printf '\\0\\0\\0\\0\\0\\0\\0\\0' | "
      "dd of='i/disk 1.vmdk' bs=1 seek=12 conv=notrunc 2>/dev/null");
  fails ("i", REASON_UNTRUSTED_IMAGE, "does not give a capacity");
  sh ("cp disk2 'i/disk 1.vmdk' && truncate -s 10M 'i/disk 1.vmdk'");
  guest_free (works ("", "i"));
  has_said ("is not a VMDK, although the OVF says so");
}

static void
test_vmx_local (void)
{
  struct guest *guest;

  sh ("rm -rf v && mkdir v && printf 'displayName = \"v\"\\n"
      "scsi0:0.fileName = \"flat disk.vmdk\"\\n"
      "scsi0:1.fileName = \"sparse.vmdk\"\\n"
      "scsi0:2.fileName = \"gone.vmdk\"\\n' > v/v.vmx && "
      "qemu-img create -q -f vmdk -o subformat=monolithicFlat "
      "'v/flat disk.vmdk' 1M && qemu-img create -q -f vmdk v/sparse.vmdk "
      "1M");
  guest = read_source (&input_vmx, in_top ("", "v/v.vmx"), true);
  assert (guest != NULL && guest->disks.len == 3);
  assert (strstr (guest->disks.ptr[0].location.path, "flat disk-flat.vmdk"));
  assert (strcmp (guest->disks.ptr[0].format, "raw") == 0);
  assert (guest->disks.ptr[0].location.part.length == 1 << 20);
  assert (strcmp (guest->disks.ptr[1].format, "vmdk") == 0);
  assert (strcmp (guest->disks.ptr[2].format, "vmdk") == 0);
  guest_free (guest);

  sh ("rm v/*disk* && qemu-img create -q -f vmdk -o "
      "subformat=twoGbMaxExtentSparse 'v/flat disk.vmdk' 3G");
  guest = read_source (&input_vmx, in_top ("", "v/v.vmx"), true);
  assert (guest != NULL);
  assert (guest->disks.ptr[0].location.kind == LOCATION_VMDK);
  assert (guest->disks.ptr[0].location.files.len == 2);
  guest_free (guest);
  sh ("rm v/*disk* && qemu-img create -q -f vmdk -b sparse.vmdk -F vmdk "
      "'v/flat disk.vmdk'");
  fails_as (&input_vmx, in_top ("", "v/v.vmx"), REASON_SNAPSHOT,
            "belongs to a snapshot");
  sh ("echo text > 'v/flat disk.vmdk'");
  fails_as (&input_vmx, in_top ("", "v/v.vmx"), REASON_UNSUPPORTED,
            "is not a VMDK");
}

static void
test_vmx_ssh (void)
{
  struct guest *guest;

  sh ("rm -rf v && mkdir 'v' && printf 'scsi0:0.fileName = \"a b.vmdk\"\\n"
      "scsi0:1.fileName = \"/vmfs/volumes/ds/x/y.vmdk\"\\n' "
      "> 'v/my vm.vmx'");
  guest = read_source (&input_vmx, in_top ("ssh://root@host:2222",
                                           "v/my%20vm.vmx"), true);
  assert (guest != NULL && guest->disks.len == 2);
  assert (strcmp (guest->name, "my vm") == 0);
  assert (guest->disks.ptr[0].location.kind == LOCATION_SSH);
  assert (strcmp (guest->disks.ptr[0].location.host, "host") == 0);
  assert (strcmp (guest->disks.ptr[0].location.user, "root") == 0);
  assert (guest->disks.ptr[0].location.port == 2222);
  assert (strstr (guest->disks.ptr[0].location.path, "/v/a b-flat.vmdk"));
  assert (strcmp (guest->disks.ptr[1].location.path,
                  "/vmfs/volumes/ds/x/y-flat.vmdk") == 0);
  assert (strcmp (guest->disks.ptr[0].format, "raw") == 0);
  guest_free (guest);

  sh ("sed -i 's/a b.vmdk/a b-000001.vmdk/' 'v/my vm.vmx'");
  fails_as (&input_vmx, in_top ("ssh://host", "v/my%20vm.vmx"),
            REASON_SNAPSHOT, "a b-000001.vmdk");
  sh ("touch 'v/a b-000001-flat.vmdk'");
  guest = read_source (&input_vmx, in_top ("ssh://host", "v/my%20vm.vmx"),
                       true);
  assert (guest != NULL);
  guest_free (guest);
}

int
main (void)
{
  struct tempdir *dir;

  if (system ("for c in tar gzip xz bzip2 zip qemu-img; do "
              "command -v $c >/dev/null || exit 1; done") != 0) {
    fputs ("skipped: needs tar gzip xz bzip2 zip qemu-img\n", stderr);
    return 77;
  }
  dir = tempdir_new ("/var/tmp", NULL, &err);
  assert (dir != NULL);
  snprintf (top, sizeof top, "%s", tempdir_path (dir));
  make_files ();
  test_in_place ();
  test_packed ();
  test_no_scratch ();
  test_directory ();
  test_folder ();
  test_remote ();
  test_remote_manifest ();
  test_empty_member ();
  test_sparse ();
  test_numbered ();
  test_chunks ();
  test_bzip2 ();
  test_escaped_name ();
  test_foreign_name ();
  test_manifest_forms ();
  test_manifest_odd ();
  test_other_folder ();
  test_ova_inside ();
  test_several_ovf ();
  test_named_ovf ();
  test_not_an_ova ();
  test_hostile ();
  test_bomb ();
  test_formats ();
  test_images ();
  test_vmx_local ();
  test_vmx_ssh ();
  tempdir_free (dir);
  return 0;
}
