/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What was found out of a file system, as a line for people. */

#include <config.h>

#include <inttypes.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "filesystem/filesystem.h"

char *
filesystem_describe (const struct filesystem *fs, struct error *err)
{
  const char *kind = fs->kind != NULL ? fs->kind : _("unknown content");

  if (fs->why_not != NULL)
    return format (err, _("%s: %s, %" PRIu64 " bytes, all of which are "
                          "copied: %s"),
                   fs->name, kind, fs->size, fs->why_not);
  return format (err, _("%s: %s, clean, %" PRIu64 " bytes, of which %" PRIu64
                        " are used"),
                 fs->name, kind, fs->size, fs->size - fs->unused);
}
