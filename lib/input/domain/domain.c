/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Values in libvirt's domain XML: what the files share that read a part of
 * it each.
 */

#include <config.h>

#include <ctype.h>
#include <string.h>

#include "base/parse.h"
#include "input/domain/domain.h"

int
domain_find (struct domain *domain, const struct xml_node *node,
             const char *expr, const struct xml_node **ret)
{
  CLEANUP_XML_NODES struct xml_nodes nodes = { .len = 0 };

  *ret = NULL;
  if (xml_find_all (domain->xml, node, expr, &nodes, domain->err) == -1)
    return -1;
  if (nodes.len > 1)
    return domain_error (domain, nodes.ptr[1],
                         _("there is a second '%s' here"),
                         xml_node_name (nodes.ptr[1]));
  if (nodes.len == 1)
    *ret = nodes.ptr[0];
  return 0;
}

int
domain_string (struct domain *domain, const struct xml_node *node,
               const char *expr, char **ret)
{
  const struct xml_node *found;

  *ret = NULL;
  if (domain_find (domain, node, expr, &found) == -1)
    return -1;
  if (found == NULL)
    return 0;
  if (xml_string (domain->xml, found, ".", ret, domain->err) == -1)
    return -1;
  if (**ret == '\0') {
    free (*ret);
    *ret = NULL;
  }
  return 0;
}

char *
domain_trim (char *str)
{
  size_t len;

  while (isspace ((unsigned char) *str))
    str++;
  len = strlen (str);
  while (len > 0 && isspace ((unsigned char) str[len - 1]))
    str[--len] = '\0';
  return str;
}

int
domain_uint (struct domain *domain, const struct xml_node *node,
             const char *expr, uint64_t min, uint64_t max, uint64_t *ret)
{
  CLEANUP_FREE char *text = NULL;
  CLEANUP_ERROR struct error local = ERROR_INIT;
  const struct xml_node *found;

  if (domain_find (domain, node, expr, &found) == -1)
    return -1;
  if (found == NULL)
    return 0;
  if (xml_string (domain->xml, found, ".", &text, domain->err) == -1)
    return -1;
  if (parse_uint (xml_node_name (found), domain_trim (text), min, max, ret,
                  &local) == -1)
    return domain_error (domain, found, "%s", local.message);
  return 0;
}

int
domain_equals (struct domain *domain, const struct xml_node *node,
               const char *expr, const char *value, bool *ret)
{
  CLEANUP_FREE char *text = NULL;

  if (domain_string (domain, node, expr, &text) == -1)
    return -1;
  *ret = text != NULL && strcmp (text, value) == 0;
  return 0;
}
