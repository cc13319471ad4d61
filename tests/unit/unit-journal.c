/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What is written to a journal is read from it, even if its directory cannot
 * be synced; what is damaged is not.
 */

#include <config.h>

#undef NDEBUG
#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "copy/copy.h"
#include "transfer/facts.h"
#include "transfer/journal.h"

static const char path[] = "unit-journal.tmp";

/* Takes the place of the C library's fsync.  Some file systems answer EINVAL
 * for directories.
 */
int
fsync (int fd)
{
  struct stat st;

  if (fstat (fd, &st) == 0 && S_ISDIR (st.st_mode)) {
    errno = EINVAL;
    return -1;
  }
  return (int) syscall (SYS_fsync, fd);
}

static void
fill (struct journal *journal)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  struct journal_disk *disk;

  assert (journal_set_disks (journal, 2, &err) == 0);
  assert (journal_set_size (&journal->disks[0], 5 * COPY_CHUNK + 1,
                            &err) == 0);
  assert (journal_set_size (&journal->disks[1], 0, &err) == 0);
  disk = &journal->disks[0];
  assert (disk->n == 6);
  for (size_t i = 0; i < disk->n; i++)
    disk->chunks[i].stored = i != 2;
  disk->chunks[5].hashed = true;
  memset (disk->chunks[5].digest, 0xa5, BLKHASH_BYTES);
  assert (facts_set (&journal->facts, "name", "old", &err) == 0);
  assert (facts_set (&journal->facts, "name", "\xff=\n", &err) == 0);
}

static void
expect_damaged (void)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  struct journal journal = { .n = 0 };

  assert (journal_read (path, &journal, &err) == -1);
  assert (strstr (err.message, "damaged") != NULL);
}

/* Each byte matters, and so does the end. */
static void
test_damage (void)
{
  char text[4096];
  FILE *fp = fopen (path, "r");
  const size_t len = fread (text, 1, sizeof text, fp);

  fclose (fp);
  assert (len > 100 && len < sizeof text);
  for (size_t i = 0; i <= len; i++) {
    fp = fopen (path, "w");
    assert (fwrite (text, 1, i == len ? len - 1 : i, fp) ==
            (i == len ? len - 1 : i));
    if (i < len) {
      putc (text[i] ^ 1, fp);
      fwrite (text + i + 1, 1, len - i - 1, fp);
    }
    fclose (fp);
    expect_damaged ();
  }
}

int
main (void)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  struct journal written = { .n = 0 }, got = { .n = 0 };

  remove (path);
  assert (journal_read (path, &got, &err) == 0);
  fill (&written);
  assert (journal_write (path, &written, &err) == 0);
  assert (journal_read (path, &got, &err) == 1);
  assert (got.n == 2 && got.disks[0].n == 6 && got.disks[1].n == 0);
  assert (memcmp (got.disks[0].chunks, written.disks[0].chunks,
                  6 * sizeof got.disks[0].chunks[0]) == 0);
  assert (strcmp (facts_get (&got.facts, "name"), "\xff=\n") == 0);
  assert (facts_get (&got.facts, "nam") == NULL);
  test_damage ();
  assert (remove (path) == 0);
  journal_reset (&written);
  journal_reset (&got);
  return 0;
}
