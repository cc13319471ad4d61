/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the record of a finished run has beyond the facts that an interrupted
 * one is resumed with (facts.h): the targets as they are when they are
 * complete, and what the sources hold where their identity does not tell.
 */

#ifndef V2V_FINISHED_FACTS_H
#define V2V_FINISHED_FACTS_H

#include <stdbool.h>

struct argv;
struct error;
struct guest;
struct launch;
struct launch_context;
struct location;
struct output;

/* The disks that a run writes to. */
struct finished_disks {
  const struct output *output;  /* its targets; NULL: --in-place, */
  const struct guest *guest;    /* those of the guest */
};

/* How many there are (none with -o null), and where number INDEX is. */
extern unsigned finished_count (const struct finished_disks *);
extern const struct location *finished_location
  (const struct finished_disks *, unsigned index);
/* What messages call it. */
extern const char *finished_name (const struct location *);

/* Add to RET what is known of the guest's description, and of the targets,
 * which have been committed.
 */
extern int finished_add_targets (const struct finished_disks *,
                                 const struct launch_context *,
                                 struct argv *ret, struct error *err);
/* Are they still there?  1; or 0, and what is gone is told. */
extern int finished_has_targets (const struct finished_disks *,
                                 const struct launch_context *,
                                 struct error *err);
/* -1 with REASON_TARGET_CHANGED if they are not as in BEFORE. */
extern int finished_compare_targets (const struct finished_disks *,
                                     const struct launch_context *,
                                     const struct argv *before,
                                     struct error *err);
/* The same for one of them. */
extern int finished_compare_target (const struct finished_disks *,
                                    unsigned index,
                                    const struct launch_context *,
                                    const struct argv *before,
                                    struct error *err);

/* -1 with REASON_SOURCE_CHANGED if the XML that describes the guest would be
 * another one, by what the user wants of it or by the source.
 */
extern int finished_compare_guest (const struct finished_disks *,
                                   const struct argv *before,
                                   struct error *err);

/* Add to RET, which has the facts of the sources, what sources hold whose
 * identity does not tell when they are written to.
 */
extern int finished_add_sources (const struct launch *,
                                 const struct launch_context *,
                                 struct argv *ret, struct error *err);
/* Compare that, where BEFORE has it: with SERVED through the servers of a
 * started launch, without it what can be read without them.  1: they hold the
 * same; 0: others must be compared with SERVED; -1 with REASON_SOURCE_CHANGED:
 * not the same, or another error.
 */
extern int finished_compare_sources (const struct launch *, bool served,
                                     const struct launch_context *,
                                     const struct argv *before,
                                     struct error *err);

#endif /* V2V_FINISHED_FACTS_H */
