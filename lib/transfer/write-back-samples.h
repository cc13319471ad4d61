/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Blocks of a disk by which it is known again: those that are not written
 * back to, so that they are the same before, during and after it.
 */

#ifndef V2V_WRITE_BACK_SAMPLES_H
#define V2V_WRITE_BACK_SAMPLES_H

#include "base/digest.h"
#include "base/ranges.h"

struct error;
struct reader;

#define SAMPLE_MAX 65536        /* bytes of a block */

struct samples {
  struct ranges ranges;         /* sorted */
  char digest[DIGEST_HEX_MAX];  /* of all of them; "": none were taken */
};

/* Choose blocks of a disk of SIZE bytes that are outside of WRITTEN, whose
 * ranges are sorted.
 */
extern int samples_choose (const struct ranges *written, uint64_t size,
                           struct samples *ret, struct error *err);
/* Their digest on the disk that READER reads. */
extern int samples_digest (const struct samples *, struct reader *,
                           char ret[DIGEST_HEX_MAX], struct error *err);
extern void samples_reset (struct samples *);

#endif /* V2V_WRITE_BACK_SAMPLES_H */
