/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Where a copy's journal and records are.
 *
 * For -o disk the journal is in NAME.part in the output directory.  For
 * targets that we do not create (-o device, -o nbd) its name is a digest of
 * the targets' names, and it is in the state directory (io/state-dir.h).
 */

#ifndef V2V_RESUME_PLACE_H
#define V2V_RESUME_PLACE_H

#include "base/file-at.h"

struct error;
struct launch_context;
struct location;
struct output;

struct resume_place {
  int dir_fd;                   /* -1: there is none */
  char *path;                   /* for messages */
  char *needed;                 /* as long as this exists, the files are
                                   needed that resuming needs */
};

/* Choose the place for the targets of OUTPUT, and make the directory.  It has
 * no path if there is no directory for it.  The caller resets it, even after
 * an error.
 */
extern int resume_place_find (const struct output *,
                              const struct launch_context *,
                              struct resume_place *ret, struct error *err);
extern void resume_place_reset (struct resume_place *);
extern struct file_at resume_place_at (const struct resume_place *);

/* The name by which a target is known: the path that symbolic links lead to,
 * or a URI.  The caller frees it.
 */
extern char *resume_place_name (const struct location *, struct error *err);

/* The path of the record of a finished run that has written to this target, in
 * the state directory.  The caller frees it.  NULL without an error: there is
 * no directory for it.
 */
extern char *resume_place_record (const struct location *,
                                  const struct launch_context *,
                                  struct error *err);

#endif /* V2V_RESUME_PLACE_H */
