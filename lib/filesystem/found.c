/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Collects what was found on all disks, and puts it in order. */

#include <config.h>

#include <stdbool.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/i18n.h"
#include "filesystem/found.h"
#include "guest/guest.h"

#define SECTOR UINT64_C (512)

int
found_init (struct filesystems *found, unsigned n, struct error *err)
{
  *found = (struct filesystems) { .n = 0 };
  found->unused = alloc_zero ((n + 1) * sizeof *found->unused, err);
  found->if_shut_down = alloc_zero ((n + 1) * sizeof *found->if_shut_down,
                                    err);
  if (error_is_set (err)) {
    filesystems_reset (found);
    return -1;
  }
  found->n = n;
  return 0;
}

int
found_add (struct filesystems *found, struct filesystem *fs,
           struct error *err)
{
  const int r = filesystem_list_append (&found->list, *fs);

  if (r == -1)
    filesystem_reset (fs);
  *fs = (struct filesystem) { .name = NULL };
  return r == -1 ? error_nomem (err) : 0;
}

int
found_add_whole (struct filesystems *found, unsigned disk, const char *name,
                 uint64_t size, const char *why_not, struct error *err)
{
  CLEANUP_FILESYSTEM struct filesystem fs = { .disk = disk, .size = size };

  fs.name = alloc_copy (name, err);
  fs.why_not = alloc_copy (why_not, err);
  return fs.name == NULL || fs.why_not == NULL ? -1
    : found_add (found, &fs, err);
}

int
found_add_disk (struct filesystems *found, unsigned disk, const char *why_not,
                struct error *err)
{
  char name[DISK_NAME_MAX];

  return found_add_whole (found, disk, disk_name (disk, name), 0, why_not,
                          err);
}

/*--- Bytes that are unused. ---*/

static size_t
count_runs (const struct filesystems *found)
{
  size_t n = 0;

  for (unsigned i = 0; i < found->n; i++)
    n += found->unused[i].len + found->if_shut_down[i].len;
  return n;
}

/* Leave out the shortest until there is room for as many again. */
static void
make_room (struct filesystems *found)
{
  for (uint64_t min = 1024; count_runs (found) > FOUND_RUNS_MAX / 2; min *= 2)
    for (unsigned i = 0; i < found->n; i++) {
      ranges_drop_short (&found->unused[i], min, SIZE_MAX);
      ranges_drop_short (&found->if_shut_down[i], min, SIZE_MAX);
    }
}

int
found_unused (struct filesystems *found, const struct filesystem *fs,
              unsigned disk, struct range range, struct error *err)
{
  struct ranges *runs = fs->if_shut_down ? &found->if_shut_down[disk]
    : &found->unused[disk];

  range = range_whole (range, SECTOR);
  if (range.len == 0)
    return 0;
  /* Counting takes time, and a full array grows anyway. */
  if (runs->len == runs->cap && count_runs (found) >= FOUND_RUNS_MAX)
    make_room (found);
  return ranges_add (runs, range) == 0 ? 0 : error_nomem (err);
}

/*--- Whether the guest was shut down. ---*/

static enum guest_state
state_of (const struct filesystems *found)
{
  enum guest_state state = GUEST_SHUT_DOWN;

  for (size_t i = 0; i < found->list.len; i++)
    if (found->list.ptr[i].state > state)
      state = found->list.ptr[i].state;
  return state;
}

static int
use_entries (struct filesystems *found, bool all, const char *why_not,
             struct error *err)
{
  for (size_t i = 0; i < found->list.len; i++) {
    struct filesystem *fs = &found->list.ptr[i];

    if (fs->why_not != NULL || (!all && !fs->if_shut_down))
      continue;
    fs->unused = 0;
    if (alloc_set (&fs->why_not, why_not, err) == -1)
      return -1;
  }
  return 0;
}

static int
add_if_shut_down (struct filesystems *found, struct error *err)
{
  for (unsigned disk = 0; disk < found->n; disk++) {
    const struct ranges *runs = &found->if_shut_down[disk];

    for (size_t i = 0; i < runs->len; i++)
      if (ranges_append (&found->unused[disk], runs->ptr[i]) == -1)
        return error_nomem (err);
  }
  return 0;
}

static int
judge_state (struct filesystems *found, struct error *err)
{
  switch (state_of (found)) {
  case GUEST_SHUT_DOWN:
    return add_if_shut_down (found, err);
  case GUEST_IN_USE:
    return use_entries (found, false, _("the guest was not shut down"), err);
  case GUEST_HIBERNATED:
    for (unsigned disk = 0; disk < found->n; disk++)
      ranges_reset (&found->unused[disk]);
    return use_entries (found, true, _("the guest is hibernated"), err);
  }
  return 0;
}

/*--- Order. ---*/

/* Join what meets.  False: ranges overlap. */
static bool
join (struct ranges *runs)
{
  size_t kept = 0;

  for (size_t i = 0; i < runs->len; i++) {
    const struct range range = runs->ptr[i];
    struct range *last = kept > 0 ? &runs->ptr[kept - 1] : NULL;

    if (last != NULL && range.offset - last->offset < last->len)
      return false;
    if (last != NULL && range.offset - last->offset == last->len)
      last->len += range.len;
    else
      runs->ptr[kept++] = range;
  }
  runs->len = kept;
  return true;
}

/* Move entries to those of their disk, and keep the order on a disk. */
static int
sort_list (struct filesystems *found, struct error *err)
{
  struct filesystem_list sorted = { .ptr = NULL };

  for (unsigned disk = 0; disk < found->n; disk++)
    for (size_t i = 0; i < found->list.len; i++)
      if (found->list.ptr[i].disk == disk &&
          filesystem_list_append (&sorted, found->list.ptr[i]) == -1) {
        filesystem_list_reset (&sorted);
        return error_nomem (err);
      }
  filesystem_list_reset (&found->list);
  found->list = sorted;
  return 0;
}

int
found_finish (struct filesystems *found, struct error *err)
{
  if (judge_state (found, err) == -1)
    return -1;
  for (unsigned disk = 0; disk < found->n; disk++) {
    struct ranges *runs = &found->unused[disk];

    ranges_sort (runs);
    if (join (runs))
      continue;
    ranges_reset (runs);
    if (found_add_disk (found, disk, _("volumes of this disk overlap"),
                        err) == -1)
      return -1;
  }
  if (count_runs (found) > FOUND_RUNS_MAX)
    make_room (found);
  return sort_list (found, err);
}

void
filesystem_reset (struct filesystem *fs)
{
  free (fs->name);
  free (fs->kind);
  free (fs->why_not);
  *fs = (struct filesystem) { .name = NULL };
}

void
filesystems_reset (struct filesystems *found)
{
  for (size_t i = 0; i < found->list.len; i++)
    filesystem_reset (&found->list.ptr[i]);
  filesystem_list_reset (&found->list);
  for (unsigned i = 0; i < found->n; i++) {
    ranges_reset (&found->unused[i]);
    ranges_reset (&found->if_shut_down[i]);
  }
  free (found->unused);
  free (found->if_shut_down);
  *found = (struct filesystems) { .n = 0 };
}
