/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Where the members of plain tar files are: compared with what Python's
 * tarfile says of files that GNU tar makes in all its formats, and how much
 * of the file is read for that.
 */

#include <config.h>

#undef NDEBUG
#include <assert.h>
#include <inttypes.h>
#include <limits.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "input/ova/package.h"
#include "io/reader.h"
#include "io/tempdir.h"

static struct error err = ERROR_INIT;
static char top[PATH_MAX];

/* A file that counts what is read of it. */
struct counting {
  struct reader base;
  struct reader *file;
  uint64_t bytes, reads, largest;
};

static int
counting_pread (struct reader *base, void *buf, size_t len, uint64_t offset,
                struct error *e)
{
  struct counting *c = (struct counting *) base;

  c->bytes += len;
  c->reads++;
  if (len > c->largest)
    c->largest = len;
  return reader_pread (c->file, buf, len, offset, e);
}

static void
counting_free (struct reader *base)
{
  reader_free (((struct counting *) base)->file);
}

static void __attribute__ ((format (printf, 1, 2)))
sh (const char *fmt, ...)
{
  char command[4096];
  const int n = snprintf (command, sizeof command, "cd '%s' && ", top);
  va_list args;

  va_start (args, fmt);
  vsnprintf (command + n, sizeof command - (size_t) n, fmt, args);
  va_end (args);
  if (system (command) != 0) {
    fprintf (stderr, "failed: %s\n", command);
    abort ();
  }
}

/* List t.tar as "offset size name" lines in the file "ours". */
static bool
list (struct counting *c)
{
  char path[PATH_MAX + 16];
  CLEANUP_PACKAGE struct package package = { .source = "t.tar" };
  CLEANUP_FCLOSE FILE *fp = NULL;
  bool in_pieces;

  snprintf (path, sizeof path, "%s/t.tar", top);
  *c = (struct counting) { .file = reader_file_new (path, &err) };
  assert (c->file != NULL);
  c->base = (struct reader) {
    .size = c->file->size, .pread = counting_pread, .free = counting_free,
  };
  package.reader = &c->base;
  if (package_list_tar (&package, &in_pieces, &err) == -1) {
    fprintf (stderr, "%s\n", err.message);
    abort ();
  }
  snprintf (path, sizeof path, "%s/ours", top);
  fp = fopen (path, "w");
  assert (fp != NULL);
  for (size_t i = 0; i < package.members.len; i++) {
    const struct package_member *m = &package.members.ptr[i];

    assert (m->place == MEMBER_IN_PLACE);
    fprintf (fp, "%" PRIu64 " %" PRIu64 " %s\n", m->offset, m->size,
             m->name);
  }
  return in_pieces;
}

static void
compare (void)
{
  sh ("python3 -c '\n"
      "import os, sys, tarfile\n"
      "for m in tarfile.open (\"t.tar\", encoding=\"utf-8\"):\n"
      "  if m.isreg ():\n"
      "    name = m.name.removeprefix (\"./\")\n"
      "    line = f\"{m.offset_data} {m.size} {name}\"\n"
      "    os.write (1, line.encode (\"utf-8\") + bytes ([10]))\n"
      "' > theirs && diff theirs ours");
}

/* A decomposed letter, which libarchive would compose; a name too long for
 * its field, with a directory; an empty file; one that ends with a block.
 */
static void
make_files (void)
{
  sh ("mkdir -p in/sub && cd in && head -c 1000 /dev/urandom > vm.ovf && "
      "head -c 300000 /dev/urandom > disk1.vmdk && "
      "head -c 51200 /dev/urandom > sub/disk2.vmdk && : > empty && "
      "echo 1 > \"$(printf 'cafe\\314\\201.vmdk')\" && "
      "echo 2 > \"$(printf 'caf\\303\\251.vmdk')\"");
  sh ("d=in/sub/$(printf '%%060d' 0) && mkdir $d && "
      "echo 3 > $d/$(printf '%%080d' 0)");
}

static void
test_formats (void)
{
  static const char *const formats[] = {
    "v7", "oldgnu", "gnu", "ustar", "pax",
  };

  for (size_t i = 0; i < ARRAY_LEN (formats); i++) {
    const bool short_names = strcmp (formats[i], "v7") == 0;
    struct counting c;

    sh ("tar -C in -cf t.tar --format=%s %s", formats[i],
        short_names ? "--exclude=sub ." : ".");
    assert (!list (&c));
    compare ();
    sh ("test $(wc -l < ours) = %d", short_names ? 5 : 7);
  }
}

/* Without what pads the last member, and without the archive's end. */
static void
test_no_padding (void)
{
  struct counting c;

  sh ("tar -C in --format=gnu -cf t.tar vm.ovf disk1.vmdk");
  assert (!list (&c));
  compare ();
  sh ("test $(wc -l < ours) = 2 && "
      "truncate -s $((512 + 1024 + 512 + 300000)) t.tar");
  assert (!list (&c));
  sh ("diff theirs ours");
}

/* A size that has no room in octal digits, and what follows. */
static void
test_large (void)
{
  static const char *const formats[] = { "GNU", "PAX" };

  for (size_t i = 0; i < ARRAY_LEN (formats); i++) {
    struct counting c;

    sh ("rm t.tar && python3 -c '\n"
        "import tarfile\n"
        "tar = open (\"t.tar\", \"wb\")\n"
        "for name, size in (\"large\", 9 << 30), (\"after\", 3):\n"
        "  info = tarfile.TarInfo (name)\n"
        "  info.size = size\n"
        "  tar.write (info.tobuf (tarfile.%s_FORMAT))\n"
        "  tar.truncate (tar.seek (size + -size %% 512, 1))\n"
        "tar.write (bytes (1024))\n"
        "'", formats[i]);
    assert (!list (&c));
    assert (c.bytes < 8192);
    compare ();
    sh ("test $(wc -l < ours) = 2");
  }
}

static void
test_sparse (void)
{
  static const char *const formats[] = {
    "oldgnu", "gnu", "pax", "pax --sparse-version=0.0",
    "pax --sparse-version=0.1",
  };

  sh ("truncate -s 9M in/sparse && "
      "echo 1 | dd of=in/sparse bs=1M seek=4 conv=notrunc 2>/dev/null");
  for (size_t i = 0; i < ARRAY_LEN (formats); i++) {
    struct counting c;

    sh ("tar -C in -S -cf t.tar --format=%s vm.ovf sparse disk1.vmdk",
        formats[i]);
    assert (list (&c));
  }
  sh ("rm in/sparse");
}

/* A header for each member, and the block after the last: nothing of the
 * disks, and no more at once than a block.
 */
static void
test_reads (void)
{
  static const struct {
    const char *format;
    uint64_t bytes;
  } formats[] = {
    { "ustar", 512 * (4 + 2) },
    { "gnu", 512 * (4 + 2) },
    { "pax", 512 * (4 * 3 + 2) },
  };

  sh ("mkdir three && cd three && echo ovf > vm.ovf && "
      "for i in 1 2 3; do truncate -s 40M disk$i.vmdk; done");
  for (size_t i = 0; i < ARRAY_LEN (formats); i++) {
    struct counting c;

    sh ("tar -C three --format=%s -cf t.tar vm.ovf disk1.vmdk disk2.vmdk "
        "disk3.vmdk", formats[i].format);
    assert (!list (&c));
    compare ();
    if (c.bytes != formats[i].bytes || c.largest != 512) {
      fprintf (stderr, "%s: %" PRIu64 " bytes in %" PRIu64 " reads\n",
               formats[i].format, c.bytes, c.reads);
      abort ();
    }
  }
}

int
main (void)
{
  struct tempdir *dir;

  if (system ("tar --version | grep -q GNU && "
              "python3 -c 'import tarfile'") != 0) {
    fputs ("skipped: needs GNU tar and Python\n", stderr);
    return 77;
  }
  setlocale (LC_ALL, "C.UTF-8"); /* in which libarchive composes names */
  dir = tempdir_new ("/var/tmp", NULL, &err);
  assert (dir != NULL);
  snprintf (top, sizeof top, "%s", tempdir_path (dir));
  make_files ();
  test_formats ();
  test_no_padding ();
  test_large ();
  test_sparse ();
  test_reads ();
  tempdir_free (dir);
  return 0;
}
