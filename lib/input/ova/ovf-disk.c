/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What an OVF says of the file of a disk. */

#include <config.h>

#include <ctype.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "input/ova/ovf-reading.h"

/* Find the element EXPR whose attribute ovf:ID is VALUE.  The value is
 * compared here: it may hold what XPath cannot quote.
 */
static int
find_by_id (struct ovf_reading *r, const char *expr, const char *id,
            const char *value, const struct xml_node **ret)
{
  CLEANUP_XML_NODES struct xml_nodes nodes = { .ptr = NULL };

  *ret = NULL;
  if (xml_find_all (r->xml, xml_root (r->xml), expr, &nodes, r->err) == -1)
    return -1;
  for (size_t i = 0; i < nodes.len && *ret == NULL; i++) {
    CLEANUP_FREE char *text = NULL;

    if (ovf_text (r, nodes.ptr[i], id, &text) == -1)
      return -1;
    if (text != NULL && strcmp (text, value) == 0)
      *ret = nodes.ptr[i];
  }
  return 0;
}

/* A size in an attribute; one that is not a number (a property to be
 * filled in) counts as not given.
 */
static int
get_size (struct ovf_reading *r, const struct xml_node *node,
          const char *expr, uint64_t *ret)
{
  CLEANUP_FREE char *text = NULL;
  char *end;

  *ret = 0;
  if (ovf_text (r, node, expr, &text) == -1)
    return -1;
  if (text == NULL || !isdigit ((unsigned char) *text))
    return 0;
  errno = 0;
  *ret = strtoumax (text, &end, 10);
  if (errno != 0 || *end != '\0' || *ret > INT64_MAX)
    return xml_error (r->xml, node, REASON_UNSUPPORTED, r->err,
                      _("'%s' is not a size"), text);
  return 0;
}

static int
read_file (struct ovf_reading *r, const char *id, struct ovf_disk *disk)
{
  CLEANUP_FREE char *compression = NULL, *chunk = NULL;
  const struct xml_node *node;

  if (find_by_id (r, "ovf:References/ovf:File", "@ovf:id|@id", id,
                  &node) == -1)
    return -1;
  if (node == NULL)
    return error_set (r->err, REASON_UNSUPPORTED,
                      _("the OVF refers to the file '%s' but has no such "
                        "File element"), id);
  if (ovf_text (r, node, "@ovf:href|@href", &disk->href) == -1 ||
      ovf_text (r, node, "@ovf:compression", &compression) == -1 ||
      ovf_text (r, node, "@ovf:chunkSize", &chunk) == -1 ||
      get_size (r, node, "@ovf:size|@size", &disk->size) == -1)
    return -1;
  if (disk->href == NULL)
    return xml_error (r->xml, node, REASON_UNSUPPORTED, r->err,
                      _("a File without href"));
  disk->chunked = chunk != NULL;
  disk->gzip = compression != NULL && strcasecmp (compression, "gzip") == 0;
  if (compression != NULL && !disk->gzip &&
      strcasecmp (compression, "identity") != 0)
    return xml_error (r->xml, node, REASON_UNSUPPORTED, r->err,
                      _("the compression '%s' is not supported"),
                      compression);
  return 0;
}

static int
read_capacity (struct ovf_reading *r, const struct xml_node *node,
               struct ovf_disk *disk)
{
  CLEANUP_FREE char *units = NULL;

  if (get_size (r, node, "@ovf:capacity|@capacity", &disk->capacity) == -1 ||
      ovf_text (r, node, "@ovf:capacityAllocationUnits", &units) == -1)
    return -1;
  return ovf_scale (r, node, units, 1, &disk->capacity);
}

static int
read_disk (struct ovf_reading *r, const char *id, struct ovf_disk *disk)
{
  CLEANUP_FREE char *file = NULL, *format = NULL, *parent = NULL;
  const struct xml_node *node;

  if (find_by_id (r, "ovf:DiskSection/ovf:Disk|ovf:Section/ovf:Disk",
                  "@ovf:diskId|@diskId", id, &node) == -1)
    return -1;
  if (node == NULL)
    return error_set (r->err, REASON_UNSUPPORTED,
                      _("the OVF refers to the disk '%s' but has no such "
                        "Disk element"), id);
  if (read_capacity (r, node, disk) == -1 ||
      ovf_text (r, node, "@ovf:format|@format", &format) == -1 ||
      ovf_text (r, node, "@ovf:fileRef|@fileRef", &file) == -1 ||
      ovf_text (r, node, "@ovf:parentRef|@parentRef", &parent) == -1)
    return -1;
  disk->vmdk = format != NULL && strcasestr (format, "vmdk") != NULL;
  if (parent != NULL)
    return xml_error (r->xml, node, REASON_SNAPSHOT, r->err,
                      _("the disk '%s' holds only what differs from the "
                        "disk '%s'"), id, parent);
  if (file != NULL)
    return read_file (r, file, disk);
  if (disk->capacity == 0)
    return xml_error (r->xml, node, REASON_UNSUPPORTED, r->err,
                      _("the disk '%s' has neither a file nor a capacity"),
                      id);
  return 0;
}

/* Without a HostResource the item itself can tell how large the disk is that
 * is to be created.
 */
static int
read_quantity (struct ovf_reading *r, const struct item *item,
               struct ovf_disk *disk)
{
  CLEANUP_FREE char *units = NULL;

  if (ovf_number (r, item, "VirtualQuantity", &disk->capacity) == -1 ||
      ovf_property (r, item, "AllocationUnits", &units) == -1)
    return -1;
  if (disk->capacity == 0)
    return xml_error (r->xml, item->node, REASON_UNSUPPORTED, r->err,
                      _("a disk without HostResource"));
  return ovf_scale (r, item->node, units, 1, &disk->capacity);
}

/* "ovf:/disk/ID", "ovf://disk/ID" or "/disk/ID", and the same with "file"
 * for a file that no Disk element describes.
 */
int
ovf_read_disk (struct ovf_reading *r, const struct item *item,
               struct ovf_disk *disk)
{
  CLEANUP_FREE char *resource = NULL;
  const char *rest;

  if (ovf_property (r, item, "HostResource", &resource) == -1)
    return -1;
  if (resource == NULL)
    return read_quantity (r, item, disk);
  rest = resource;
  if (strncasecmp (rest, "ovf:", 4) == 0)
    rest += 4;
  rest += strspn (rest, "/");
  if (strncmp (rest, "disk/", 5) == 0)
    return read_disk (r, rest + 5, disk);
  if (strncmp (rest, "file/", 5) == 0)
    return read_file (r, rest + 5, disk);
  return xml_error (r->xml, item->node, REASON_UNSUPPORTED, r->err,
                    _("the HostResource '%s' is not understood"), resource);
}
