/* SPDX-License-Identifier: GPL-2.0-or-later */

/*     free-runs [--overwrite] KIND VOLUME
 *
 * What the reader for file systems of KIND ("ext4", as blkid calls it) says of
 * the file or block device VOLUME: each free run as "OFFSET LENGTH" in bytes,
 * or a doubt as "doubt: WHY" and status 3.  --overwrite fills all runs with
 * bytes that nothing takes for its own.
 */

#include <config.h>

#include <fcntl.h>
#include <inttypes.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "filesystem/usage.h"
#include "io/reader.h"

#define DOUBT 3

static const struct filesystem_ops *const kinds[] = {
  &filesystem_ext,
#ifdef HAVE_NTFS_3G
  &filesystem_ntfs,
#endif
  &filesystem_xfs,
};

static int
fail (const struct error *err)
{
  fprintf (stderr, "free-runs: %s\n", err->message);
  return EXIT_FAILURE;
}

static const struct filesystem_ops *
find_kind (const char *type)
{
  for (size_t i = 0; i < ARRAY_LEN (kinds); i++)
    for (const char *const *t = kinds[i]->types; *t != NULL; t++)
      if (strcmp (*t, type) == 0)
        return kinds[i];
  return NULL;
}

static void
overwrite (const char *volume, const struct ranges *runs)
{
  static char bytes[1 << 20];
  CLEANUP_FD int fd = open (volume, O_WRONLY | O_CLOEXEC);

  memset (bytes, 0xd5, sizeof bytes);
  for (size_t i = 0; i < runs->len; i++)
    for (uint64_t done = 0; done < runs->ptr[i].len; ) {
      const uint64_t left = runs->ptr[i].len - done;
      const ssize_t n = pwrite (fd, bytes,
                                left < sizeof bytes ? left : sizeof bytes,
                                (off_t) (runs->ptr[i].offset + done));

      if (n <= 0) {
        perror (volume);
        exit (EXIT_FAILURE);
      }
      done += (uint64_t) n;
    }
}

static int
show (const struct usage *usage)
{
  if (usage->why_not != NULL) {
    printf ("doubt: %s\n", usage->why_not);
    return DOUBT;
  }
  for (size_t i = 0; i < usage->unused.len; i++)
    printf ("%" PRIu64 " %" PRIu64 "\n", usage->unused.ptr[i].offset,
            usage->unused.ptr[i].len);
  return EXIT_SUCCESS;
}

int
main (int argc, char *argv[])
{
  const bool do_overwrite = argc == 4 && strcmp (argv[1], "--overwrite") == 0;
  const struct filesystem_ops *kind =
    argc < 3 ? NULL : find_kind (argv[argc - 2]);
  CLEANUP_ERROR struct error err = ERROR_INIT;
  CLEANUP_READER struct reader *volume = NULL;
  struct usage usage = { .min_run = 1 };
  int r;

  setlocale (LC_ALL, "");
  if (kind == NULL) {
    fprintf (stderr, "usage: free-runs [--overwrite] KIND VOLUME\n");
    return EXIT_FAILURE;
  }
  volume = reader_file_new (argv[argc - 1], &err);
  if (volume == NULL ||
      kind->read (volume, argv[argc - 2], &usage, &err) == -1)
    return fail (&err);
  if (do_overwrite && usage.why_not == NULL)
    overwrite (argv[argc - 1], &usage.unused);
  r = show (&usage);
  usage_reset (&usage);
  return r;
}
