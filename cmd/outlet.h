/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A stream whose reader may be slow, or not read at all.  What the reader does
 * not take at once waits in memory, up to a limit, so that a reader does not
 * hold up a migration.
 */

#ifndef V2V_OUTLET_H
#define V2V_OUTLET_H

#include <stdbool.h>
#include <stddef.h>

struct outlet {
  int fd;                       /* it may block; -1: none */
  bool is_ours;                 /* to be closed */
  char *waiting;
  size_t len;                   /* of it */
};

#define OUTLET_INIT(the_fd) { .fd = (the_fd) }

enum outlet_result {
  OUTLET_OK,                    /* written, or waiting */
  OUTLET_FULL,                  /* too much waits: the text was not taken */
  OUTLET_GONE,                  /* the reader is no more */
};

/* First what waits, then all of TEXT. */
extern enum outlet_result outlet_put (struct outlet *, const char *text,
                                      size_t len);

/* Offer what waits to the reader; is there room for some lines then? */
extern bool outlet_has_room (struct outlet *);
/* Offer what waits to the reader; has the reader taken everything? */
extern bool outlet_is_empty (struct outlet *);

/* Wait, this long at most, until everything is taken.  A signal that asks us
 * to end (they are blocked by then) ends the waiting.  What is left is
 * dropped, and the result is OUTLET_FULL.
 */
extern enum outlet_result outlet_finish (struct outlet *, unsigned ms);
/* The same, and the end of the outlet. */
extern enum outlet_result outlet_close (struct outlet *, unsigned ms);

#endif /* V2V_OUTLET_H */
