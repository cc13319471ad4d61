/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the user asked of an output (-o, -os, -on, -of, -oa and -oo), and what
 * its targets are opened for.
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
  const char *name;             /* -on, or NULL: the source's */
  enum output_format format;    /* -of */
  bool preallocated;            /* -oa */
  bool existing;                /* --changed-extents: the targets are there,
                                   and only parts of them are written */
  struct argv options;          /* -oo KEY=VALUE */
};

enum output_how {
  OUTPUT_NEW,                   /* nothing unfinished may be there */
  OUTPUT_REPLACE,               /* what an earlier run left is removed */
  OUTPUT_CONTINUE,              /* what an earlier run left is written on */
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
/* There must be one -oo KEY= for each of N disks.  HINT is untranslated. */
extern int output_one_option_each (const struct output_settings *,
                                   const char *key, unsigned n,
                                   const char *hint, struct error *err);
/* -oo zero=; *RET stays as it is without it. */
extern int output_parse_zero (const struct output_settings *,
                              enum target_zero *ret, struct error *err);
/* -oo compressed, and whether it goes with the other settings. */
extern int output_parse_compressed (const struct output_settings *, bool *ret,
                                    struct error *err);

#endif /* V2V_OUTPUT_SETTINGS_H */
