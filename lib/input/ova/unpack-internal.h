/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What unpack.c and unpack-file.c share. */

#ifndef V2V_UNPACK_INTERNAL_H
#define V2V_UNPACK_INTERNAL_H

#include <locale.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <archive.h>
#include <archive_entry.h>

#include "base/error.h"
#include "base/i18n.h"

struct unpack {
  struct archive *archive;
  struct archive_entry *entry;  /* the current one */
  unsigned entries;             /* how many there were so far */
  char *name;                   /* of the current file */

  struct reader *reader;
  struct supervisor *supervisor;
  unsigned char *buf;           /* what was read last */
  size_t chunk;                 /* bytes that are read at once */
  uint64_t offset;              /* of the next read */
  struct error *err;            /* of the function that was called */

  /* Of a tar file in place: */
  bool tar_in_place;
  uint64_t headers;             /* bytes of headers that were read */
  locale_t callers_locale, c_locale;
  uint64_t place, size;         /* of the current file in the tar file */
  uint64_t next_header;         /* offset of the one after that file; 0: not
                                   known */
  bool in_pieces;               /* some file is stored so */
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
