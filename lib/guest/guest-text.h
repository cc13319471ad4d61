/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The facts of a guest for people, as virt-v2v --print-source lays them
 * out.
 */

#ifndef V2V_GUEST_TEXT_H
#define V2V_GUEST_TEXT_H

#include <stdio.h>

struct error;
struct guest;

/* Print it.  Control characters of the source's strings become "?".
 * Whether writing worked is for the caller to check.
 */
extern int guest_text (const struct guest *, FILE *fp, struct error *err);

#endif /* V2V_GUEST_TEXT_H */
