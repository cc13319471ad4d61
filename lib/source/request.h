/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What a source looks at to build its part of a command line, and how it
 * finds the user's -io options in it.
 */

#ifndef V2V_REQUEST_H
#define V2V_REQUEST_H

#include "nbdkit/caps.h"
#include "nbdkit/cmd.h"

struct argv;
struct error;
struct location;
struct settings;

/* Made by plan_disk and source_resolve only. */
struct source_request {
  const struct location *location;
  const struct settings *settings;
  struct nbdkit_caps *caps;     /* NULL while servers are asked, before any
                                   plan is made */
  const struct nbdkit_plugin *plugin; /* NULL while it is being asked */
};

/* The value of -io OPTION, or NULL. */
extern const char *source_option (const struct source_request *,
                                  const char *option);
/* Append all values of -io OPTION, in the order given. */
extern int source_option_values (const struct source_request *,
                                 const char *option, struct argv *ret,
                                 struct error *err);
/* Refuse a value of -io OPTION that is no boolean. */
extern int source_check_boolean (const struct source_request *,
                                 const char *option, struct error *err);
/* Add PARAMETER=VALUE to the command where -io OPTION=VALUE was given. */
extern void source_pass_option (const struct source_request *,
                                const char *option, const char *parameter,
                                struct nbdkit_cmd *);

#endif /* V2V_REQUEST_H */
