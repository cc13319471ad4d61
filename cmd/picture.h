/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The page of --report: a run in pictures.  It listens to the run's events
 * and is written once, when the run ends: one HTML file that needs nothing
 * else, no network and no script.
 */

#ifndef V2V_PICTURE_H
#define V2V_PICTURE_H

#include "base/error.h"
#include "base/events.h"
#include "transfer/transfer.h"

struct output;
struct picture;

/* How the run ended. */
struct picture_end {
  int status;                   /* the exit status */
  const struct error *err;      /* NULL: it succeeded */
  const struct output *output;  /* these three may be missing */
  const struct transfer_disk *disks;
  unsigned n_disks;
};

extern struct picture *picture_new (struct error *err);
extern void picture_event (struct picture *, const struct event *);
extern int picture_write (const struct picture *, const struct picture_end *,
                          const char *path, struct error *err);
extern void picture_free (struct picture *); /* NULL is fine */

#endif /* V2V_PICTURE_H */
