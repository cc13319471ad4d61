/* SPDX-License-Identifier: GPL-2.0-or-later */

/* One option: a row of the table in options-table.c. */

#ifndef V2V_OPTION_ROW_H
#define V2V_OPTION_ROW_H

#include <stdbool.h>
#include <stddef.h>

struct error;
struct option_row;
struct options;

typedef int (*option_set_fn) (const struct option_row *, char *arg,
                              struct options *, struct error *err);

struct option_row {
  const char *name;             /* one letter: a short option */
  const char *arg;              /* the name of its value, untranslated;
                                   NULL: it has none.  "a|b|c" in small
                                   letters: one of these words */
  const char *help;             /* untranslated; NULL: a heading */
  option_set_fn set;            /* ARG is NULL where none was given */
  size_t field;                 /* offset in struct options, for the set
                                   functions that serve many rows */
  unsigned min, max;            /* of a number */
  bool arg_is_optional;         /* --name[=ARG] */
};

extern bool option_is_heading (const struct option_row *);
extern bool option_is_short (const struct option_row *);
/* With one dash up to two letters, as virt-v2v writes -ic and -os. */
extern const char *option_dashes (const struct option_row *);
/* Its value's name, translated; words to choose from are not. */
extern const char *option_arg (const struct option_row *);

#endif /* V2V_OPTION_ROW_H */
