/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What resume.c and resume-disks.c share. */

#ifndef V2V_RESUME_INTERNAL_H
#define V2V_RESUME_INTERNAL_H

#include <pthread.h>

#include "transfer/journal.h"
#include "transfer/resume-place.h"
#include "transfer/resume.h"

struct resume {
  const struct launch_context *context;
  struct resume_place place;    /* of the journal; its path may be NULL */
  bool reserved;                /* a file takes up space */
  bool only_looks;              /* RESUME_LOOK */
  bool continues;
  bool is_source;               /* what is stored is the sources', and is kept
                                   only if */
  bool keeps_source;            /* this says so */
  bool kept;                    /* there is a journal to resume from */
  struct argv needed;           /* paths of files that resuming needs */
  pthread_mutex_t mutex;        /* protects the journal */
  struct journal journal;
};

#define RESUME_RESERVE ".reserve" /* behind the journal's name */

/* Nothing of the disk is stored any more. */
extern void resume_empty_disk (struct resume *, unsigned index);
extern void resume_drop_reserve (struct resume *);

#endif /* V2V_RESUME_INTERNAL_H */
