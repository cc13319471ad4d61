/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A password or a cookie.  A type of its own, so that nothing that prints
 * takes one by mistake: it goes to a file that only its reader is told of.
 */

#ifndef V2V_SECRET_H
#define V2V_SECRET_H

#include <stddef.h>

struct error;
struct secret;

extern struct secret *secret_new (const char *text, size_t len,
                                  struct error *err);
extern struct secret *secret_copy (const struct secret *, struct error *err);
/* The first line of a file, or of descriptor N for "fd:N" (-ip). */
extern struct secret *secret_read (const char *file, struct error *err);
/* All of a file, such as a private key. */
extern struct secret *secret_read_file (const char *path, struct error *err);
extern void secret_free (struct secret *); /* wipes it; NULL is fine */

/* Write the secret and nothing else to PATH, a new file of mode 0600. */
extern int secret_write (const struct secret *, const char *path,
                         struct error *err);

/* The text itself, for a library call that needs it.  Never for printing. */
extern const char *secret_reveal (const struct secret *);

#endif /* V2V_SECRET_H */
