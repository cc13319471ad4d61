/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Keeps what was found of the guest's file systems for all steps of a run.
 * Asking them is left to disk-use.c, leaving out what they do not use to the
 * copy engine.
 */

#include <config.h>

#include <assert.h>
#include <stdio.h>

#include "base/alloc.h"
#include "base/argv.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/events.h"
#include "base/human.h"
#include "base/i18n.h"
#include "base/memstream.h"
#include "context.h"
#include "filesystem/filesystem.h"
#include "launch/disk-use.h"
#include "launch/launch.h"
#include "transfer/facts.h"
#include "transfer/resume.h"
#include "transfer/transfer-request.h"
#include "transfer/unused.h"

/* More file systems of a disk are named only with -v. */
#define NAMED_MAX 4

struct unused {
  bool found;
  struct filesystems filesystems;
};

struct unused *
unused_new (struct error *err)
{
  return alloc_zero (sizeof (struct unused), err);
}

void
unused_free (struct unused *unused)
{
  if (unused != NULL)
    filesystems_reset (&unused->filesystems);
  free (unused);
}

const struct ranges *
unused_ranges (const struct transfer *transfer)
{
  return transfer->skip_unused && transfer->unused->found
    ? transfer->unused->filesystems.unused : NULL;
}

const struct ranges *
unused_of_disk (const struct transfer *transfer, unsigned index)
{
  const struct ranges *all = unused_ranges (transfer);

  return all != NULL ? &all[index] : NULL;
}

/*--- Telling. ---*/

static void
tell_all (const struct filesystems *found, const struct events *events)
{
  for (size_t i = 0; i < found->list.len; i++) {
    const struct filesystem *fs = &found->list.ptr[i];
    CLEANUP_ERROR struct error ignored = ERROR_INIT;
    CLEANUP_FREE char *text = filesystem_describe (fs, &ignored);

    if (text != NULL)
      events_say (events, EVENT_DEBUG, (int) fs->disk, "%s", text);
  }
}

static void
print_whole (const struct filesystems *found, unsigned disk, FILE *fp)
{
  unsigned n = 0;

  for (size_t i = 0; i < found->list.len; i++) {
    const struct filesystem *fs = &found->list.ptr[i];

    if (fs->disk != disk || fs->why_not == NULL || n++ >= NAMED_MAX)
      continue;
    fprintf (fp, "%s%s", n > 1 ? "; " : "", fs->name);
    if (fs->kind != NULL)
      fprintf (fp, " (%s)", fs->kind);
    fprintf (fp, ": %s", fs->why_not);
  }
  if (n > NAMED_MAX)
    fprintf (fp, "; ...");
}

/* "sda1 (vfat): ...; sda3 (ext4): ...": which file systems of the disk are
 * copied whole, and why.  "" or NULL: none.
 */
static char *
list_whole (const struct filesystems *found, unsigned disk)
{
  char *text = NULL;
  size_t len;
  FILE *fp = open_memstream (&text, &len);

  if (fp == NULL)
    return NULL;
  print_whole (found, disk, fp);
  return memstream_close (fp, &text) == -1 ? NULL : text;
}

static void
tell_disk (const struct filesystems *found, unsigned index,
           const struct events *events)
{
  const uint64_t bytes = ranges_total (&found->unused[index]);
  CLEANUP_FREE char *whole = list_whole (found, index);
  const bool some = whole != NULL && whole[0] != '\0';
  char size[HUMAN_SIZE];

  human_size (bytes, size);
  if (bytes == 0)
    events_say (events, EVENT_MESSAGE, (int) index, _("copied whole: %s"),
                some ? whole : _("nothing is free in its file systems"));
  else if (some)
    events_say (events, EVENT_MESSAGE, (int) index,
                _("%s are free in its file systems, and left out; copied "
                  "whole: %s"), size, whole);
  else
    events_say (events, EVENT_MESSAGE, (int) index,
                _("%s are free in its file systems, and left out"), size);
}

static void
tell (const struct transfer *transfer, const struct events *events)
{
  const struct filesystems *found = &transfer->unused->filesystems;

  tell_all (found, events);
  for (unsigned i = 0; i < found->n; i++)
    tell_disk (found, i, events);
}

/*--- Finding. ---*/

/* What is stored already has zeroes where nothing was in use then. */
static int
compare (const struct transfer *transfer, struct error *err)
{
  const struct filesystems *found = &transfer->unused->filesystems;
  CLEANUP_ARGV struct argv now = { .ptr = NULL };

  return facts_of_unused (found->unused, found->n, &now, err) == -1 ? -1
    : resume_compare (transfer->resume, &now, err);
}

int
unused_find (const struct transfer *transfer,
             const struct launch_context *context, struct error *err)
{
  struct unused *unused = transfer->unused;

  if (!transfer->skip_unused || unused->found)
    return 0;
  /* Changed extents say themselves what is copied. */
  assert (transfer->extents == NULL);
  if (disk_use_find (transfer->launch, transfer->overlays, transfer->changed,
                     context, &unused->filesystems, err) == -1)
    return -1;
  unused->found = true;
  tell (transfer, context->events);
  return compare (transfer, err);
}
