/* SPDX-License-Identifier: GPL-2.0-or-later */

/* One table of options feeds the parser, --help, --long-options and,
 * through these, the completion.  A new option is one row.
 */

#ifndef V2V_OPTIONS_TABLE_H
#define V2V_OPTIONS_TABLE_H

#include <getopt.h>
#include <stddef.h>

#include "option-row.h"

struct error;

extern const struct option_row option_rows[];
extern const size_t option_rows_len;

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
