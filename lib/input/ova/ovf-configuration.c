/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Which items of the hardware section count.  A package may describe a machine
 * in several sizes, called configurations (DSP0243, DeploymentOptionSection):
 * VMware's vCenter appliance has 13 or 15 disks in each, some hundred in all,
 * and writes configuration= without a prefix.
 */

#include <config.h>

#include <string.h>
#include <strings.h>

#include "base/argv.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "input/ova/ovf-reading.h"

/* Items of one guest: VMware's largest has some hundred. */
#define ITEMS_MAX 4096

static void
free_item (struct item *item)
{
  free (item->id);
  free (item->subtype);
}

void
ovf_free_items (struct items *items)
{
  for (size_t i = 0; i < items->len; i++)
    free_item (&items->ptr[i]);
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

char *
ovf_default_configuration (struct ovf_reading *r)
{
  static const char *const exprs[] = {
    "(ovf:DeploymentOptionSection|ovf:Section)/ovf:Configuration"
    "[@ovf:default='true' or @ovf:default='1']/@ovf:id",
    "(ovf:DeploymentOptionSection|ovf:Section)/ovf:Configuration/@ovf:id",
  };
  char *ret = NULL;

  for (size_t i = 0; i < ARRAY_LEN (exprs) && ret == NULL; i++)
    ret = ovf_text (r, xml_root (r->xml), exprs[i]);
  return ret;
}

/* The ranges that may stand beside a value do not count. */
static bool
is_bound (struct ovf_reading *r, const struct xml_node *node)
{
  CLEANUP_FREE char *bound = ovf_text (r, node, "@ovf:bound");

  return bound != NULL && strcasecmp (bound, "normal") != 0;
}

static int
read_item (struct ovf_reading *r, const struct xml_node *node,
           struct item *item)
{
  *item = (struct item) { .node = node };
  item->type = ovf_number (r, item, "ResourceType", 0);
  item->id = ovf_property (r, item, "InstanceID");
  if (item->id == NULL)         /* as version 0.9 spells it */
    item->id = ovf_property (r, item, "InstanceId");
  item->subtype = ovf_property (r, item, "ResourceSubType");
  return error_is_set (r->err) ? -1 : 0;
}

/* An item for the configuration replaces the one that has its InstanceID and
 * is for all of them.  (Without configurations these IDs are not always
 * different, and that is harmless.)
 */
static struct item *
find_other (struct items *items, const struct item *item)
{
  for (size_t i = 0; item->id != NULL && i < items->len; i++) {
    struct item *other = &items->ptr[i];

    if (other->configured != item->configured && other->id != NULL &&
        strcmp (other->id, item->id) == 0)
      return other;
  }
  return NULL;
}

static void
add_item (struct ovf_reading *r, const struct xml_node *node,
          bool configured)
{
  struct item item, *other;

  if (read_item (r, node, &item) == -1) {
    free_item (&item);
    return;
  }
  item.configured = configured;
  other = find_other (&r->items, &item);
  if (other != NULL) {
    struct item *unused = configured ? other : &item;

    free_item (unused);
    if (configured)
      *other = item;
  }
  else if (items_append (&r->items, item) == -1) {
    error_nomem (r->err);
    free_item (&item);
  }
}

static void
name_configuration (struct ovf_reading *r, const char *configuration,
                    unsigned left_out)
{
  if (left_out == 0)
    return;
  if (configuration != NULL)
    argv_appendf (r->warnings, r->err,
                  NGETTEXT ("using the default configuration '%.60s'; %u "
                            "item of other configurations is left out",
                            "using the default configuration '%.60s'; %u "
                            "items of other configurations are left out",
                            left_out), configuration, left_out);
  else
    argv_appendf (r->warnings, r->err,
                  NGETTEXT ("%u item is for a configuration that the OVF "
                            "does not list, and is left out",
                            "%u items are for configurations that the OVF "
                            "does not list, and are left out", left_out),
                  left_out);
}

void
ovf_list_items (struct ovf_reading *r)
{
  CLEANUP_XML_NODES struct xml_nodes nodes = { .ptr = NULL };
  CLEANUP_FREE char *configuration = ovf_default_configuration (r);
  unsigned left_out = 0;

  xml_find_all (r->xml, r->hardware,
                "ovf:Item|ovf:StorageItem|ovf:EthernetPortItem", &nodes,
                r->err);
  if (nodes.len > ITEMS_MAX)
    ovf_error (r, r->hardware,
               _("the hardware section has more than %d items"), ITEMS_MAX);
  for (size_t i = 0; i < nodes.len && !error_is_set (r->err); i++) {
    CLEANUP_FREE char *list = ovf_text (r, nodes.ptr[i],
                                        "@ovf:configuration");

    if (is_bound (r, nodes.ptr[i]))
      continue;
    if (list == NULL ||
        (configuration != NULL && has_word (list, configuration)))
      add_item (r, nodes.ptr[i], list != NULL);
    else
      left_out++;
  }
  name_configuration (r, configuration, left_out);
}
