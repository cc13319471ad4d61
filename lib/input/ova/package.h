/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The files that an OVA consists of, in whatever form it comes: a directory, a
 * plain tar file that is used in place (local or remote), or an archive that
 * has to be unpacked.  What the files mean is known elsewhere, except that
 * .ovf and .mf files are small and wanted first.
 */

#ifndef V2V_PACKAGE_H
#define V2V_PACKAGE_H

#include "input/ova/package-members.h"

/* Open SOURCE and list its members: all of them, or of an archive only
 * those up to the first .ovf file.
 */
extern int package_open (struct package *, const struct input_request *,
                         const char *source, struct error *err);
extern void package_reset (struct package *);
#define CLEANUP_PACKAGE __attribute__ ((cleanup (package_reset)))

/* Read a member.  The package must live longer. */
extern struct reader *package_member_open (const struct package *,
                                           const struct package_member *,
                                           struct error *err);

#endif /* V2V_PACKAGE_H */
