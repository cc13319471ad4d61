/* SPDX-License-Identifier: GPL-2.0-or-later */

/*     list-filesystems [--ranges] IMAGE...
 *     list-filesystems [--ranges] --ask CONNECTIONS URI...
 *
 * What filesystems_find or filesystems_ask says of the disks: a line for each
 * file system, "DISK NAME KIND SIZE UNUSED" and why not; with --ranges, then a
 * line "DISK OFFSET LENGTH" for each run that is unused.
 */

#include <config.h>

#include <inttypes.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "filesystem/filesystem.h"
#include "io/reader.h"
#include "io/supervisor.h"

#define DISKS_MAX 64

static void
show (const struct filesystems *found, bool ranges)
{
  for (size_t i = 0; i < found->list.len; i++) {
    const struct filesystem *fs = &found->list.ptr[i];

    printf ("%u %s %s %" PRIu64 " %" PRIu64 "%s%s\n", fs->disk, fs->name,
            fs->kind != NULL ? fs->kind : "-", fs->size, fs->unused,
            fs->why_not != NULL ? " " : "",
            fs->why_not != NULL ? fs->why_not : "");
  }
  for (unsigned disk = 0; ranges && disk < found->n; disk++)
    for (size_t i = 0; i < found->unused[disk].len; i++)
      printf ("%u %" PRIu64 " %" PRIu64 "\n", disk,
              found->unused[disk].ptr[i].offset,
              found->unused[disk].ptr[i].len);
}

static int
find (char *const *paths, unsigned n, struct filesystems *ret,
      struct error *err)
{
  struct reader *disks[DISKS_MAX];
  unsigned opened = 0;
  int r = 0;

  while (r == 0 && opened < n) {
    disks[opened] = reader_file_new (paths[opened], err);
    if (disks[opened] == NULL)
      r = -1;
    else
      opened++;
  }
  if (r == 0)
    r = filesystems_find (disks, n, ret, err);
  while (opened > 0)
    reader_free (disks[--opened]);
  return r;
}

static int
ask (char *const *uris, unsigned n, unsigned connections,
     struct filesystems *ret, struct error *err)
{
  struct supervisor *supervisor = supervisor_new (err);
  int r = -1;

  if (supervisor != NULL)
    r = filesystems_ask ((const char *const *) uris, n, connections,
                         0, supervisor, ret, err);
  supervisor_free (supervisor);
  return r;
}

int
main (int argc, char *argv[])
{
  CLEANUP_FILESYSTEMS struct filesystems found = { .n = 0 };
  CLEANUP_ERROR struct error err = ERROR_INIT;
  const bool ranges = argc > 1 && strcmp (argv[1], "--ranges") == 0;
  int i = ranges ? 2 : 1, connections = 0, r;

  setlocale (LC_ALL, "");
  if (i + 1 < argc && strcmp (argv[i], "--ask") == 0) {
    connections = atoi (argv[i + 1]);
    i += 2;
  }
  if (i >= argc || argc - i > DISKS_MAX) {
    fprintf (stderr, "list-filesystems: which disks?\n");
    return EXIT_FAILURE;
  }
  r = connections > 0
    ? ask (argv + i, (unsigned) (argc - i), (unsigned) connections, &found,
           &err)
    : find (argv + i, (unsigned) (argc - i), &found, &err);
  if (r == -1) {
    fprintf (stderr, "list-filesystems: %s: %s\n", reason_name (err.reason),
             err.message);
    return EXIT_FAILURE;
  }
  show (&found, ranges);
  return EXIT_SUCCESS;
}
