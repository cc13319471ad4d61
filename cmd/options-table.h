/* SPDX-License-Identifier: GPL-2.0-or-later */

/* One table of options feeds the parser, --help, --long-options and,
 * through these, the completion.  A new option is one row.
 */

#ifndef V2V_OPTIONS_TABLE_H
#define V2V_OPTIONS_TABLE_H

#include <stdbool.h>
#include <stddef.h>

struct error;
struct options;

struct option_row {
  const char *name;             /* one letter: a short option */
  const char *arg;              /* the name of its value, untranslated;
                                   NULL: it has none.  "a|b|c" in small
                                   letters: one of these words */
  const char *help;             /* untranslated; NULL: a heading */
  /* What the option does; ARG is NULL where none was given. */
  int (*set) (const struct option_row *, char *arg, struct options *,
              struct error *err);
  size_t field;                 /* offset in struct options, for the set
                                   functions that serve many rows */
  unsigned min, max;            /* of a number */
  bool arg_is_optional;         /* --name[=ARG] */
  bool repeats;                 /* each ARG counts.  Options without ARG may
                                   always be repeated */
  bool reads;                   /* ARG is a file that is read */
  bool is_first;                /* read before all others */
  bool is_quiet;                /* asks for no work: --machine-readable is
                                   still alone */
};

extern const struct option_row option_rows[];
extern const size_t option_rows_len;

extern bool option_is_heading (const struct option_row *);
extern bool option_is_short (const struct option_row *);
/* With one dash up to two letters, as virt-v2v writes -ic and -os. */
extern const char *option_dashes (const struct option_row *);
/* Its value's name, translated; words to choose from are not. */
extern const char *option_arg (const struct option_row *);
/* Is WORD one of WORDS, which '|' joins?  Then *NUMBER is its place. */
extern bool option_word (const char *words, const char *word,
                         unsigned *number);

#endif /* V2V_OPTIONS_TABLE_H */
