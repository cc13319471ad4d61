/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Reads the kernel's counters of a block device (Documentation/block/stat.rst
 * of the kernel).  What a difference means is left to those who compare.
 */

#include <config.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "io/disk-writes.h"

#define LINE_MAX_BYTES 512

static bool
read_line (const char *path, char line[LINE_MAX_BYTES])
{
  FILE *fp = fopen (path, "re");
  const bool ok = fp != NULL && fgets (line, LINE_MAX_BYTES, fp) != NULL;

  if (fp != NULL)
    fclose (fp);
  if (ok)
    line[strcspn (line, "\n")] = '\0';
  return ok;
}

/* A partition has the queue of its disk. */
static bool
is_counted (const char *dir)
{
  char path[128], line[LINE_MAX_BYTES];

  snprintf (path, sizeof path, "%s/queue/iostats", dir);
  if (read_line (path, line))
    return strcmp (line, "1") == 0;
  snprintf (path, sizeof path, "%s/../queue/iostats", dir);
  return read_line (path, line) && strcmp (line, "1") == 0;
}

char *
disk_writes_of (int fd, struct error *err)
{
  /* Requests, merged ones, sectors and time of reads, writes, then what is in
   * flight, two times, and the same four of discards (since Linux 4.18).
   */
  unsigned long long stats[14] = { 0 };
  char dir[64], file[128], line[LINE_MAX_BYTES], boot[LINE_MAX_BYTES];
  struct stat st;
  int n;

  if (fstat (fd, &st) == -1 || !S_ISBLK (st.st_mode))
    return NULL;
  snprintf (dir, sizeof dir, "/sys/dev/block/%u:%u", major (st.st_rdev),
            minor (st.st_rdev));
  snprintf (file, sizeof file, "%s/stat", dir);
  if (!is_counted (dir) || !read_line (file, line) ||
      !read_line ("/proc/sys/kernel/random/boot_id", boot))
    return NULL;
  n = sscanf (line, "%llu %llu %llu %llu %llu %llu %llu %llu %llu %llu %llu "
              "%llu %llu %llu", &stats[0], &stats[1], &stats[2], &stats[3],
              &stats[4], &stats[5], &stats[6], &stats[7], &stats[8],
              &stats[9], &stats[10], &stats[11], &stats[12], &stats[13]);
  return n < 7 ? NULL
    : format (err, "%s:%llu:%llu:%llu:%llu", boot, stats[4], stats[6],
              stats[11], stats[13]);
}
