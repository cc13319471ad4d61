/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the sources of -it vddk and -it nfc share: both plugins log in to a
 * VMware server, name the VM, and read through the server's NFC service.
 * Their -io options are called after the plugin, vddk-port and nfc-port.
 */

#ifndef V2V_SOURCE_VMWARE_H
#define V2V_SOURCE_VMWARE_H

#include "source/ops.h"

/* Refuse a request without server, user, VM or password, or with a cookie
 * that could not be kept secret.
 */
extern int vmware_check (const struct source_request *, struct error *err);
/* source_ops.resolve: ask the server for its thumbprint. */
extern int vmware_resolve (struct location *, const struct source_request *,
                           struct supervisor *, const struct events *,
                           struct error *err);
/* source_ops.add_filters */
extern void vmware_add_filters (const struct source_request *,
                                struct nbdkit_cmd *);
/* Add the parameters for the login and the VM, and then those for the
 * connection and the disk.
 */
extern void vmware_describe_login (const struct source_request *,
                                   struct nbdkit_cmd *);
extern void vmware_describe_disk (const struct source_request *,
                                  struct nbdkit_cmd *);

/* What VMware's servers say. */
extern const struct explanation vmware_explanations[];

/* One handle: several slowed each other 2 to 7 times in virt-v2v's
 * measurements.  2 MiB is what blocksize lets through.
 */
#define VMWARE_SERIAL { 1, 1, 1, 2 << 20, 2 << 20 }
#define VMWARE_PARALLEL { 1, 1, 8, 2 << 20, 2 << 20 }

#endif /* V2V_SOURCE_VMWARE_H */
