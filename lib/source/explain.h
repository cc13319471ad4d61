/* SPDX-License-Identifier: GPL-2.0-or-later */

/* From nbdkit's error messages to a reason and a hint. */

#ifndef V2V_EXPLAIN_H
#define V2V_EXPLAIN_H

#include <stdbool.h>

struct argv;
struct error;
struct source_request;

/* What was done to the source when it failed. */
enum source_access { SOURCE_OPEN, SOURCE_READ };

/* Fill in *err from LINES, nbdkit's error messages: the message is the first
 * one that an explanation of the request's source fits.  Returns -1.
 */
extern int source_explain (const struct source_request *, enum source_access,
                           const struct argv *lines, struct error *err);

/* Do LINES say that the server has hung up before it spoke the protocol?  Then
 * the first line that it says may tell why.
 */
extern bool source_hung_up (const struct source_request *,
                            const struct argv *lines);

/* Add to the hint of *err, which source_explain made, the command to type
 * next, where there is one.
 */
extern void source_hint_command (const struct source_request *,
                                 struct error *err);

#endif /* V2V_EXPLAIN_H */
