/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_CONFINED_HINT_H
#define V2V_CONFINED_HINT_H

struct error;

/* Nothing is to be said where programs are not confined.  Otherwise, if the
 * error says that one of them may not open a file that this user may open, add
 * how to do without confinement; unless it is an image that names the file,
 * and neither does one of ARGUMENTS (the command line, NULL at the end): then
 * the reason is that.
 */
extern void confined_hint (char *const *arguments, struct error *err);

#endif /* V2V_CONFINED_HINT_H */
