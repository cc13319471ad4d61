/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Texts that no line of another program may show. */

#ifndef V2V_REDACT_H
#define V2V_REDACT_H

#include "base/vector.h"

struct error;

struct redact {
  struct argv texts;
};

/* A secret of one line, as programs print it: as it is, and percent-encoded
 * as in a URL.
 */
extern int redact_add (struct redact *, const char *secret,
                       struct error *err);
/* USER and PASSWORD as HTTP's basic authentication sends them. */
extern int redact_add_login (struct redact *, const char *user,
                             const char *password, struct error *err);

/* Replace each of the texts in LINE by asterisks, in place. */
extern void redact_line (const struct redact *, char *line);

extern void redact_reset (struct redact *); /* wipes them */

#endif /* V2V_REDACT_H */
