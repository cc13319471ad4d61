/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_OVERWRITE_H
#define V2V_OVERWRITE_H

struct error;

/* -1 where PATH, the value of OPTION, is the file of a disk or a guest, which
 * cannot be meant to be overwritten: somebody has forgotten the option's
 * value, so that SOURCE was taken for it.
 */
extern int overwrite_refuse_guests (const char *option, const char *path,
                                    struct error *err);

#endif /* V2V_OVERWRITE_H */
