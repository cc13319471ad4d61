/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The command line as a struct, and its readers, one file each. */

#ifndef V2V_OPTIONS_H
#define V2V_OPTIONS_H

#include <stdbool.h>

#include "base/argv.h"
#include "base/secret.h"
#include "guest/network-map.h"
#include "output/output.h"
#include "settings.h"

struct error;
struct events;
struct guest;
struct source_ops;

enum action {
  ACTION_COPY,                  /* launch, overlay, convert, copy */
  ACTION_DRY_RUN,
  ACTION_PRINT_SOURCE,
  ACTION_RUN,
  ACTION_CHECK,
  ACTION_SUMMARY,
  ACTION_HELP,
  ACTION_VERSION,
  ACTION_SHORT_OPTIONS,
  ACTION_LONG_OPTIONS,
  ACTION_INPUT_OPTIONS,         /* -io ? */
  ACTION_OUTPUT_OPTIONS,        /* -oo ? */
  ACTION_CAPABILITIES,          /* --machine-readable alone */
  ACTION_FIRST_STEPS,           /* no argument at all */
};

enum summary_format { SUMMARY_TABLE, SUMMARY_JSON, SUMMARY_CSV };

/* Does the action only tell something about the program itself? */
extern bool action_is_about_program (enum action);

#define OPTION_ROWS_MAX 100     /* more than there are */

struct options {
  enum action action;
  char *const *arguments;       /* all of them, as they were typed */
  bool given[OPTION_ROWS_MAX];  /* which rows of the table are among
                                   them */
  const char *input_mode;       /* -i; NULL until the default is chosen */
  const char *connect;          /* -ic */
  const char *input_format;     /* -if */
  const char *transport;        /* -it */
  struct secret *password;      /* -ip, or as it was asked for */
  bool ask_password;            /* -ip - */
  struct secret *ssh_key;       /* settings.ssh_key */
  struct argv sources;
  struct output_settings output;
  struct network_map networks;  /* --network, --bridge, --mac */
  const char *convert;          /* --convert COMMAND */
  enum choice copy_ahead;       /* --copy-while-converting */
  const char *run;              /* --run COMMAND */
  bool resume, verify, checksum, skip_unused;
  struct argv changed_extents;  /* --changed-extents FILE... */
  bool in_place;                /* what --convert changed is written to the
                                   disks that it read, not to copies */
  struct settings settings;     /* -io, and options that the library obeys */
  bool quiet, trace, colours, no_progress; /* -v: settings.verbose */
  bool very_verbose;            /* -v -v: nbdkit's debug messages too */
  bool machine_readable;
  bool asks_for_work;           /* so --machine-readable is not alone */
  const char *machine_stream;   /* what follows --machine-readable=, or NULL */
  bool progress;                /* --progress was given */
  const char *progress_fd;      /* --progress=FD, or NULL */
  const char *log;
  const char *result_file;
  const char *status_file;
  unsigned summary_format;      /* enum summary_format */
  unsigned retry_status;        /* of an error that is retryable; 0: as any */
  const char *report;           /* the page */
};

/*--- options-parse.c ---*/

/* Set the defaults, and look where the run is to tell how it ended:
 * --machine-readable and --result-file are read wherever they stand, so that
 * mistakes in other options are told there.  Errors are left to options_parse,
 * which comes next.
 */
extern void options_begin (char *const *arguments, struct options *);
/* Read the arguments; strings in OPTIONS point into them.  Also after an
 * error OPTIONS has to be reset, and holds what was read before.
 */
extern int options_parse (struct options *, struct error *err);
extern void options_reset (struct options *);

/*--- options-check.c ---*/

/* Do the options go together?  The input's mode has been chosen by then; the
 * output's is chosen here where another option tells it.
 */
extern int options_check (struct options *, struct error *err);

/* Set the error that --copy-while-converting on cannot be done; returns -1. */
extern int options_refuse_ahead (const char *obstacle, struct error *err);

/*--- options-idle.c ---*/

/* Options that have no effect on this run: refuse those that would be missed,
 * and tell the others.
 */
extern int options_refuse_idle (const struct options *, struct error *err);
extern void options_tell_idle (const struct options *, const struct events *);
/* Few have an effect on --summary. */
extern int options_refuse_with_summary (const struct options *,
                                        struct error *err);
/* Tell the -io options, and -ip, that none of the guest's disks is read
 * with.
 */
extern void options_tell_unread (const struct options *,
                                 const struct guest *,
                                 const struct events *);

/*--- options-help.c ---*/

extern void options_print_help (void);
/* The commands that most people need. */
extern void options_print_first_steps (void);
/* The options with one letter, or the others. */
extern void options_print_names (bool short_ones);
/* What this program can do, for programs: --machine-readable alone. */
extern void options_print_capabilities (void);
/* -io ? and -oo ? */
extern void options_print_input_options (const struct options *);
/* Can a guest by -i INPUT and -it TRANSPORT have disks of SOURCE?  Of what is
 * NULL nothing is known.
 */
extern bool options_may_have (const struct source_ops *source,
                              const char *input, const char *transport);
extern void options_print_output_options (const struct options *);

#endif /* V2V_OPTIONS_H */
