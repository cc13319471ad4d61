/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What this program can do, for programs (--machine-readable alone) and for
 * people (-io ?).
 */

#ifndef V2V_CAPABILITIES_H
#define V2V_CAPABILITIES_H

#include "options.h"

extern void capabilities_print (void);
extern void capabilities_print_output_options (const struct options *);
extern void capabilities_print_input_options (const struct options *);

#endif /* V2V_CAPABILITIES_H */
