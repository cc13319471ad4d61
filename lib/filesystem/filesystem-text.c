/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What was found out of a file system, as a line for people. */

#include <config.h>


#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/human.h"
#include "base/i18n.h"
#include "filesystem/filesystem.h"

/* Of an entry for a whole disk neither content nor size may be known. */
static char *
describe_whole (const struct filesystem *fs, struct error *err)
{
  char size[HUMAN_SIZE];

  human_size (fs->size, size);
  if (fs->kind != NULL)
    return format (err, _("%s: %s, %s, copied whole: %s"), fs->name, fs->kind,
                   size, fs->why_not);
  if (fs->size > 0)
    return format (err, _("%s: %s, copied whole: %s"), fs->name, size,
                   fs->why_not);
  return format (err, _("%s: copied whole: %s"), fs->name, fs->why_not);
}

char *
filesystem_describe (const struct filesystem *fs, struct error *err)
{
  char size[HUMAN_SIZE], used[HUMAN_SIZE];

  if (fs->why_not != NULL)
    return describe_whole (fs, err);
  human_size (fs->size, size);
  human_size (fs->size - fs->unused, used);
  return format (err, _("%s: %s, clean, %s, of which %s are used"), fs->name,
                 fs->kind, size, used);
}
