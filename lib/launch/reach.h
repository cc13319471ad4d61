/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Is there a server at all where the source is?  Opening it through other
 * programs and libraries would not tell soon enough.
 */

#ifndef V2V_REACH_H
#define V2V_REACH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct location;
struct supervisor;

struct reach {
  const struct location *location;
  struct supervisor *supervisor;
  int64_t started_ms;           /* when opening it was begun */
  bool asked;
  bool silent;                  /* the host takes connections, but did not
                                   say anything */
  struct error unreachable;     /* ERROR_INIT; the caller's to reset */
};

/* Ask the host, but only when opening takes long, and then once: -1 if it
 * cannot be reached (`unreachable' is set), 1 if it takes the connection and
 * says nothing; 0: go on.
 */
extern int reach_ask (struct reach *);

/* The port of the location, which has a host. */
extern unsigned reach_port (const struct location *);

#endif /* V2V_REACH_H */
