/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the command does, step by step. */

#ifndef V2V_RUN_H
#define V2V_RUN_H

#include "options.h"

struct report;

/* Do what the options say; returns the exit status. */
extern int run (struct options *, struct report *);

#endif /* V2V_RUN_H */
