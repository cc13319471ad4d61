/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Calls of libraries that may hang for minutes or crash, in a process of
 * their own: it can be interrupted, and its end is an error like others.
 */

#ifndef V2V_ISOLATED_H
#define V2V_ISOLATED_H

struct error;
struct supervisor;

/* Call FN, which returns a text or NULL with *err set, in a child, and
 * return what it returned.  The caller frees the text.  WHAT is the
 * library, for the error when the child dies.
 */
extern char *isolated_call (const char *what,
                            char *(*fn) (const void *data, struct error *),
                            const void *data, struct supervisor *,
                            struct error *err);

#endif /* V2V_ISOLATED_H */
