/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What an option of the table does when it is given. */

#ifndef V2V_OPTIONS_SET_H
#define V2V_OPTIONS_SET_H

#include "option-row.h"

#define DECLARE_SETTER(name) \
  extern int name (const struct option_row *, char *arg, struct options *, \
                   struct error *err)

/* Those that store something in the row's field. */
DECLARE_SETTER (set_string);
DECLARE_SETTER (set_true);
DECLARE_SETTER (set_number);    /* unsigned, from min to max */
DECLARE_SETTER (set_choice);    /* an enum, whose values are in the order of
                                   the words in arg */
DECLARE_SETTER (set_word);      /* a string, one of those in arg */
DECLARE_SETTER (set_action);    /* min is the enum action */

/* Those of one option. */
DECLARE_SETTER (set_allocation);
DECLARE_SETTER (set_bandwidth);
DECLARE_SETTER (set_changed_extents);
DECLARE_SETTER (set_input_option);
DECLARE_SETTER (set_machine_readable);
DECLARE_SETTER (set_output_option);
DECLARE_SETTER (set_password);
DECLARE_SETTER (set_progress);
DECLARE_SETTER (set_request_size);
DECLARE_SETTER (set_run);
DECLARE_SETTER (set_verbose);

#undef DECLARE_SETTER

#endif /* V2V_OPTIONS_SET_H */
