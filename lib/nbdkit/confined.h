/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What nbdkit itself opens, beside what its command line is for. */

#ifndef V2V_CONFINED_H
#define V2V_CONFINED_H

#include "io/confine.h"

struct error;
struct nbdkit_caps;
struct nbdkit_cmd;

/* Everything that CMD may open when it is run with DIR as the private
 * directory.
 */
extern int nbdkit_confine (const struct nbdkit_cmd *, const char *dir,
                           const struct nbdkit_caps *, struct confine *ret,
                           struct error *err);

/* Does such a filter open no files, whatever it reads?  The others make
 * temporary ones, or open what their parameters name.
 */
extern bool nbdkit_filter_opens_nothing (const char *filter);

#endif /* V2V_CONFINED_H */
