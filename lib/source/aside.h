/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What a server says of a file, asked for by a thread while something else is
 * done: it takes a round trip or more, which then costs no time.
 */

#ifndef V2V_ASIDE_H
#define V2V_ASIDE_H

struct error;
struct http_file;
struct source_request;
struct supervisor;

struct aside;

/* ASK is a source's preflight, which gets no supervisor: a signal does not end
 * it, but it takes seconds at most.  The request must outlive it.  NULL: there
 * is no memory, or no thread.
 */
extern struct aside *
aside_begin (int (*ask) (const struct source_request *, struct supervisor *,
                         struct http_file *ret, struct error *err),
             const struct source_request *);
/* Wait for the answer, as ASK has given it: 1.  Or, if there is no thread, or
 * its answer was taken, 0.
 */
extern int aside_take (struct aside *, struct http_file *ret,
                       struct error *err);
extern void aside_free (struct aside *); /* waits; NULL is fine */

#endif /* V2V_ASIDE_H */
