/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Looking values up in libvirt's domain XML.  Which elements there are, and
 * what they mean, is the matter of domain-guest.c and the files that it calls.
 */

#include <config.h>

#include <string.h>

#include "base/parse.h"
#include "input/domain/domain.h"

const struct xml_node *
domain_find (struct domain *domain, const struct xml_node *node,
             const char *expr)
{
  CLEANUP_XML_NODES struct xml_nodes nodes = { .len = 0 };

  if (xml_find_all (domain->xml, node, expr, &nodes, domain->err) == -1)
    return NULL;
  if (nodes.len > 1)
    domain_error (domain, nodes.ptr[1], _("there is more than one '%s'"),
                  xml_node_name (nodes.ptr[1]));
  return nodes.len == 1 ? nodes.ptr[0] : NULL;
}

char *
domain_string (struct domain *domain, const struct xml_node *node,
               const char *expr)
{
  const struct xml_node *found = domain_find (domain, node, expr);
  CLEANUP_FREE char *text = NULL;

  if (found != NULL)
    xml_string (domain->xml, found, ".", &text, domain->err);
  return text == NULL || *text == '\0' ? NULL : STEAL (text);
}

uint64_t
domain_uint (struct domain *domain, const struct xml_node *node,
             const char *expr, uint64_t min, uint64_t max,
             uint64_t otherwise)
{
  CLEANUP_FREE char *text = NULL;
  CLEANUP_ERROR struct error local = ERROR_INIT;
  const struct xml_node *found = domain_find (domain, node, expr);
  uint64_t ret = otherwise;

  if (found == NULL ||
      xml_string (domain->xml, found, ".", &text, domain->err) == -1)
    return otherwise;
  if (parse_uint (xml_node_name (found), xml_trim (text), min, max, &ret,
                  &local) == -1)
    domain_error (domain, found, "%s", local.message);
  return ret;
}

bool
domain_equals (struct domain *domain, const struct xml_node *node,
               const char *expr, const char *value)
{
  CLEANUP_FREE char *text = domain_string (domain, node, expr);

  return text != NULL && strcmp (text, value) == 0;
}

void
domain_hint (struct domain *domain, const char *hint)
{
  if (!error_is_set (domain->err))
    error_hint (domain->err, "%s", hint);
}
