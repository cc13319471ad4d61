/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The paths of a copy's journal and records.
 *
 * For -o disk the journal is NAME.journal in the output directory.  For
 * targets that we do not create (-o device, -o nbd) its name is a digest of
 * the targets' names, and it is in the state directory (io/state-dir.h).
 */

#ifndef V2V_RESUME_PLACE_H
#define V2V_RESUME_PLACE_H

struct error;
struct launch_context;
struct location;
struct output;

/* Choose the path for the targets of OUTPUT, and make the directory.  It is
 * left as it is if there is no directory for it.  The caller frees it, even
 * after an error.
 */
extern int resume_place_find (const struct output *,
                              const struct launch_context *, char **journal,
                              struct error *err);

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
