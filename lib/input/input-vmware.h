/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Disks of guests on VMware's servers: read through the server's web
 * interface, with -it vddk through VMware's library, or with -it nfc by
 * nbdkit itself.
 */

#ifndef V2V_INPUT_VMWARE_H
#define V2V_INPUT_VMWARE_H

#include <stdbool.h>

struct error;
struct guest;
struct input_request;
struct location;

/* The server, as -ic names it; NULL where nothing does. */
struct vmware_server {
  const char *host;
  unsigned port;                /* 0: the usual one */
  const char *user;
  bool esx;                     /* an ESXi host, no vCenter */
  bool no_verify;               /* take any certificate */
  const char *proxy;            /* only through this one, or NULL */
  const char *esx_host;         /* behind vCenter, or NULL */
};

/* Each disk of the guest that is a path is "[datastore] vm/vm.vmdk" on the
 * server: turn it into a place that can be reached from here.
 */
extern int vmware_reach_disks (const struct vmware_server *,
                               const struct input_request *,
                               struct guest *, struct error *err);

/* Does -it TRANSPORT (or NULL) read VMware's disks: "nfc" or "vddk"? */
extern bool vmware_has_transport (const char *transport);
/* The value of -io vddk-NAME, if the transport is "vddk"; or NULL. */
extern const char *vmware_option (const struct input_request *,
                                  const char *name);
/* Make LOCATION, whose path is set, one of the request's transport, such as
 * "vddk"; -io vddk-server, vddk-user, vddk-port and vddk-moref count before
 * what SERVER and MOREF (or NULL) say.
 */
extern int vmware_use_transport (const struct vmware_server *,
                                 const char *moref,
                                 const struct input_request *,
                                 struct location *, struct error *err);
/* Who logs in where, by -io vddk-server and vddk-user (input_ops.login). */
extern char *vmware_login (const struct input_request *, struct error *err);
/* -io vddk-file, which is given once for each disk or not at all. */
extern int vmware_override_files (const struct input_request *,
                                  struct guest *, struct error *err);

#endif /* V2V_INPUT_VMWARE_H */
