/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What resume.c and resume-disks.c share. */

#ifndef V2V_RESUME_INTERNAL_H
#define V2V_RESUME_INTERNAL_H

#include <pthread.h>

#include "transfer/journal.h"
#include "transfer/resume.h"

struct resume {
  const struct launch_context *context;
  char *path;                   /* of the journal, or NULL */
  char *reserve;                /* path of a file that takes up space, or
                                   NULL */
  bool continues;
  bool kept;                    /* there is a journal to resume from */
  struct argv needed;           /* paths of files that resuming needs */
  pthread_mutex_t mutex;        /* protects the journal */
  struct journal journal;
};

/* Nothing of the disk is stored any more. */
extern void resume_empty_disk (struct resume *, unsigned index);
extern void resume_drop_reserve (struct resume *);

#endif /* V2V_RESUME_INTERNAL_H */
