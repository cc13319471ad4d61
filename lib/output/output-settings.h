/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The output options (-o, -os, -oc, -on, -of, -oa and -oo), and what a target is
 * opened for.
 */

#ifndef V2V_OUTPUT_SETTINGS_H
#define V2V_OUTPUT_SETTINGS_H

#include <stdbool.h>

#include "base/argv.h"
#include "guest/guest.h"

enum output_format { OUTPUT_RAW, OUTPUT_QCOW2 };

struct output_settings {
  const char *mode;             /* -o: "disk", "local", "device"... */
  const char *storage;          /* -os, or NULL */
  const char *connect;          /* -oc, or NULL */
  const char *name;             /* -on; NULL: the name of the source */
  enum output_format format;    /* -of */
  bool preallocated;            /* -oa */
  bool existing;                /* --changed-extents: the targets exist and
                                   only parts of them are written */
  struct argv options;          /* -oo KEY=VALUE */
  enum copy_bus bus;            /* -oo bus= */
};

enum output_how {
  OUTPUT_NEW,                   /* an unfinished file is an error */
  OUTPUT_REPLACE,               /* an unfinished file is removed first */
  OUTPUT_CONTINUE,              /* an unfinished file is completed */
};

struct output_option {
  const char *name;             /* as in -oo NAME=VALUE; NULL ends */
  const char *help;             /* untranslated */
  const char *values;           /* "a|b|c": one of these; "FILE": a path; or
                                   NULL */
};

#endif /* V2V_OUTPUT_SETTINGS_H */
