/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The guest as a shell script that starts it in qemu. */

#ifndef V2V_QEMU_SCRIPT_H
#define V2V_QEMU_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

struct differences_of;
struct domain_disk;
struct error;
struct guest;

/* The script for the guest under the name NAME, its N disks being DISKS,
 * which are files or devices.  It runs in any POSIX shell.  VARS is the path
 * of the file that it makes for the variables of UEFI, where the guest has
 * that.  The caller frees it.
 */
extern char *qemu_script (const struct guest *, const char *name,
                          const struct domain_disk *disks, size_t n,
                          const char *vars, struct error *err);

/* Is TEXT such a script? */
extern bool qemu_script_is (const char *text, size_t len);

/* What qemu has not, for differences_tell. */
extern const struct differences_of qemu_script_differences;

#endif /* V2V_QEMU_SCRIPT_H */
