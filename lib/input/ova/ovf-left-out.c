/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What an OVF holds and the guest will not have: devices that nothing stands
 * for on KVM, media in drives, and disks that belong to no virtual machine.
 * It is named, so that nobody finds out later.  What every OVF has and every
 * guest of KVM gets (controllers, graphics, USB, sound, the input devices) is
 * not worth a word.
 */

#include <config.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/argv.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "input/ova/ovf-reading.h"

/* How many of each kind are named. */
#define NAMED_MAX 20

/* Types that are left out whatever they refer to. */
static bool
is_foreign (uint64_t type)
{
  return type == RESOURCE_FC || type == RESOURCE_ISCSI ||
    type == RESOURCE_INFINIBAND || type == RESOURCE_OTHER_NIC ||
    type == RESOURCE_TAPE;
}

/* VMware and oVirt write what the host passes through as "other" devices. */
static bool
is_passed_through (struct ovf_reading *r, const struct item *item)
{
  const char *subtype = item->subtype == NULL ? "" : item->subtype;

  return strcasestr (subtype, "passthrough") != NULL ||
    strcasestr (subtype, "nvdimm") != NULL ||
    ovf_has (r, item->node, "self::*[ovf:Type='hostdev' or "
             "ovf:Type='mdev']");
}

/* What a reader of the OVF finds the item by. */
static char *
item_name (struct ovf_reading *r, const struct item *item)
{
  static const char *const properties[] = {
    "ElementName", "Caption", "Description", "InstanceID", "InstanceId",
  };
  char *name = NULL;

  for (size_t i = 0; i < ARRAY_LEN (properties) && name == NULL; i++)
    name = ovf_property (r, item, properties[i]);
  return name;
}

static bool
is_left_out (struct ovf_reading *r, const struct item *item,
             const char *resource)
{
  if (item->type == RESOURCE_CPU || item->type == RESOURCE_MEMORY ||
      item->type == RESOURCE_NIC || ovf_is_disk (r, item))
    return false;
  return resource != NULL || is_foreign (item->type) ||
    is_passed_through (r, item);
}

static void
name_item (struct ovf_reading *r, const struct item *item,
           const char *resource)
{
  CLEANUP_FREE char *name = item_name (r, item);
  const char *shown = name == NULL ? "?" : name;

  if (item->type == RESOURCE_FLOPPY || item->type == RESOURCE_CD ||
      item->type == RESOURCE_DVD)
    argv_appendf (r->warnings, r->err,
                  _("the drive '%.60s' will be empty: '%.60s', which is in "
                    "it, is not copied"), shown, resource);
  else if (resource != NULL)
    argv_appendf (r->warnings, r->err,
                  _("the item '%.60s' (ResourceType %" PRIu64 "), which "
                    "refers to '%.60s', is left out"), shown, item->type,
                  resource);
  else
    argv_appendf (r->warnings, r->err,
                  _("the item '%.60s' (ResourceType %" PRIu64 ") is left "
                    "out: KVM has no such device"), shown,
                  item->type);
}

static void
name_more (struct ovf_reading *r, unsigned count)
{
  if (count > NAMED_MAX)
    argv_appendf (r->warnings, r->err,
                  NGETTEXT ("%u more is left out", "%u more are left out",
                            count - NAMED_MAX), count - NAMED_MAX);
}

static void
name_items (struct ovf_reading *r)
{
  unsigned count = 0;

  for (size_t i = 0; i < r->items.len && !error_is_set (r->err); i++) {
    const struct item *item = &r->items.ptr[i];
    CLEANUP_FREE char *resource = ovf_property (r, item, "HostResource");

    if (is_left_out (r, item, resource) && ++count <= NAMED_MAX)
      name_item (r, item, resource);
  }
  name_more (r, count);
}

static int
compare (const void *a, const void *b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

static void
add_reference (struct ovf_reading *r, const struct xml_node *resource,
               struct argv *ids)
{
  CLEANUP_FREE char *text = ovf_text (r, resource, ".");
  const char *id = text == NULL ? NULL : ovf_reference (text, "disk");

  if (id != NULL)
    argv_append (ids, id, r->err);
}

/* The IDs of all disks that any item refers to, sorted: the items of other
 * virtual machines and other configurations as well.
 */
static void
list_references (struct ovf_reading *r, struct argv *ids)
{
  CLEANUP_XML_NODES struct xml_nodes nodes = { .ptr = NULL };

  xml_find_all (r->xml, xml_root (r->xml),
                ".//*[local-name()='HostResource']", &nodes, r->err);
  for (size_t i = 0; i < nodes.len && !error_is_set (r->err); i++)
    add_reference (r, nodes.ptr[i], ids);
  for (size_t i = 0; i < r->drives.len && !error_is_set (r->err); i++) {
    const struct item *item = r->drives.ptr[i].item;

    if (item->id != NULL && !ovf_has (r, item->node,
                                      "*[local-name()='HostResource']"))
      argv_append (ids, item->id, r->err);
  }
  if (ids->len > 0)
    qsort (ids->ptr, ids->len, sizeof ids->ptr[0], compare);
}

static void
name_disk (struct ovf_reading *r, const struct xml_node *node,
           const char *id)
{
  CLEANUP_FREE char *file = ovf_text (r, node, "@ovf:fileRef");

  if (file != NULL)
    argv_appendf (r->warnings, r->err,
                  _("the disk '%.60s' (file '%.60s') is left out: no item "
                    "refers to it"), id, file);
  else
    argv_appendf (r->warnings, r->err,
                  _("the disk '%.60s' is left out: no item refers to it"),
                  id);
}

static void
name_disks (struct ovf_reading *r)
{
  CLEANUP_XML_NODES struct xml_nodes nodes = { .ptr = NULL };
  CLEANUP_ARGV struct argv ids = { .ptr = NULL };
  unsigned count = 0;

  list_references (r, &ids);
  xml_find_all (r->xml, xml_root (r->xml),
                "ovf:DiskSection/ovf:Disk|ovf:Section/ovf:Disk", &nodes,
                r->err);
  for (size_t i = 0; i < nodes.len && !error_is_set (r->err); i++) {
    CLEANUP_FREE char *id = ovf_text (r, nodes.ptr[i], "@ovf:diskId");

    if (id == NULL ||
        (ids.len > 0 && bsearch (&id, ids.ptr, ids.len, sizeof ids.ptr[0],
                                 compare) != NULL))
      continue;
    if (++count <= NAMED_MAX)
      name_disk (r, nodes.ptr[i], id);
  }
  name_more (r, count);
}

void
ovf_name_left_out (struct ovf_reading *r)
{
  name_items (r);
  name_disks (r);
}
