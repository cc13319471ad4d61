/* SPDX-License-Identifier: GPL-2.0-or-later */

/* "[datastore] vm/vm.vmdk": what VMware calls a disk, and where its web
 * server has the disk's data.
 */

#ifndef V2V_DATASTORE_H
#define V2V_DATASTORE_H

#include <stdbool.h>

struct error;

/* Is it a VMDK on a datastore? */
extern bool datastore_path_valid (const char *path);

/* The URL of the flat file of the VMDK PATH, which must be valid, on the
 * vCenter or ESXi server HOST (PORT 0: the usual one).  DATACENTER is the
 * path of its datacenter.  The caller frees it.
 */
extern char *datastore_url (const char *host, unsigned port,
                            const char *datacenter, const char *path,
                            struct error *err);

/* Is it called like a snapshot, "vm-000001.vmdk"? */
extern bool datastore_path_is_snapshot (const char *path);
/* The same without "-000001".  The caller frees it. */
extern char *datastore_without_snapshot (const char *path,
                                         struct error *err);

#endif /* V2V_DATASTORE_H */
