/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What can name other files is read once when an image is examined, judged as
 * it was read then, and stored as an image that qemu takes.
 */

#include <config.h>

#undef NDEBUG
#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "image/image.h"
#include "io/reader.h"
#include "io/tempdir.h"

#define FILE_SIZE (3 << 20)

/* A file that becomes another one at its Nth read. */
struct changing {
  struct reader base;
  unsigned char *before, *after;
  unsigned reads, changes_at;
};

static int
changing_pread (struct reader *base, void *buf, size_t len, uint64_t offset,
                struct error *err)
{
  struct changing *file = (struct changing *) base;

  (void) err;
  memcpy (buf, (file->reads++ < file->changes_at ? file->before : file->after)
          + offset, len);
  return 0;
}

static void
changing_free (struct reader *base)
{
  (void) base;
}

static unsigned char *
read_file (const char *dir, const char *name)
{
  unsigned char *ret = calloc (1, FILE_SIZE);
  char path[PATH_MAX];
  FILE *fp;

  snprintf (path, sizeof path, "%s/%s", dir, name);
  fp = fopen (path, "r");
  assert (fp != NULL && ret != NULL);
  assert (fread (ret, 1, FILE_SIZE, fp) > 0);
  fclose (fp);
  return ret;
}

static void
run (const char *dir, const char *command)
{
  char line[2 * PATH_MAX];

  snprintf (line, sizeof line, "cd %s && %s", dir, command);
  if (system (line) == 0)
    return;
  fprintf (stderr, "failed: %s\n", command);
  abort ();
}

/* The name of the other file, "data", is what the kept bytes have. */
static void
check_name (const struct image *image, const char *option)
{
  const struct image_file *file = image_find_file (image, option);
  const struct image_part *part = image->head.ptr;
  const bool kept = memmem (part->bytes, part->len, "data", 4) != NULL;

  if (file != NULL)
    assert (kept == (file->name != NULL && strcmp (file->name, "data") == 0));
}

/* However late the file changes: what was kept is of one of the two, and what
 * is decided goes by that.
 */
static void
test_changes_to (const char *dir, const char *format, const char *option,
                 const char *before, const char *after)
{
  struct changing file = {
    .base = {
      .size = FILE_SIZE, .pread = changing_pread, .free = changing_free,
    },
    .before = read_file (dir, before), .after = read_file (dir, after),
  };

  for (unsigned n = 0; n < 8; n++) {
    struct image image;
    struct error err = ERROR_INIT;

    file.reads = 0;
    file.changes_at = n;
    /* A header that does not fit what is behind it may be an error. */
    if (image_examine (&file.base, "x", NULL, &image, &err) == 0) {
      const struct image_part *part = image.head.ptr;
      const bool named = image_find_file (&image, option) != NULL;
      const bool is_before = named == (strcmp (before, "names") == 0);

      assert (strcmp (image_format_name (&image), format) == 0);
      assert (image.head.len > 0 && part->offset == 0);
      /* The header's first 512 bytes tell the two apart. */
      assert (memcmp (part->bytes, is_before ? file.before : file.after,
                      512) == 0);
      check_name (&image, option);
    }
    image_reset (&image);
    error_reset (&err);
  }
  free (file.before);
  free (file.after);
}

static void
test_changes (const char *dir, const char *format, const char *option)
{
  test_changes_to (dir, format, option, "clean", "names");
  test_changes_to (dir, format, option, "names", "clean");
}

/* Over zeroes the stored file gives what was kept, and zeroes. */
static void
test_store (const char *dir, uint64_t size, const uint64_t *offsets,
            size_t n)
{
  struct image image = { .format = NULL, .file_size = size };
  struct error err = ERROR_INIT;
  char path[PATH_MAX], line[4 * PATH_MAX];

  snprintf (path, sizeof path, "%s/expected", dir);
  run (dir, "rm -f expected");
  for (size_t i = 0; i < n; i++) {
    const uint64_t left = size - offsets[i];
    struct image_part part = {
      .offset = offsets[i],
      .len = left < 2 * IMAGE_HEAD_BLOCK ? left : 2 * IMAGE_HEAD_BLOCK,
    };
    FILE *fp = fopen (path, i == 0 ? "w" : "r+");

    part.bytes = malloc (part.len);
    assert (part.bytes != NULL && fp != NULL);
    memset (part.bytes, 'a' + (int) i, part.len);
    assert (image_head_append (&image.head, part) == 0);
    assert (fseeko (fp, (off_t) part.offset, SEEK_SET) == 0);
    assert (fwrite (part.bytes, 1, part.len, fp) == part.len);
    assert (fclose (fp) == 0);
  }
  snprintf (path, sizeof path, "%s/head.qcow2", dir);
  if (image_head_store (&image, path, NULL, &err) == -1) {
    fprintf (stderr, "%s\n", err.message);
    abort ();
  }
  snprintf (line, sizeof line, "truncate -s %ju expected && truncate -s "
            "%%512 expected && qemu-img check -q head.qcow2 && "
            "qemu-img compare -f raw -F qcow2 -q expected head.qcow2",
            (uintmax_t) size);
  run (dir, line);
  image_reset (&image);
}

/* One that names what it is laid over. */
static void
test_backing (const char *dir)
{
  struct image image = { .format = NULL, .file_size = 1 << 20 };
  struct image_part part = { .len = IMAGE_HEAD_BLOCK };
  struct error err = ERROR_INIT;
  char path[PATH_MAX];

  snprintf (path, sizeof path, "%s/head.qcow2", dir);
  part.bytes = calloc (1, part.len);
  assert (part.bytes != NULL);
  assert (image_head_append (&image.head, part) == 0);
  /* That would be probed as something else. */
  run (dir, "{ printf 'QFI\\373'; yes | head -c 1048572; } >below && "
       "cp below expected && "
       "dd if=/dev/zero of=expected bs=64K count=1 conv=notrunc status=none");
  assert (image_head_store (&image, path, "below", &err) == 0);
  run (dir, "qemu-img check -q head.qcow2 && "
       "qemu-img compare -f raw -F qcow2 -q expected head.qcow2");
  image_reset (&image);
}

int
main (void)
{
  struct error err = ERROR_INIT;
  struct tempdir *dir;
  const char *path;
  const uint64_t start[] = { 0 };
  const uint64_t ends[] = { 0, (uint64_t) 20 << 30 };
  /* On both sides of what one table of level 2 is for, and back. */
  const uint64_t tables[] = { 0, (512 << 20) - IMAGE_HEAD_BLOCK,
                              (uint64_t) 5 << 30, 1 << 20 };

  if (system ("qemu-img --version >/dev/null 2>&1") != 0) {
    fprintf (stderr, "qemu-img is not installed\n");
    exit (77);
  }
  dir = tempdir_new ("/var/tmp", NULL, &err);
  assert (dir != NULL);
  path = tempdir_path (dir);
  run (path, "qemu-img create -q -f raw data 1M && "
       "qemu-img create -q -f qcow2 clean 1M && "
       "qemu-img create -q -f qcow2 -o data_file=data names 1M");
  test_changes (path, "qcow2", "data-file");
  run (path, "rm clean names && "
       "qemu-img create -q -f qcow2 clean 1M && "
       "qemu-img create -q -f qcow2 -b data -F raw names 1M");
  test_changes (path, "qcow2", "backing");
  run (path, "rm clean names && "
       "qemu-img create -q -f qcow clean 1M && "
       "qemu-img create -q -f qcow -b data -F raw names 1M");
  test_changes (path, "qcow", "backing");
  run (path, "rm clean names && "
       "qemu-img create -q -f qed clean 1M && "
       "qemu-img create -q -f qed -b data -F raw names 1M");
  test_changes (path, "qed", "backing");

  test_store (path, 512, start, 1);
  test_store (path, 70000, start, 1);
  test_store (path, ((uint64_t) 20 << 30) + 1000, ends, 2);
  test_store (path, (uint64_t) 6 << 30, tables, 4);
  test_backing (path);
  tempdir_free (dir);
  return EXIT_SUCCESS;
}
