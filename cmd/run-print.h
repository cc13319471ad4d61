/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_RUN_PRINT_H
#define V2V_RUN_PRINT_H

#include "run-steps.h"

extern int run_dry_run (struct run *, struct error *err);
extern int run_print_source (struct run *, struct error *err);

#endif /* V2V_RUN_PRINT_H */
