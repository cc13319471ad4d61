/* SPDX-License-Identifier: GPL-2.0-or-later */

/* lvm-volumes DISK[:OFFSET:SIZE]...: what the library finds on these physical
 * volumes, each on a disk of its own or, where it has the name of the one
 * before, on the same.  For each volume a line of its size, the SHA256 of what
 * its reader gives, and its name; then "DISK OFFSET LEN" of each range that
 * some ranges of the volume are mapped to, in the order of the volume.
 */

#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/digest.h"
#include "base/error.h"
#include "filesystem/lvm.h"
#include "io/reader.h"

#define DISKS_MAX 16
#define PIECE 99991             /* bytes, not whole sectors */

static struct error err = ERROR_INIT;
static char *paths[DISKS_MAX];
static struct reader *disks[DISKS_MAX];
static unsigned n_disks;

static void
check (bool ok)
{
  if (ok)
    return;
  fprintf (stderr, "%s\n", err.message);
  exit (EXIT_FAILURE);
}

static void
add_pv (char *arg, struct lvm_pv *pv)
{
  char *const offset = strchr (arg, ':');

  pv->name = alloc_copy (arg, &err);
  check (pv->name != NULL);
  if (offset != NULL)
    *offset = '\0';
  if (n_disks == 0 || strcmp (paths[n_disks - 1], arg) != 0) {
    check (n_disks < DISKS_MAX);
    disks[n_disks] = reader_file_new (arg, &err);
    check (disks[n_disks] != NULL);
    paths[n_disks++] = arg;
  }
  pv->disk = n_disks - 1;
  pv->size = disks[pv->disk]->size;
  if (offset != NULL &&
      sscanf (offset + 1, "%" SCNu64 ":%" SCNu64, &pv->offset,
              &pv->size) != 2)
    exit (EXIT_FAILURE);
}

static void
print_digest (struct reader *reader)
{
  static char buf[PIECE];
  char digest[DIGEST_HEX_MAX];
  struct digester *digester = digester_new (DIGEST_SHA256, &err);

  check (digester != NULL);
  for (uint64_t at = 0; at < reader->size; at += sizeof buf) {
    const uint64_t left = reader->size - at;
    const size_t len = left < sizeof buf ? left : sizeof buf;

    check (reader_pread (reader, buf, len, at, &err) == 0);
    check (digester_add (digester, buf, len, &err) == 0);
  }
  digester_end (digester, digest);
  digester_free (digester);
  printf ("%s", digest);
}

/* All of it, and then each PIECE by itself. */
static void
print_map (const struct lvm_volume *volume)
{
  for (uint64_t at = 0, len = volume->size; at < volume->size;
       at += len == volume->size ? 0 : len, len = PIECE) {
    struct ranges ranges[DISKS_MAX] = { { .ptr = NULL } };

    if (len > volume->size - at)
      len = volume->size - at;
    check (lvm_map (volume, (struct range) { at, len }, ranges, &err) == 0);
    for (unsigned d = 0; d < n_disks; d++) {
      for (size_t i = 0; i < ranges[d].len; i++)
        printf ("%u %" PRIu64 " %" PRIu64 "\n", d, ranges[d].ptr[i].offset,
                ranges[d].ptr[i].len);
      ranges_reset (&ranges[d]);
    }
  }
}

int
main (int argc, char *argv[])
{
  const bool maps = argc > 1 && strcmp (argv[1], "--map") == 0;
  const size_t n = (size_t) argc - (maps ? 2 : 1);
  struct lvm_pv pvs[DISKS_MAX] = { { .disk = 0 } };
  CLEANUP_LVM struct lvm_volumes volumes = { .ptr = NULL };

  for (size_t i = 0; i < n && i < DISKS_MAX; i++)
    add_pv (argv[i + (maps ? 2 : 1)], &pvs[i]);
  check (lvm_find (disks, pvs, n, &volumes, &err) == 0);
  for (size_t i = 0; i < volumes.len; i++) {
    const struct lvm_volume *volume = &volumes.ptr[i];

    printf ("%" PRIu64 " ", volume->size);
    if (volume->reader != NULL)
      print_digest (volume->reader);
    else
      printf ("whole");
    printf (" %s%s%s\n", volume->name, volume->why_not != NULL ? ": " : "",
            volume->why_not != NULL ? volume->why_not : "");
    if (maps && volume->reader != NULL)
      print_map (volume);
  }
  for (size_t i = 0; i < n; i++)
    free ((char *) pvs[i].name);
  for (unsigned d = 0; d < n_disks; d++)
    reader_free (disks[d]);
  return EXIT_SUCCESS;
}
