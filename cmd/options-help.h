/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_OPTIONS_HELP_H
#define V2V_OPTIONS_HELP_H

#include <stdbool.h>

extern void options_print_help (void);
/* The commands that most people need. */
extern void options_print_first_steps (void);
/* The options with one letter, or the others. */
extern void options_print_names (bool short_ones);

#endif /* V2V_OPTIONS_HELP_H */
