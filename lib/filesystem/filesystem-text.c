/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What was found out of a file system, as a line for people. */

#include <config.h>

#include <inttypes.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "filesystem/filesystem.h"

/* Of an entry for a whole disk neither content nor size may be known. */
static char *
describe_whole (const struct filesystem *fs, struct error *err)
{
  if (fs->kind != NULL)
    return format (err, _("%s: %s, %" PRIu64 " bytes, copied whole: %s"),
                   fs->name, fs->kind, fs->size, fs->why_not);
  if (fs->size > 0)
    return format (err, _("%s: %" PRIu64 " bytes, copied whole: %s"),
                   fs->name, fs->size, fs->why_not);
  return format (err, _("%s: copied whole: %s"), fs->name, fs->why_not);
}

char *
filesystem_describe (const struct filesystem *fs, struct error *err)
{
  if (fs->why_not != NULL)
    return describe_whole (fs, err);
  return format (err, _("%s: %s, clean, %" PRIu64 " bytes, of which %" PRIu64
                        " are used"),
                 fs->name, fs->kind, fs->size, fs->size - fs->unused);
}
