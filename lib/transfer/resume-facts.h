/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What a copy reads and writes: facts that the journal holds, so that a
 * later run does not resume it with another source or output.
 */

#ifndef V2V_RESUME_FACTS_H
#define V2V_RESUME_FACTS_H

struct error;
struct launch;
struct launch_context;
struct output_settings;
struct overlays;
struct resume;

/* resume_fact and resume_note with the key "the WHAT of sdX". */
extern int resume_disk_fact (struct resume *, unsigned index,
                             const char *what, const char *value,
                             struct error *err);
extern int resume_disk_note (struct resume *, unsigned index,
                             const char *what, const char *value,
                             struct error *err);

/* Compare the facts about the disks of a started launch, the output, and the
 * command CONVERT (may be NULL) with those of the copy that is resumed; or, if
 * none is, record them.
 */
extern int resume_facts (struct resume *, const struct launch *,
                         const struct output_settings *, const char *convert,
                         const struct launch_context *, struct error *err);

/* The overlays have been converted: record what identifies them, and keep
 * them.
 */
extern int resume_facts_converted (struct resume *, const struct overlays *,
                                   unsigned n, struct error *err);
/* Do the overlays that were recorded still exist, unchanged?
 *   1  yes, in *DIR, which belongs to the resume
 *   0  no
 *  -1  error
 */
extern int resume_facts_overlays (const struct resume *, unsigned n,
                                  const char **dir, struct error *err);

#endif /* V2V_RESUME_FACTS_H */
