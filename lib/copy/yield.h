/* SPDX-License-Identifier: GPL-2.0-or-later */

/* How much a copy asks for at once that runs beside somebody else's reads from
 * the same source.
 */

#ifndef V2V_YIELD_H
#define V2V_YIELD_H

#include <stdbool.h>
#include <stdint.h>

#include "copy/tune.h"

struct yield {
  unsigned window;              /* requests in flight */
  double base_ms;               /* what a request takes when the source is not
                                   busy; 0: not known */
  int64_t from_ms;              /* 0: measuring has not begun */
  uint64_t from_reads, from_read_ms;
};

/* Begin with a setting of TUNE that asks for little. */
extern void yield_begin (struct yield *, struct tune *);
/* Adapt it.  HELD: somebody reads from the source at the moment.  Has it
 * changed?
 */
extern bool yield_step (struct yield *, struct tune *,
                        const struct tune_input *, bool held);
/* Nobody else reads any more: the tuner takes over. */
extern void yield_end (struct tune *, int64_t now_ms);

#endif /* V2V_YIELD_H */
