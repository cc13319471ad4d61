/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Lists of a disk's extents that changed, as users and programs write them:
 *
 *   [{"start": 0, "length": 65536}, ...]
 *
 * or what QueryChangedDiskAreas returns, whose answer may have come in several
 * pages:
 *
 *   {"startOffset": 0, "length": N, "changedArea": [{"start": ...}, ...]}
 *
 * one after the other, or in an array; as any client prints it, in JSON, XML
 * or Python; or nbdinfo's map of a dirty bitmap.  extent-list.h has more.
 */

#ifndef V2V_CHANGED_EXTENTS_H
#define V2V_CHANGED_EXTENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ranges.h"

struct error;
struct launch_context;
struct location;
struct supervisor;

struct changed_extents {
  struct ranges ranges;         /* sorted; adjacent ones are joined */
  struct ranges pages;          /* the parts of the disk that the list is
                                   about, likewise; empty: all of it */
  bool is_map;                  /* they are nbdinfo's, not vSphere's */
  uint64_t export_size;         /* of the export whose bitmap it is; 0: not
                                   from there */
  uint64_t cut;                 /* bytes of the last range that the list had
                                   behind the end of the disk */
};

/* Read the list from the file PATH; "-" is stdin.  A FIFO's writer is waited
 * for.
 */
extern int changed_extents_read (const char *path, struct supervisor *,
                                 struct changed_extents *ret,
                                 struct error *err);
/* Does WHAT, the option's value, ask for a bitmap, and not for a file?  The
 * name of its context, or NULL.
 */
extern const char *changed_extents_context (const char *what);
/* Read the list from the dirty bitmap CONTEXT of the NBD server at LOCATION.
 */
extern int changed_extents_query (const char *context,
                                  const struct location *,
                                  const struct launch_context *,
                                  struct changed_extents *ret,
                                  struct error *err);
/* Parse a text; NAME is the name of its file, for errors. */
extern int changed_extents_parse (const char *text, size_t len,
                                  const char *name,
                                  struct changed_extents *ret,
                                  struct error *err);
/* Check that the list fits a disk of SIZE bytes, and covers all of it.  A last
 * extent whose end was rounded up is cut to the disk.
 */
extern int changed_extents_fit (struct changed_extents *, uint64_t size,
                                const char *name, struct error *err);
extern void changed_extents_reset (struct changed_extents *);

#endif /* V2V_CHANGED_EXTENTS_H */
