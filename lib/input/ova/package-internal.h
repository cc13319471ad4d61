/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What package.c and the kinds of packages share. */

#ifndef V2V_PACKAGE_INTERNAL_H
#define V2V_PACKAGE_INTERNAL_H

#include "input/ova/package.h"

/* An OVA has a handful of files; a directory with more is another one than
 * the user meant.
 */
#define PACKAGE_MEMBERS_MAX 4096

/* Take MEMBER, which is freed on error; a name that is there is refused. */
extern int package_add (struct package *, struct package_member,
                        struct error *err);
extern void package_forget_members (struct package *);

/* package-directory.c */
extern int package_list_directory (struct package *, struct error *err);
/* package-archive.c: list an archive up to the first .ovf. */
extern int package_scan (struct package *, struct error *err);

#endif /* V2V_PACKAGE_INTERNAL_H */
