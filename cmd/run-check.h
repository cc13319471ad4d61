/* SPDX-License-Identifier: GPL-2.0-or-later */

/* --check. */

#ifndef V2V_RUN_CHECK_H
#define V2V_RUN_CHECK_H

#include "run-steps.h"

extern int run_check (struct run *, struct error *err);

#endif /* V2V_RUN_CHECK_H */
