/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the reader for scattered metadata reads is what the server has, in
 * requests that the server takes, many of them at once; and a server that does
 * not answer, or answers with an error, is an error.  The test is run again
 * with this program as the client of an nbdkit whose content is its offsets.
 */

#include <config.h>

#undef NDEBUG
#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/ranges.h"
#include "io/reader-blocks.h"
#include "io/reader.h"

#define SIZE (UINT64_C (100) << 20)

/* nbdkit's pattern plugin: each 8 bytes are their offset, big-endian. */
static void
check_pattern (const unsigned char *buf, size_t len, uint64_t offset)
{
  for (size_t i = 0; i < len; i++)
    assert (buf[i] == (unsigned char) (((offset + i) & ~UINT64_C (7)) >>
                                       (56 - (offset + i) % 8 * 8)));
}

static void
check_read (struct reader *reader, size_t len, uint64_t offset)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  unsigned char *buf = malloc (len);

  assert (buf != NULL);
  assert (reader_pread (reader, buf, len, offset, &err) == 0);
  check_pattern (buf, len, offset);
  free (buf);
}

static void
prefetch (struct reader *reader, uint64_t step, uint64_t len, unsigned n)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  struct ranges ranges = { .ptr = NULL };

  for (unsigned i = n; i-- > 0;)
    assert (ranges_append (&ranges, (struct range) { i * step, len }) == 0);
  assert (reader_prefetch (reader, &ranges, &err) == 0);
  ranges_reset (&ranges);
}

static void
note_progress (void *data)
{
  ++*(unsigned *) data;
}

static void
check_content (const char *uri, unsigned connections)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  unsigned progress = 0;
  CLEANUP_READER struct reader *reader =
    reader_blocks_new (uri, connections, 60, note_progress, &progress, &err);
  char past[2];

  assert (reader != NULL && reader->size == SIZE);
  for (unsigned round = 0; round < 2; round++) {
    check_read (reader, 1, 0);
    check_read (reader, 4096, SIZE - 4096);
    check_read (reader, 100, 65500);
    check_read (reader, 7 << 20, 12345);
    for (unsigned i = 0; i < 200; i++)
      check_read (reader, 10, i * UINT64_C (262147));
    /* In no order, meeting, overlapping, and more than is kept. */
    prefetch (reader, 100000, 3000, 1000);
  }
  check_read (reader, 90000, 99000);
  prefetch (reader, 1000, 5000, 50);
  check_read (reader, 54000, 0);
  prefetch (reader, 3 << 20, 3 << 20, 30);
  check_read (reader, 80 << 20, 3);
  assert (progress > 0);
  assert (reader_pread (reader, past, 2, SIZE - 1, &err) == -1);
}

/* Who reads in circles comes to an end. */
static void
check_endless (const char *uri)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  CLEANUP_READER struct reader *reader =
    reader_blocks_new (uri, 1, 60, NULL, NULL, &err);
  static char buf[8 << 20];
  unsigned n = 0;

  assert (reader != NULL);
  while (reader_pread (reader, buf, sizeof buf, n % 12 * sizeof buf,
                       &err) == 0)
    assert (++n < 100);
  assert (n > 24 && err.reason == REASON_INTERNAL);
}

/* 500 small reads, each of which takes the server 100 ms. */
static void
check_parallel (const char *uri)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  CLEANUP_READER struct reader *reader =
    reader_blocks_new (uri, 4, 60, NULL, NULL, &err);
  const int64_t began_ms = clock_ms ();

  assert (reader != NULL);
  prefetch (reader, 200000, 4096, 500);
  for (unsigned i = 0; i < 500; i++)
    check_read (reader, 4096, i * UINT64_C (200000));
  /* One after the other they would take 50 s. */
  printf ("500 reads: %d ms\n", (int) (clock_ms () - began_ms));
  assert (clock_ms () - began_ms < 25000);
}

static void
check_fails (const char *uri, enum reason reason)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  CLEANUP_ERROR struct error again = ERROR_INIT;
  CLEANUP_READER struct reader *reader =
    reader_blocks_new (uri, 2, 1, NULL, NULL, &err);
  char buf[4096];

  assert (reader != NULL);
  memset (buf, 'x', sizeof buf);
  assert (reader_pread (reader, buf, sizeof buf, 8192, &err) == -1);
  printf ("%s\n", err.message);
  assert (err.reason == reason);
  assert (reader_pread (reader, buf, sizeof buf, 8192, &again) == -1);
  for (size_t i = 0; i < sizeof buf; i++)
    assert (buf[i] == 'x');
}

static int
be_client (const char *what, const char *uri)
{
  if (strcmp (what, "content") == 0) {
    check_content (uri, 1);
    check_content (uri, 100);
    check_endless (uri);
  }
  else if (strcmp (what, "parallel") == 0)
    check_parallel (uri);
  else if (strcmp (what, "silent") == 0)
    check_fails (uri, REASON_TIMEOUT);
  else
    check_fails (uri, REASON_READ);
  return EXIT_SUCCESS;
}

static void
run_with (const char *program, const char *what, const char *nbdkit)
{
  char command[1024];

  snprintf (command, sizeof command,
            "nbdkit -U - %s --run '%s %s \"$uri\"'", nbdkit, program, what);
  printf ("%s\n", command);
  fflush (stdout);
  assert (system (command) == 0);
}

int
main (int argc, char *argv[])
{
  char program[4096];
  const ssize_t n = readlink ("/proc/self/exe", program, sizeof program - 1);

  if (argc == 3)
    return be_client (argv[1], argv[2]);
  assert (n > 0);
  program[n] = '\0';
  if (system ("nbdkit eval --version >/dev/null && "
              "nbdkit --filter=delay pattern --version >/dev/null") != 0) {
    printf ("nbdkit or its plugins are missing\n");
    return 77;
  }
  run_with (program, "content", "pattern 100M");
  if (system ("nbdkit --filter=blocksize-policy pattern --version "
              ">/dev/null 2>&1") == 0) {
    run_with (program, "content", "--filter=blocksize-policy pattern 100M "
              "blocksize-minimum=4096 blocksize-preferred=65536 "
              "blocksize-maximum=131072 blocksize-error-policy=error");
    run_with (program, "content", "--filter=blocksize-policy pattern 100M "
              "blocksize-minimum=65536 blocksize-preferred=65536 "
              "blocksize-maximum=65536 blocksize-error-policy=error");
  }
  run_with (program, "parallel", "--filter=delay pattern 100M rdelay=100ms");
  run_with (program, "silent",
            "eval get_size=\"echo 1M\" pread=\"sleep 3\"");
  run_with (program, "failing",
            "eval get_size=\"echo 1M\" pread=\"echo EIO no >&2; exit 1\"");
  return EXIT_SUCCESS;
}
