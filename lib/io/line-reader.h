/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Reads a pipe whenever something comes, so that its writer never blocks,
 * and hands it on line by line.
 */

#ifndef V2V_LINE_READER_H
#define V2V_LINE_READER_H

struct error;
struct line_reader;
struct supervisor;

/* LINE has no newline, no NUL byte inside, and may be changed by FN. */
typedef void (*line_fn) (void *data, char *line);

/* Make a pipe, and read from it.  Returns the end to write to, which is the
 * caller's; or -1.  In both cases *RET is to be freed.
 */
extern int line_reader_open (struct line_reader **ret, struct supervisor *,
                             line_fn fn, void *data, struct error *err);
/* Read what is there, without waiting. */
extern void line_reader_catch_up (struct line_reader *);
/* The same, and hand on the last, unfinished line too. */
extern void line_reader_drain (struct line_reader *);
extern void line_reader_free (struct line_reader *); /* NULL is fine */

#endif /* V2V_LINE_READER_H */
