/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_OVERWRITE_H
#define V2V_OVERWRITE_H

struct error;

/* -1 if PATH, the value of OPTION, is a disk or the description of a guest.
 * Nobody wants to overwrite those: the option's value was forgotten, and
 * getopt took the SOURCE for it.
 */
extern int overwrite_refuse_guests (const char *option, const char *path,
                                    struct error *err);

#endif /* V2V_OVERWRITE_H */
