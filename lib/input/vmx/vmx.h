/* SPDX-License-Identifier: GPL-2.0-or-later */

/* VMware's .vmx files: lines of key = "value".  No file is opened here. */

#ifndef V2V_VMX_H
#define V2V_VMX_H

#include <stddef.h>

struct argv;
struct error;
struct guest;

/* A .vmx file has some 10 KiB; what is larger is something else. */
#define VMX_SIZE_MAX (4 << 20)

/* Read a whole .vmx file, whose name in errors is NAME, and fill in GUEST.
 * Each disk of it gets its bus; the files that hold the disks, as the .vmx
 * names them, are appended to FILES in the same order.  What is odd goes to
 * WARNINGS, which must be empty.
 */
extern int vmx_read (const char *text, size_t len, const char *name,
                     struct guest *, struct argv *files,
                     struct argv *warnings, struct error *err);

#endif /* V2V_VMX_H */
