/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The filters of -io filter=NAME, and what follows from those that unpack. */

#ifndef V2V_PLAN_FILTERS_H
#define V2V_PLAN_FILTERS_H

#include <stdbool.h>

#include "base/argv.h"

struct error;
struct nbdkit_cmd;
struct settings;
struct source_ops;
struct source_request;

struct plan_filters {
  struct argv names;            /* in the user's order, which is nbdkit's */
  /* So many of them, the first ones, come before the retry filter: what fails
   * below one that unpacks has to be tried again there, because all would be
   * unpacked again otherwise.  0: none of them unpacks.
   */
  size_t unpacking;
};

/* Fill in *RET, which is to be reset, also after a failure.  Filters that
 * nbdkit does not have are refused.
 */
extern int plan_filters_read (const struct source_request *,
                              struct plan_filters *ret, struct error *err);
extern void plan_filters_reset (struct plan_filters *);
/* Add those before the retry filter, or behind it. */
extern void plan_filters_add (const struct plan_filters *, bool before_retry,
                              const struct source_request *,
                              struct nbdkit_cmd *);
/* Where one of them makes a file as large as all that it unpacks; or NULL. */
extern const char *plan_filters_directory (const struct plan_filters *);

/* How long opening the source and a first read may take. */
extern unsigned plan_filters_timeout (const struct plan_filters *,
                                      const struct source_ops *,
                                      const struct settings *);

#endif /* V2V_PLAN_FILTERS_H */
