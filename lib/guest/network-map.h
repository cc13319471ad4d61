/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Which network or bridge of the new host stands for which of the old one:
 * --network, --bridge and --mac, as virt-v2v has them.
 */

#ifndef V2V_NETWORK_MAP_H
#define V2V_NETWORK_MAP_H

#include "base/vector.h"
#include "guest/guest.h"

struct error;
struct events;

struct network_rule {
  char *option;                 /* as the user wrote it, for messages */
  char *mac;                    /* of one NIC, or NULL: those on a network */
  enum nic_kind from_kind;
  char *from;                   /* its name, or NULL: any other */
  enum nic_kind kind;           /* what takes its place */
  char *name;
  bool used;
};
DEFINE_VECTOR (struct network_map, network_map, struct network_rule);

extern void network_map_free_rules (struct network_map *);

/* Add "IN:OUT" or "OUT" of --network or --bridge, or "MAC:network:OUT" or
 * "MAC:bridge:OUT" of --mac.
 */
extern int network_map_add (struct network_map *, enum nic_kind,
                            const char *arg, struct error *err);
extern int network_map_add_mac (struct network_map *, const char *arg,
                                struct error *err);

/* Connect the guest's NICs to what the rules say: what --mac says of one comes
 * first, then its network's name, then what is said of all others.  A rule
 * that is for no NIC of the guest is a warning.
 */
extern int network_map_apply (struct network_map *, struct guest *,
                              const struct events *, struct error *err);

#endif /* V2V_NETWORK_MAP_H */
