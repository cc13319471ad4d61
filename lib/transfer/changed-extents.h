/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Lists of a disk's extents that changed, as users and vSphere write them:
 *
 *   [{"start": 0, "length": 65536}, ...]
 *
 * or what QueryChangedDiskAreas returns (pyvmomi, govmomi, the REST API),
 * whose answer may have come in several pages:
 *
 *   {"startOffset": 0, "length": N, "changedArea": [{"start": ...}, ...]}
 *
 * one after the other, or in an array.
 */

#ifndef V2V_CHANGED_EXTENTS_H
#define V2V_CHANGED_EXTENTS_H

#include <stddef.h>
#include <stdint.h>

#include "copy/ranges.h"

struct error;

struct changed_extents {
  struct copy_ranges ranges;    /* sorted; adjacent ones are joined */
  struct copy_ranges pages;     /* the parts of the disk that vSphere was
                                   asked about, likewise; empty: all of it */
};

/* Read the list from the file PATH; "-" is stdin. */
extern int changed_extents_read (const char *path,
                                 struct changed_extents *ret,
                                 struct error *err);
/* Parse a text; NAME is the name of its file, for errors. */
extern int changed_extents_parse (const char *text, size_t len,
                                  const char *name,
                                  struct changed_extents *ret,
                                  struct error *err);
/* Check that the list fits a disk of SIZE bytes, and covers all of it. */
extern int changed_extents_check (const struct changed_extents *,
                                  uint64_t size, const char *name,
                                  struct error *err);
extern uint64_t changed_extents_total (const struct changed_extents *);
extern void changed_extents_reset (struct changed_extents *);

#endif /* V2V_CHANGED_EXTENTS_H */
