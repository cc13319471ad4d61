/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The output options (-o, -os, -on, -of, -oa and -oo), and what a target is
 * opened for.
 */

#ifndef V2V_OUTPUT_SETTINGS_H
#define V2V_OUTPUT_SETTINGS_H

#include <stdbool.h>

#include "base/argv.h"
#include "target/target.h"

struct error;

enum output_format { OUTPUT_RAW, OUTPUT_QCOW2 };

struct output_settings {
  const char *mode;             /* -o: "disk", "local", "device"... */
  const char *storage;          /* -os, or NULL */
  const char *name;             /* -on; NULL: the name of the source */
  enum output_format format;    /* -of */
  bool preallocated;            /* -oa */
  bool existing;                /* --changed-extents: the targets exist and
                                   only parts of them are written */
  struct argv options;          /* -oo KEY=VALUE */
};

enum output_how {
  OUTPUT_NEW,                   /* an unfinished file is an error */
  OUTPUT_REPLACE,               /* an unfinished file is removed first */
  OUTPUT_CONTINUE,              /* an unfinished file is completed */
};

struct output_option {
  const char *name;             /* as in -oo NAME=VALUE; NULL ends */
  const char *help;             /* untranslated */
};

/* "raw" or "qcow2". */
extern const char *output_settings_format (const struct output_settings *);

/* Value number INDEX of -oo KEY=..., or NULL. */
extern const char *output_nth_option (const struct output_settings *,
                                      const char *key, unsigned index);
/* Check that there is one -oo KEY= for each of N disks.  HINT is
 * untranslated.
 */
extern int output_one_option_each (const struct output_settings *,
                                   const char *key, unsigned n,
                                   const char *hint, struct error *err);
/* -oo zero=; without it *RET is unchanged. */
extern int output_parse_zero (const struct output_settings *,
                              enum target_zero *ret, struct error *err);
/* -oo compressed; an error if the other settings do not allow it. */
extern int output_parse_compressed (const struct output_settings *, bool *ret,
                                    struct error *err);

#endif /* V2V_OUTPUT_SETTINGS_H */
