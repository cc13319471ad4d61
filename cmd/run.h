/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the command does, step by step. */

#ifndef V2V_RUN_H
#define V2V_RUN_H

#include "options.h"

struct error;

/* Do what the options say, and report it; returns the exit status.  -1: the
 * streams and files of the report cannot be opened.
 */
extern int run (struct options *, struct error *err);

#endif /* V2V_RUN_H */
