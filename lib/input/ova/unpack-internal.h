/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What unpack.c and unpack-file.c share. */

#ifndef V2V_UNPACK_INTERNAL_H
#define V2V_UNPACK_INTERNAL_H

#include <locale.h>

#include <archive.h>
#include <archive_entry.h>

#include "base/error.h"
#include "base/i18n.h"
#include "input/ova/unpack.h"

struct unpack {
  struct archive *archive;
  struct archive_entry *entry;  /* the current one */
  unsigned entries;             /* seen */
  char *name;                   /* the current file's */

  struct reader *reader;
  struct supervisor *supervisor;
  unsigned char *buf;           /* what was read last, */
  size_t chunk;                 /* of this size, */
  uint64_t offset;              /* before this byte */
  struct error *err;            /* of the call under way */

  bool tar_in_place;
  uint64_t headers;             /* bytes that were read */
  locale_t callers_locale, c_locale;
  uint64_t place, size;         /* the current file's bytes */
  uint64_t next_header;         /* where it has to be then, or 0 */
  bool in_pieces;
};

/* What libarchive complains about, unless the cause is known better. */
static inline int
unpack_failed (struct unpack *u)
{
  const char *why = archive_error_string (u->archive);

  if (why == NULL)
    why = _("it is damaged");
  if (!u->tar_in_place)
    return error_set (u->err, REASON_READ, _("cannot unpack: %s"), why);
  return error_set (u->err, REASON_UNTRUSTED_IMAGE,
                    _("the tar file is damaged: %s"), why);
}

#endif /* V2V_UNPACK_INTERNAL_H */
