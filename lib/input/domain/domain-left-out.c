/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Devices of libvirt's domain XML that can hold data of the guest and that it
 * will not have: what the source host passes through or shares.  They are
 * named, so that nobody finds out later.
 */

#include <config.h>

#include "base/cleanup.h"
#include "base/events.h"
#include "input/domain/domain.h"

/* How many are named. */
#define NAMED_MAX 20

/* What tells it from others of its kind, or NULL. */
static char *
describe (struct domain *domain, const struct xml_node *node)
{
  char *ret = NULL;

  xml_string (domain->xml, node, "@type|@model", &ret, domain->err);
  return ret;
}

/* How a network card is connected beyond the name of its network. */
static void
name_connections (struct domain *domain, const struct xml_node *root)
{
  static const char *const parts[][2] = {
    { "devices/interface/source[@portgroup]", "portgroup" },
    { "devices/interface/vlan", "<vlan>" },
    { "devices/interface/virtualport", "<virtualport>" },
    { "devices/interface/link[@state='down']", "<link state='down'>" },
  };

  for (size_t i = 0; i < ARRAY_LEN (parts) && !error_is_set (domain->err);
       i++) {
    const struct xml_node *node = NULL;

    xml_find (domain->xml, root, parts[i][0], &node, domain->err);
    if (node != NULL)
      events_say (domain->request->events, EVENT_WARNING, -1,
                  _("%s: %s of a network card is left out"),
                  domain->guest->name, parts[i][1]);
  }
}

void
domain_name_left_out (struct domain *domain, const struct xml_node *root)
{
  CLEANUP_XML_NODES struct xml_nodes nodes = { .ptr = NULL };

  xml_find_all (domain->xml, root, "devices/hostdev|devices/filesystem|"
                "devices/memory[@model!='dimm']|devices/shmem", &nodes,
                domain->err);
  for (size_t i = 0; i < nodes.len && i < NAMED_MAX &&
                     !error_is_set (domain->err); i++) {
    CLEANUP_FREE char *kind = describe (domain, nodes.ptr[i]);

    events_say (domain->request->events, EVENT_WARNING, -1,
                _("%s: the device <%s> (%.40s) is left out"),
                domain->guest->name, xml_node_name (nodes.ptr[i]),
                kind == NULL ? "?" : kind);
  }
  name_connections (domain, root);
}
