/* SPDX-License-Identifier: GPL-2.0-or-later */

/* All sources.  A new one is one file and one row in the table of source.c;
 * ops.h says what it implements.
 */

#ifndef V2V_SOURCE_H
#define V2V_SOURCE_H

#include "source/ops.h"

struct events;
struct guest;
struct settings;
struct supervisor;

/* The source of such a location; NULL: it is only shown. */
extern const struct source_ops *source_find (enum location_kind);
/* Make the request that the source of LOCATION is called with.  CAPS may be
 * NULL.  RET is to be reset, also after a failure; the others must outlive
 * RET.
 */
extern int source_request_of (const struct location *,
                              const struct settings *, struct nbdkit_caps *,
                              struct source_request *ret, struct error *err);
/* All of them; ends with NULL. */
extern const struct source_ops *const source_table[];

/* Options that no source has for itself; ends with a NULL name. */
extern const struct source_option source_common_options[];
/* Is NAME the name of any -io option? */
extern bool source_option_exists (const char *name);
/* Is its value a file of this host that is read? */
extern bool source_option_reads (const char *name);
/* Can the source of LOCATION do something with -io OPTION, or (NULL) with a
 * password?
 */
extern bool source_takes (const struct location *, const char *option);

/* Let each disk's source ask its server for what only the server knows. */
extern int source_resolve (struct guest *, const struct settings *,
                           struct supervisor *, const struct events *,
                           struct error *err);

#endif /* V2V_SOURCE_H */
