/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What an option of the table does when it is given. */

#ifndef V2V_OPTIONS_SET_H
#define V2V_OPTIONS_SET_H

#include "option-row.h"

/* The head of such a function, an option_set_fn, most of which need only some
 * of their arguments.
 */
#define UNUSED __attribute__ ((unused))
#define SETTER(name) \
  int name (const struct option_row *row UNUSED, char *arg UNUSED, \
            struct options *options UNUSED, struct error *err UNUSED)

/* Those that store something in the row's field. */
extern SETTER (set_string);
extern SETTER (set_true);
extern SETTER (set_number);     /* unsigned, from min to max */
extern SETTER (set_choice);     /* an enum, whose values are in the order of
                                   the words in arg */
extern SETTER (set_word);       /* a string, one of those in arg */
extern SETTER (set_action);     /* min is the enum action */

/* Those of one option. */
extern SETTER (set_allocation);
extern SETTER (set_bandwidth);
extern SETTER (set_changed_extents);
extern SETTER (set_input_option);
extern SETTER (set_machine_readable);
extern SETTER (set_output_option);
extern SETTER (set_password);
extern SETTER (set_progress);
extern SETTER (set_request_size);
extern SETTER (set_run);
extern SETTER (set_verbose);

#endif /* V2V_OPTIONS_SET_H */
