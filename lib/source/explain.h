/* SPDX-License-Identifier: GPL-2.0-or-later */

/* From nbdkit's error messages to a reason and a hint. */

#ifndef V2V_EXPLAIN_H
#define V2V_EXPLAIN_H

#include "source/ops.h"

struct argv;

/* What was done to the source when it failed. */
enum source_access { SOURCE_OPEN, SOURCE_READ };

/* Fill in *err from LINES, nbdkit's error messages: the message is the first
 * one that an explanation of the source fits.  Returns -1.
 */
extern int source_explain (const struct source_ops *,
                           const struct location *, enum source_access,
                           const struct argv *lines, struct error *err);

/* The first explanation of TABLE, or else of MORE (which may be NULL), that
 * fits one of the lines, or NULL.  *LINE is the line that it fits, or the
 * first one where none does; NULL when there are no lines.
 */
extern const struct explanation *
explanation_find (const struct explanation *table,
                  const struct explanation *more, const struct argv *lines,
                  const char **line);

/* Add to the hint of *err, which source_explain made, the command to type
 * next, where there is one.
 */
extern void source_hint_command (const struct source_ops *,
                                 const struct source_request *,
                                 struct error *err);

#endif /* V2V_EXPLAIN_H */
