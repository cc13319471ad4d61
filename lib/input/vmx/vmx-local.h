/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Finding the disks that a .vmx file names. */

#ifndef V2V_VMX_LOCAL_H
#define V2V_VMX_LOCAL_H

#include <stdbool.h>

#include "base/beneath.h"

struct disk;
struct error;
struct input_request;

#define VMX_ALLOW_OUTSIDE "-io allow-outside=true"

/* Where the disks of a local VM are looked for. */
struct vmx_folder {
  const struct input_request *request;
  const char *vmx;              /* the path of the .vmx file */
  struct beneath dir;           /* its folder, or that of a disk elsewhere */
  bool allow_outside;
  int disk;                     /* which one is looked for */
};

/* Open what FILE, a name in the .vmx file, is, and fill in DISK's location and
 * format.
 */
extern int vmx_locate_local (struct vmx_folder *, const char *file,
                             struct disk *disk, struct error *err);

/* The name of the data of the disk whose descriptor is PATH.  The caller frees
 * it.
 */
extern char *vmx_flat_path (const char *path, struct error *err);
/* Refuse FILE, which is not in the folder; and tell of it, where that is
 * allowed (FOLDER is a struct vmx_folder).
 */
extern int vmx_refuse_outside (const struct vmx_folder *, const char *file,
                               struct error *err);
extern void vmx_say_outside (const void *folder, const char *path);

#endif /* V2V_VMX_LOCAL_H */
