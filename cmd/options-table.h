/* SPDX-License-Identifier: GPL-2.0-or-later */

/* One table of options feeds the parser, --help, --long-options and,
 * through these, the completion.  A new option is one row.
 */

#ifndef V2V_OPTIONS_TABLE_H
#define V2V_OPTIONS_TABLE_H

#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>

struct error;
struct option_row;
struct options;

typedef int (*option_set_fn) (const struct option_row *, char *arg,
                              struct options *, struct error *err);

struct option_row {
  const char *name;             /* one letter: a short option */
  const char *arg;              /* how its value is called, untranslated;
                                   NULL: it has none.  "a|b|c" in small
                                   letters: one of these words */
  const char *help;             /* untranslated; NULL: a heading */
  option_set_fn set;            /* ARG is NULL where none was given */
  size_t field;                 /* offset in struct options, for the set
                                   functions that serve many rows */
  unsigned min, max;            /* of a number */
  bool arg_is_optional;         /* --name[=ARG] */
};

extern const struct option_row option_rows[];
extern const size_t option_rows_len;

extern bool option_is_heading (const struct option_row *);
extern bool option_is_short (const struct option_row *);
/* With one dash up to two letters, as virt-v2v writes -ic and -os. */
extern const char *option_dashes (const struct option_row *);
/* Its value's name, translated; words to choose from are not. */
extern const char *option_arg (const struct option_row *);

/* What getopt needs: the long ones, whose value is their row's number plus
 * OPTION_FIRST, and the short ones.  -1: no memory.
 */
#define OPTION_FIRST 256
struct option_lists {
  struct option *long_options;
  char *short_options;
};
extern int option_lists_make (struct option_lists *, struct error *err);
extern void option_lists_reset (struct option_lists *);

/* The row of what getopt returned. */
extern const struct option_row *option_row_of (int c);

#endif /* V2V_OPTIONS_TABLE_H */
