/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What is written to a journal, at once or bit by bit, is read from it, even if
 * its directory cannot be synced; what is damaged is not, and a last line that
 * was being written when the host stopped changes nothing.
 */

#include <config.h>

#undef NDEBUG
#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/file.h"
#include "copy/copy.h"
#include "copy/disk.h"
#include "transfer/facts.h"
#include "transfer/journal.h"

static const char path[] = "unit-journal.tmp";
static const struct file_at at = {
  .dir_fd = AT_FDCWD, .name = path, .path = path,
};

/* What directories answer: some file systems say EINVAL. */
static int directory_errno = EINVAL;

/* Takes the place of the C library's fsync. */
int
fsync (int fd)
{
  struct stat st;

  if (fstat (fd, &st) == 0 && S_ISDIR (st.st_mode)) {
    errno = directory_errno;
    return -1;
  }
  return (int) syscall (SYS_fsync, fd);
}

static void
set_disk (struct journal_disk *disk, uint64_t size)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  struct blkhash *hash = blkhash_new (size, BLKHASH_XXH3, false, &err);

  assert (hash != NULL);
  assert (journal_set_size (disk, size, hash, &err) == 0);
}

static void
store (struct journal_disk *disk, size_t i)
{
  struct blkhash_chunk chunk = { .block = i == 1 ? 1023 : 0 };
  struct range range = { i * COPY_CHUNK, COPY_CHUNK };

  memset (chunk.digest, (int) (i + 1), 16);
  memset (chunk.sample, 0xa5, sizeof chunk.sample);
  blkhash_set_chunk (disk->hash, i, &chunk);
  if (range.offset + range.len > disk->size)
    range.len = disk->size - range.offset;
  journal_mark (disk, &range);
  assert (disk->chunks[i].stored);
}

/* Six chunks; the last one has one byte. */
static void
fill (struct journal *journal)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  struct journal_disk *disk;

  assert (journal_set_disks (journal, 2, &err) == 0);
  disk = &journal->disks[0];
  set_disk (disk, 5 * COPY_CHUNK + 1);
  set_disk (&journal->disks[1], 0);
  assert (disk->n == 6);
  store (disk, 0);
  store (disk, 1);
  blkhash_set_chunk (disk->hash, 3, blkhash_zero_chunk (disk->hash));
  journal_mark (disk, &(struct range) { 3 * COPY_CHUNK, COPY_CHUNK });
  /* The end of a chunk is not the chunk. */
  journal_mark (disk, &(struct range) {
      4 * COPY_CHUNK + 512, COPY_CHUNK - 512 });
  assert (!disk->chunks[4].stored);
  assert (facts_set (&journal->facts, "name", "old", &err) == 0);
  assert (facts_set (&journal->facts, "name", "\xff=\n", &err) == 0);
}

static void
expect_same (const struct journal *a, const struct journal *b)
{
  assert (a->n == b->n);
  for (unsigned i = 0; i < a->n; i++) {
    const struct journal_disk *x = &a->disks[i], *y = &b->disks[i];

    assert (x->n == y->n && x->size == y->size);
    for (size_t k = 0; k < x->n; k++) {
      assert (x->chunks[k].stored == y->chunks[k].stored);
      assert (!x->chunks[k].stored ||
              memcmp (blkhash_chunk (x->hash, k), blkhash_chunk (y->hash, k),
                      sizeof (struct blkhash_chunk)) == 0);
    }
  }
  assert (a->facts.len == b->facts.len);
  for (size_t i = 0; i < a->facts.len; i++)
    assert (strcmp (a->facts.ptr[i], b->facts.ptr[i]) == 0);
}

static void
expect_file (const struct journal *wanted)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  struct journal got = { .n = 0 };

  assert (journal_read (at, &got, &err) == 1);
  expect_same (wanted, &got);
  journal_reset (&got);
}

static void
expect_damaged (void)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  struct journal journal = { .n = 0 };

  assert (journal_read (at, &journal, &err) == -1);
  assert (strstr (err.message, "damaged") != NULL ||
          strstr (err.message, "another version") != NULL);
}

static size_t
load (char *text, size_t max)
{
  FILE *fp = fopen (path, "r");
  const size_t len = fread (text, 1, max, fp);

  fclose (fp);
  assert (len > 100 && len < max);
  return len;
}

static void
put (const char *text, size_t len)
{
  FILE *fp = fopen (path, "w");

  assert (fwrite (text, 1, len, fp) == len);
  assert (fclose (fp) == 0);
}

/* Each byte of the first line matters, and so does its end; without the second
 * one the journal is as it was BEFORE.
 */
static void
test_damage (const struct journal *before, size_t first,
             const struct journal *after)
{
  char text[8192];
  const size_t len = load (text, sizeof text);

  for (size_t i = 0; i < len; i++) {
    if (i > first) {
      put (text, i);
      expect_file (before);
    }
    text[i] ^= 1;
    put (text, len);
    if (i < first)
      expect_damaged ();
    else
      expect_file (before);
    text[i] ^= 1;
  }
  put (text, first - 1);
  expect_damaged ();
  put (text, len);
  expect_file (after);
}

/* A line that is incomplete is replaced by the next one. */
static void
test_torn (struct journal *after)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  struct journal got = { .n = 0 };
  char text[8192];
  const size_t len = load (text, sizeof text);

  put (text, len - 10);
  assert (journal_read (at, &got, &err) == 1);
  store (&got.disks[0], 5);
  journal_forget (&got.disks[0], 0);
  assert (facts_set (&got.facts, "name", "new", &err) == 0);
  assert (journal_write (at, &got, &err) == 0);
  expect_file (after);
  journal_reset (&got);
}

/* 64 TiB: what is written each time does not depend on the size, or on what
 * has been stored before.
 */
static void
test_large (void)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  struct journal journal = { .n = 0 };
  struct journal_disk *disk;
  uint64_t len;

  assert (journal_set_disks (&journal, 1, &err) == 0);
  disk = &journal.disks[0];
  set_disk (disk, UINT64_C (64) << 40);
  for (size_t i = 0; i < 20000; i += 2)
    store (disk, i);
  assert (journal_write (at, &journal, &err) == 0);
  len = journal.len;
  for (size_t i = 1; i < 2000; i += 2)
    store (disk, i);
  for (size_t i = 100000; i < disk->n; i++)
    blkhash_set_chunk (disk->hash, i, blkhash_zero_chunk (disk->hash));
  journal_mark (disk, &(struct range) {
      100000 * COPY_CHUNK, disk->size - 100000 * COPY_CHUNK });
  assert (journal_write (at, &journal, &err) == 0);
  assert (journal.len - len < 200 << 10);
  expect_file (&journal);
  journal_reset (&journal);
}

static void
expect_magic (const char *magic)
{
  char line[100];
  FILE *fp = fopen (path, "r");

  assert (fp != NULL && fgets (line, sizeof line, fp) != NULL);
  assert (strcmp (line, magic) == 0);
  fclose (fp);
}

/* Older releases refuse one that says whose content is stored, and only that
 * one.
 */
static void
test_versions (void)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  struct journal journal = { .n = 0 }, got = { .n = 0 };

  fill (&journal);
  assert (journal_write (at, &journal, &err) == 0);
  expect_magic ("v2v-nbdkit-launch-journal 2\n");
  journal_set_version (&journal, JOURNAL_WITH_STATE);
  assert (journal_write (at, &journal, &err) == 0);
  expect_magic ("v2v-nbdkit-launch-journal 4\n");
  expect_file (&journal);
  assert (journal_read (at, &got, &err) == 1);
  assert (got.version == JOURNAL_WITH_STATE);
  journal_set_version (&got, JOURNAL_WITH_STATE);
  store (&got.disks[0], 5);
  store (&journal.disks[0], 5);
  assert (journal_write (at, &got, &err) == 0);
  expect_magic ("v2v-nbdkit-launch-journal 4\n");
  expect_file (&journal);
  journal_reset (&journal);
  journal_reset (&got);
}

/* Only EINVAL means that there is nothing to be had. */
static void
test_directory (void)
{
  static const int errors[] = { EIO, ENOSPC, EDQUOT, EBADF };

  for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
    CLEANUP_ERROR struct error err = ERROR_INIT;

    directory_errno = errors[i];
    assert (file_sync_directory (".", &err) == -1);
    assert (err.reason == (errors[i] == ENOSPC || errors[i] == EDQUOT
                           ? REASON_SPACE : REASON_WRITE));
  }
  directory_errno = EINVAL;
}

int
main (void)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  struct journal written = { .n = 0 }, before = { .n = 0 }, got = { .n = 0 };
  size_t first;

  test_directory ();
  test_versions ();
  remove (path);
  assert (journal_read (at, &got, &err) == 0);
  fill (&written);
  fill (&before);
  assert (journal_write (at, &written, &err) == 0);
  expect_file (&before);
  first = (size_t) written.len;
  store (&written.disks[0], 5);
  journal_forget (&written.disks[0], 0);
  assert (facts_set (&written.facts, "name", "new", &err) == 0);
  assert (journal_write (at, &written, &err) == 0);
  test_damage (&before, first, &written);
  test_torn (&written);

  assert (journal_read (at, &got, &err) == 1);
  assert (journal_finish (at, &got, &err) == 0);
  assert (access (path, F_OK) == -1);
  test_large ();
  assert (remove (path) == 0);
  journal_reset (&written);
  journal_reset (&before);
  journal_reset (&got);
  return 0;
}
