/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The <interface> elements of libvirt's domain XML. */

#include <config.h>

#include <ctype.h>
#include <string.h>

#include "base/alloc.h"
#include "input/domain/domain.h"
static int
read_mac (struct domain *domain, const struct xml_node *node, struct nic *nic)
{
  if (domain_string (domain, node, "mac/@address", &nic->mac) == -1)
    return -1;
  if (nic->mac == NULL)
    return 0;
  if (!mac_valid (nic->mac))
    return domain_error (domain, node, _("'%s' is not a MAC address"),
                         nic->mac);
  /* ESXi's way to say that none was assigned yet */
  if (strcmp (nic->mac, "00:00:00:00:00:00") == 0) {
    free (nic->mac);
    nic->mac = NULL;
  }
  return 0;
}

/* Anything but a bridge or a network that has a name is tied to the source
 * host: the NIC goes to libvirt's network "default".
 */
static int
read_connection (struct domain *domain, const struct xml_node *node,
                 struct nic *nic)
{
  CLEANUP_FREE char *type = NULL;
  const char *expr = NULL;

  if (domain_string (domain, node, "@type", &type) == -1)
    return -1;
  if (type != NULL && strcmp (type, "bridge") == 0)
    expr = "source/@bridge";
  else if (type != NULL && strcmp (type, "network") == 0)
    expr = "source/@network";
  if (expr != NULL && domain_string (domain, node, expr, &nic->network) == -1)
    return -1;
  if (nic->network != NULL) {
    nic->kind = strcmp (type, "bridge") == 0 ? NIC_BRIDGE : NIC_NETWORK;
    return 0;
  }
  nic->kind = NIC_NETWORK;
  return alloc_set (&nic->network, "default", domain->err);
}

static int
read_nic (struct domain *domain, const struct xml_node *node)
{
  struct nic *nic = guest_add_nic (domain->guest, domain->err);

  if (nic == NULL ||
      read_mac (domain, node, nic) == -1 ||
      domain_string (domain, node, "model/@type", &nic->model) == -1)
    return -1;
  return read_connection (domain, node, nic);
}

int
domain_read_nics (struct domain *domain, const struct xml_node *root)
{
  CLEANUP_XML_NODES struct xml_nodes nodes = { .len = 0 };

  if (xml_find_all (domain->xml, root, "devices/interface", &nodes,
                    domain->err) == -1)
    return -1;
  if (nodes.len > DOMAIN_MAX_NICS)
    return domain_error (domain, nodes.ptr[DOMAIN_MAX_NICS],
                         _("the guest has more than %d network interfaces"),
                         DOMAIN_MAX_NICS);
  for (size_t i = 0; i < nodes.len; i++)
    if (read_nic (domain, nodes.ptr[i]) == -1)
      return -1;
  return 0;
}
