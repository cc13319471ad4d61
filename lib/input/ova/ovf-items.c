/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The items of an OVF's hardware section, and looking values up in them.  What
 * the items mean is the matter of ovf-guest.c and ovf-devices.c.
 */

#include <config.h>

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/parse.h"
#include "input/ova/ovf-reading.h"

/* Items of one guest: VMware's largest has some hundred. */
#define ITEMS_MAX 4096

char *
ovf_text (struct ovf_reading *r, const struct xml_node *node,
          const char *expr)
{
  CLEANUP_FREE char *text = NULL;
  const char *trimmed;

  xml_string (r->xml, node, expr, &text, r->err);
  trimmed = text == NULL ? "" : xml_trim (text);
  return *trimmed == '\0' ? NULL : alloc_copy (trimmed, r->err);
}

char *
ovf_property (struct ovf_reading *r, const struct item *item,
              const char *property)
{
  char expr[256];

  snprintf (expr, sizeof expr, "*[local-name()='%s' and "
            "starts-with(namespace-uri(), '" CIM "')]", property);
  return ovf_text (r, item->node, expr);
}

int
ovf_parse_number (const char *text, uint64_t *ret)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;

  return parse_uint ("", text, 0, UINT64_MAX, ret, &ignored);
}

uint64_t
ovf_number (struct ovf_reading *r, const struct item *item,
            const char *property, uint64_t otherwise)
{
  CLEANUP_FREE char *text = ovf_property (r, item, property);
  uint64_t ret = otherwise;

  if (text != NULL && ovf_parse_number (text, &ret) == -1)
    ovf_error (r, item->node, _("%s: '%s' is not a number"), property, text);
  return ret;
}

char *
ovf_config (struct ovf_reading *r, const struct xml_node *node,
            const char *key)
{
  char expr[256];

  snprintf (expr, sizeof expr, "(vmw:Config|vmw:ExtraConfig)"
            "[@vmw:key='%s']/@vmw:value", key);
  return ovf_text (r, node, expr);
}

static const struct {
  const char *name;
  uint64_t factor;
} named_units[] = {
  { "byte", 1 }, { "bytes", 1 },
  { "kb", 1 << 10 }, { "kilobytes", 1 << 10 },
  { "mb", 1 << 20 }, { "megabytes", 1 << 20 },
  { "gb", 1 << 30 }, { "gigabytes", 1 << 30 },
  { "tb", UINT64_C (1) << 40 }, { "terabytes", UINT64_C (1) << 40 },
};

/* Multiply *RET by the number at *AT, or by its power "2^20". */
static int
multiply (const char **at, uint64_t *ret)
{
  uint64_t base, exponent = 1;
  int used = 0;

  if (sscanf (*at, "%4" SCNu64 "%n", &base, &used) != 1)
    return -1;
  *at += used;
  if (**at == '^') {
    if (sscanf (*at, "^%4" SCNu64 "%n", &exponent, &used) != 1)
      return -1;
    *at += used;
  }
  if (exponent > 63)
    return -1;
  for (; exponent > 0; exponent--)
    if (__builtin_mul_overflow (*ret, base, ret))
      return -1;
  return 0;
}

static int
parse_units (const char *text, uint64_t *ret)
{
  char plain[64];
  const char *at = plain + strlen ("byte");
  size_t len = 0;

  for (; *text != '\0'; text++) {
    if (isspace ((unsigned char) *text))
      continue;
    if (len == sizeof plain - 1)
      return -1;
    plain[len++] = (char) tolower ((unsigned char) *text);
  }
  plain[len] = '\0';
  for (size_t i = 0; i < ARRAY_LEN (named_units); i++)
    if (strcmp (plain, named_units[i].name) == 0) {
      *ret = named_units[i].factor;
      return 0;
    }
  if (strncmp (plain, "byte*", strlen ("byte*")) != 0)
    return -1;
  for (*ret = 1; *at == '*'; ) {
    at++;
    if (multiply (&at, ret) == -1)
      return -1;
  }
  return *at == '\0' ? 0 : -1;
}

uint64_t
ovf_scale (struct ovf_reading *r, const struct xml_node *node,
           uint64_t count, const char *units, uint64_t factor)
{
  uint64_t ret;

  if (units != NULL && parse_units (units, &factor) == -1)
    ovf_error (r, node, _("unknown allocation units: '%s'"), units);
  if (__builtin_mul_overflow (count, factor, &ret) || ret > INT64_MAX)
    ovf_error (r, node, _("the quantity is too large"));
  return ret;
}

void
ovf_free_items (struct items *items)
{
  for (size_t i = 0; i < items->len; i++) {
    free (items->ptr[i].id);
    free (items->ptr[i].subtype);
  }
  items_reset (items);
}

/* Is WORD one of the words of LIST, which blanks separate? */
static bool
has_word (const char *list, const char *word)
{
  const size_t len = strlen (word);

  while (*list != '\0') {
    const size_t this = strcspn (list, " \t\r\n");

    if (this == len && strncmp (list, word, len) == 0)
      return true;
    list += this;
    list += strspn (list, " \t\r\n");
  }
  return false;
}

/* The default configuration of the deployment. */
static char *
default_configuration (struct ovf_reading *r)
{
  static const char *const exprs[] = {
    "/ovf:Envelope/ovf:DeploymentOptionSection/"
    "ovf:Configuration[@ovf:default='true' or @ovf:default='1']/@ovf:id",
    "/ovf:Envelope/ovf:DeploymentOptionSection/"
    "ovf:Configuration[1]/@ovf:id",
  };
  char *ret = NULL;

  for (size_t i = 0; i < ARRAY_LEN (exprs) && ret == NULL; i++)
    ret = ovf_text (r, xml_root (r->xml), exprs[i]);
  return ret;
}

/* Items for other configurations, and the ranges that may stand beside a
 * value, do not count.
 */
static bool
item_counts (struct ovf_reading *r, const struct xml_node *node,
             const char *configuration)
{
  CLEANUP_FREE char *bound = ovf_text (r, node, "@ovf:bound");
  CLEANUP_FREE char *list = ovf_text (r, node, "@ovf:configuration");

  return (bound == NULL || strcasecmp (bound, "normal") == 0) &&
    (list == NULL ||
     (configuration != NULL && has_word (list, configuration)));
}

static void
add_item (struct ovf_reading *r, const struct xml_node *node)
{
  struct item item = { .node = node };

  item.type = ovf_number (r, &item, "ResourceType", 0);
  item.id = ovf_property (r, &item, "InstanceID");
  if (item.id == NULL)          /* as version 0.9 spells it */
    item.id = ovf_property (r, &item, "InstanceId");
  item.subtype = ovf_property (r, &item, "ResourceSubType");
  if (items_append (&r->items, item) == -1) {
    error_nomem (r->err);
    free (item.id);
    free (item.subtype);
  }
}

void
ovf_list_items (struct ovf_reading *r)
{
  CLEANUP_XML_NODES struct xml_nodes nodes = { .ptr = NULL };
  CLEANUP_FREE char *configuration = default_configuration (r);

  xml_find_all (r->xml, r->hardware,
                "ovf:Item|ovf:StorageItem|ovf:EthernetPortItem", &nodes,
                r->err);
  if (nodes.len > ITEMS_MAX)
    ovf_error (r, r->hardware,
               _("the hardware section has more than %d items"), ITEMS_MAX);
  for (size_t i = 0; i < nodes.len && !error_is_set (r->err); i++)
    if (item_counts (r, nodes.ptr[i], configuration))
      add_item (r, nodes.ptr[i]);
}
