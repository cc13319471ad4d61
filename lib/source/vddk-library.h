/* SPDX-License-Identifier: GPL-2.0-or-later */

/* VMware's library libvixDiskLib, which nbdkit's vddk plugin loads: these
 * are functions of its struct source_ops.
 */

#ifndef V2V_VDDK_LIBRARY_H
#define V2V_VDDK_LIBRARY_H

#include "source/request.h"

/* Can LIBDIR, which the user names, be a directory to give to the plugin? */
extern int vddk_library_check_dir (const char *libdir, struct error *err);

extern void vddk_library_describe (const struct source_request *,
                                   struct argv *env, struct argv *args,
                                   struct error *err);
extern int vddk_library_check_plugin (const struct source_request *,
                                      struct error *err);
extern void vddk_library_explain (const struct source_request *,
                                  struct error *err);

/* Let nbdkit open what the library needs, and what nobody knows that it does
 * not need.
 */
extern void vddk_library_allow (const struct source_request *,
                                struct nbdkit_cmd *);

#endif /* V2V_VDDK_LIBRARY_H */
