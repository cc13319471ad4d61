/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Is there a qemu, and is it new enough? */

#ifndef V2V_QEMU_VERSION_H
#define V2V_QEMU_VERSION_H

struct error;
struct supervisor;

/* Are qemu-img and qemu-nbd installed, in a version that is supported? */
extern int qemu_versions_check (struct supervisor *, struct error *err);
/* The first line of what PROGRAM, one of them, prints for --version; the
 * caller frees it.
 */
extern int qemu_version (const char *program, struct supervisor *, char **ret,
                         struct error *err);
/* Is the VERSION that PROGRAM has printed supported? */
extern int qemu_version_judge (const char *program, const char *version,
                               struct error *err);
/* Set the error that says that PROGRAM is not installed; returns -1. */
extern int qemu_not_installed (const char *program, struct error *err);

#endif /* V2V_QEMU_VERSION_H */
