/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The command line as options and SOURCEs, which may be mixed.  An option has
 * its whole name, as a script will still mean it when there are more options,
 * and one dash or two.  Only options without a value can be joined behind one
 * dash: virt-v2v's names are too near to each other (-o, -op, -os).
 */

#ifndef V2V_OPTIONS_WORDS_H
#define V2V_OPTIONS_WORDS_H

#include <stdbool.h>

#include "options-table.h"

struct error;

struct words {
  char *const *next;            /* the word that is read next */
  const char *letters;          /* what is left of joined options */
  bool only_sources;            /* -- has been read */
};

#define WORDS_INIT(argv) { .next = (argv), .letters = "" }

struct word {
  const struct option_row *row; /* NULL: a SOURCE */
  char *text;                   /* the SOURCE, or the option's value; NULL: it
                                   has none */
};

/* Read the next option or SOURCE.  0: there is none.  After an error the next
 * call goes on behind the wrong word.
 */
extern int words_next (struct words *, struct word *ret, struct error *err);

#endif /* V2V_OPTIONS_WORDS_H */
