/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What a copy is of and to: the facts that the journal holds, so that a
 * later run cannot go on with something else.
 */

#ifndef V2V_RESUME_FACTS_H
#define V2V_RESUME_FACTS_H

struct error;
struct launch;
struct launch_context;
struct output_settings;
struct overlays;
struct resume;

struct resume_facts {
  const struct output_settings *output;
  const char *convert;          /* the command, or NULL */
  struct launch *launch;        /* started */
};

/* Compare with the copy that is gone on with, or record. */
extern int resume_facts (struct resume *, const struct resume_facts *,
                         const struct launch_context *, struct error *err);

/* The overlays are converted: record which they are, and keep them. */
extern int resume_facts_converted (struct resume *, const struct overlays *,
                                   unsigned n, struct error *err);
/* Are they still there as they were?
 *   1  yes, in *DIR (the resume's)
 *   0  no
 *  -1  error
 */
extern int resume_facts_overlays (const struct resume *, unsigned n,
                                  const char **dir, struct error *err);

#endif /* V2V_RESUME_FACTS_H */
