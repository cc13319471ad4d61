/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What a source looks at to build its part of a command line: the location,
 * and nbdkit's parameters as the user and the metadata want them.
 */

#ifndef V2V_REQUEST_H
#define V2V_REQUEST_H

#include "base/argv.h"
#include "nbdkit/caps.h"
#include "nbdkit/cmd.h"

struct error;
struct location;
struct settings;
struct source_ops;

struct source_option {
  const char *name;             /* as in -io NAME=VALUE; NULL ends */
  const char *help;             /* untranslated */
  const char *parameter;        /* nbdkit's, which it gives a value; NULL: it
                                   is of use in another way */
  const char *values;           /* "a|b|c": one of these; "FILE" or "DIR": a
                                   path; "FILTER": one of nbdkit's; or NULL */
};

/* Made by source_request_of only. */
struct source_request {
  const struct source_ops *source; /* the location's */
  const struct location *location;
  const struct settings *settings;
  struct nbdkit_caps *caps;     /* NULL before there are plans */
  const struct nbdkit_plugin *plugin; /* NULL while it is being asked */
  /* KEY=VALUE: those of -io options, in the order of the source's table,
   * then those of the location whose KEY no option has.
   */
  struct argv params;
};

/* Merge the values of OPTIONS (may be NULL) with the location's parameters.
 * The request is to be reset, also after a failure.
 */
extern int source_request_merge (struct source_request *,
                                 const struct source_option *options,
                                 struct error *err);
extern void source_request_reset (struct source_request *);
#define CLEANUP_SOURCE_REQUEST __attribute__ ((cleanup (source_request_reset)))

/* The value of parameter KEY, or NULL. */
extern const char *source_param (const struct source_request *,
                                 const char *key);
/* The same, or else VALUE. */
extern const char *source_param_or (const struct source_request *,
                                    const char *key, const char *value);
/* Add it to the command, where it has one. */
extern void source_pass_param (const struct source_request *,
                               const char *key, struct nbdkit_cmd *);
/* Refuse a value of parameter KEY, which -io OPTION sets, that is no
 * boolean.
 */
extern int source_check_boolean (const struct source_request *,
                                 const char *key, const char *option,
                                 struct error *err);

/* The value of -io OPTION, for one that sets no parameter, or NULL. */
extern const char *source_option (const struct source_request *,
                                  const char *option);
/* Append all values of -io OPTION, in the order given. */
extern int source_option_values (const struct source_request *,
                                 const char *option, struct argv *ret,
                                 struct error *err);

#endif /* V2V_REQUEST_H */
