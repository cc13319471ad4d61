/* SPDX-License-Identifier: GPL-2.0-or-later */

/* VMware's library libvixDiskLib, which nbdkit's vddk plugin loads: these
 * are functions of struct source_ops, for -it vddk and for -i nbdkit vddk.
 */

#ifndef V2V_VDDK_LIBRARY_H
#define V2V_VDDK_LIBRARY_H

#include "base/i18n.h"
#include "source/ops.h"

#define VDDK_LIBRARY_HINT                                               \
  N_("unpack VMware's VDDK tarball and name its directory with "        \
     "-io vddk-libdir=.../vmware-vix-disklib-distrib (with -i nbdkit: " \
     "libdir=...)")

/* Rows for tables of explanations: what nbdkit says of the library. */
#define VDDK_LIBRARY_EXPLANATIONS                                       \
  { "libvixDiskLib", REASON_VDDK_LIBRARY, VDDK_LIBRARY_HINT },          \
  { "VDDK symbol", REASON_VDDK_LIBRARY, VDDK_LIBRARY_HINT }

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
