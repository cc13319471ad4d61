/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The <interface> elements of libvirt's domain XML. */

#include <config.h>

#include <string.h>

#include "base/alloc.h"
#include "input/domain/domain.h"

static void
read_mac (struct domain *domain, const struct xml_node *node, struct nic *nic)
{
  nic->mac = domain_string (domain, node, "mac/@address");
  if (nic->mac == NULL)
    return;
  if (!mac_valid (nic->mac))
    domain_error (domain, node, _("'%s' is not a MAC address"), nic->mac);
  /* ESXi writes this when it has not assigned an address yet. */
  if (strcmp (nic->mac, "00:00:00:00:00:00") == 0) {
    free (nic->mac);
    nic->mac = NULL;
  }
}

/* Anything but a bridge or a network that has a name is tied to the source
 * host: the NIC goes to libvirt's network "default".
 */
static void
read_connection (struct domain *domain, const struct xml_node *node,
                 struct nic *nic)
{
  CLEANUP_FREE char *type = domain_string (domain, node, "@type");

  nic->kind = NIC_NETWORK;
  if (type != NULL && strcmp (type, "bridge") == 0) {
    nic->network = domain_string (domain, node, "source/@bridge");
    if (nic->network != NULL)
      nic->kind = NIC_BRIDGE;
  }
  else if (type != NULL && strcmp (type, "network") == 0)
    nic->network = domain_string (domain, node, "source/@network");
  if (nic->network == NULL)
    nic->network = alloc_copy ("default", domain->err);
}

void
domain_read_nics (struct domain *domain, const struct xml_node *root)
{
  CLEANUP_XML_NODES struct xml_nodes nodes = { .len = 0 };

  xml_find_all (domain->xml, root, "devices/interface", &nodes, domain->err);
  if (nodes.len > DOMAIN_MAX_NICS)
    domain_error (domain, nodes.ptr[DOMAIN_MAX_NICS],
                  _("the guest has more than %d network interfaces"),
                  DOMAIN_MAX_NICS);
  for (size_t i = 0; i < nodes.len && !error_is_set (domain->err); i++) {
    struct nic *nic = guest_add_nic (domain->guest, domain->err);

    if (nic == NULL)
      return;
    read_mac (domain, nodes.ptr[i], nic);
    nic->model = domain_string (domain, nodes.ptr[i], "model/@type");
    read_connection (domain, nodes.ptr[i], nic);
  }
}
