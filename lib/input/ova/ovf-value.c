/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Values that are chosen on deployment: "${NAME}" is the value of a property,
 * which the OVF gives a default (DSP0243, sections 9.1 and 9.5).  Nobody is
 * asked here, so that the default is the value.
 */

#include <config.h>

#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "input/ova/ovf-reading.h"

bool
ovf_is_reference (const char *text)
{
  const size_t len = strlen (text);

  return len > 3 && strncmp (text, "${", 2) == 0 && text[len - 1] == '}';
}

/* The property's name in full: "CLASS.KEY.INSTANCE", of which only the key
 * must be there.
 */
static char *
full_name (struct ovf_reading *r, const struct xml_node *property,
           const char *key)
{
  CLEANUP_FREE char *class = ovf_text (r, property,
                                       "../@ovf:class|../@class");
  CLEANUP_FREE char *instance = ovf_text (r, property,
                                          "../@ovf:instance|../@instance");

  return format (r->err, "%s%s%s%s%s", class != NULL ? class : "",
                 class != NULL ? "." : "", key, instance != NULL ? "." : "",
                 instance != NULL ? instance : "");
}

static bool
is_called (struct ovf_reading *r, const struct xml_node *property,
           const char *name, bool in_full)
{
  CLEANUP_FREE char *key = ovf_text (r, property, "@ovf:key|@key");
  CLEANUP_FREE char *full = NULL;

  if (key == NULL || !in_full)
    return key != NULL && strcmp (key, name) == 0;
  full = full_name (r, property, key);
  return full != NULL && strcmp (full, name) == 0;
}

/* Where properties are: the VM's own go before those of its collections.
 * Version 0.9 has one name for all sections.
 */
static const char *const scopes[] = {
  "ovf:ProductSection/ovf:Property|ovf:Section/ovf:Property",
  "ancestor::*/ovf:ProductSection/ovf:Property|"
  "ancestor::*/ovf:Section/ovf:Property",
};

static const struct xml_node *
find_in_scope (struct ovf_reading *r, const char *scope, const char *name,
               bool in_full)
{
  CLEANUP_XML_NODES struct xml_nodes nodes = { .ptr = NULL };

  xml_find_all (r->xml, r->system, scope, &nodes, r->err);
  for (size_t i = 0; i < nodes.len; i++)
    if (is_called (r, nodes.ptr[i], name, in_full))
      return nodes.ptr[i];
  return NULL;
}

/* A key alone will do where a writer left out its class and instance. */
static const struct xml_node *
find_property (struct ovf_reading *r, const char *name)
{
  const struct xml_node *ret = NULL;

  for (size_t i = 0; i < 2 * ARRAY_LEN (scopes) && ret == NULL; i++)
    ret = find_in_scope (r, scopes[i % ARRAY_LEN (scopes)], name,
                         i < ARRAY_LEN (scopes));
  return ret;
}

/* The value for the configuration that is used, or NULL. */
static char *
configured_value (struct ovf_reading *r, const struct xml_node *property)
{
  CLEANUP_FREE char *configuration = ovf_default_configuration (r);
  CLEANUP_XML_NODES struct xml_nodes nodes = { .ptr = NULL };

  if (configuration != NULL)
    xml_find_all (r->xml, property, "ovf:Value", &nodes, r->err);
  for (size_t i = 0; i < nodes.len; i++) {
    CLEANUP_FREE char *own = ovf_text (r, nodes.ptr[i],
                                       "@ovf:configuration|@configuration");

    if (own != NULL && strcmp (own, configuration) == 0)
      return ovf_text (r, nodes.ptr[i], "@ovf:value|@value");
  }
  return NULL;
}

static char *
default_value (struct ovf_reading *r, const char *name)
{
  const struct xml_node *property = find_property (r, name);
  char *ret = property == NULL ? NULL : configured_value (r, property);

  if (property != NULL && ret == NULL)
    ret = ovf_text (r, property, "@ovf:value|@value");
  if (property != NULL && ret == NULL)
    ret = ovf_text (r, property, "ovf:Value[not(@ovf:configuration)]/"
                    "@ovf:value");
  return ret;
}

char *
ovf_fill_in (struct ovf_reading *r, char *text)
{
  CLEANUP_FREE char *name = NULL;
  char *value;

  if (text == NULL || !ovf_is_reference (text))
    return text;
  name = format (r->err, "%.*s", (int) strlen (text) - 3, text + 2);
  value = name == NULL ? NULL : default_value (r, name);
  if (value == NULL)
    return text;
  free (text);
  return value;
}
