/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What a transfer is asked to copy, and what it returns. */

#ifndef V2V_TRANSFER_REQUEST_H
#define V2V_TRANSFER_REQUEST_H

#include <stdbool.h>

#include "copy/blkhash.h"
#include "copy/copy.h"

struct ahead;
struct changed_extents;
struct copied;
struct error;
struct launch;
struct launch_context;
struct output;
struct overlays;
struct resume;
struct unused;

struct transfer {
  struct launch *launch;
  struct overlays *overlays;
  struct output *output;
  struct resume *resume;
  bool changed;                 /* a command may have changed the overlays */
  const struct changed_extents *extents; /* one for each disk: only these are
                                   copied; NULL: everything is */
  struct ahead *ahead;          /* copies the sources since the conversion was
                                   begun, and is waited for; or NULL */
  struct copied *copied;        /* what was copied of the sources before their
                                   conversion had ended; or NULL: nothing */
  bool is_source;               /* a conversion is to come, or runs: what is
                                   copied is the sources' for now */
  bool replace;                 /* remove what an unfinished run has left at
                                   the target */
  bool verify;                  /* read the targets back and compare */
  bool checksum;                /* compute a digest of each disk */
  bool skip_unused;             /* what the guest's file systems say is free
                                   is not read, and becomes zeroes; not with
                                   `extents' */
  struct unused *unused;        /* skip_unused: keeps what was found of that,
                                   for all that is done in a run */
};

/* What was copied of one disk. */
struct transfer_disk {
  uint64_t size;                /* bytes */
  const char *target, *format;  /* NULL: as the output says */
  struct copy_result result;
  bool verified;
  char checksum[BLKHASH_HEX];   /* "": none */
};

#endif /* V2V_TRANSFER_REQUEST_H */
