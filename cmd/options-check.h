/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_OPTIONS_CHECK_H
#define V2V_OPTIONS_CHECK_H

struct error;
struct options;

/* Is that a run?  The input's mode has been chosen; the output's is, where
 * another option tells it.
 */
extern int options_check (struct options *, struct error *err);

#endif /* V2V_OPTIONS_CHECK_H */
