/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What an OVF says about the file of a disk: its name, size, compression and
 * the disk's capacity.  Whether that is true, and where the file is, is found
 * out in ova-disk.c.
 */

#include <config.h>

#include <ctype.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "input/ova/ovf-reading.h"

/* How much larger than the disk's capacity its file may be: tables and markers
 * of a VMDK are less than a hundredth of it.
 */
#define OVERHEAD_MIN (UINT64_C (64) << 20)

void
ovf_disks_free (struct ovf_disks *disks)
{
  for (size_t i = 0; i < disks->len; i++) {
    free (disks->ptr[i].href);
    member_names_reset (&disks->ptr[i].names);
  }
  ovf_disks_reset (disks);
}

uint64_t
ovf_disk_limit (const struct ovf_disk *disk)
{
  uint64_t limit = INT64_MAX;

  if (disk->capacity > 0 && disk->capacity < INT64_MAX / 2 &&
      !disk->adjustable)
    limit = disk->capacity + disk->capacity / 8 + OVERHEAD_MIN;
  else if (disk->size > 0)
    limit = disk->size;
  return limit > disk->size ? limit : disk->size;
}

/* The size in an attribute.  What is not a number (a property without a
 * default) counts as missing.
 */
static uint64_t
get_size (struct ovf_reading *r, const struct xml_node *node,
          const char *expr)
{
  CLEANUP_FREE char *text = ovf_fill_in (r, ovf_text (r, node, expr));
  uint64_t ret;

  if (text == NULL || !isdigit ((unsigned char) *text))
    return 0;
  if (ovf_parse_number (text, &ret) == -1 || ret > INT64_MAX)
    ovf_error (r, node, _("'%s' is not a size"), text);
  return ret;
}

static void
read_file (struct ovf_reading *r, const char *id, struct ovf_disk *disk)
{
  const struct xml_node *node =
    ovf_index_find (r, &r->files_by_id, "ovf:References/ovf:File",
                    "@ovf:id|@id", id);
  CLEANUP_FREE char *compression = NULL, *chunk = NULL;

  if (node == NULL) {
    error_set (r->err, REASON_UNSUPPORTED,
               _("the OVF refers to the file '%s' but has no such File "
                 "element"), id);
    return;
  }
  disk->href = ovf_text (r, node, "@ovf:href|@href");
  compression = ovf_text (r, node, "@ovf:compression");
  chunk = ovf_text (r, node, "@ovf:chunkSize");
  disk->size = get_size (r, node, "@ovf:size|@size");
  if (disk->href == NULL)
    ovf_error (r, node, _("the File element has no href"));
  disk->chunked = chunk != NULL;
  disk->chunk_size = get_size (r, node, "@ovf:chunkSize");
  disk->compressed = compression != NULL &&
    strcasecmp (compression, "identity") != 0;
  if (disk->compressed && strcasecmp (compression, "gzip") != 0 &&
      strcasecmp (compression, "bzip2") != 0) /* XenCenter has that, too */
    ovf_error (r, node, _("the compression '%s' is not supported"),
               compression);
}

static void
read_capacity (struct ovf_reading *r, const struct xml_node *node,
               struct ovf_disk *disk)
{
  const uint64_t count = get_size (r, node, "@ovf:capacity|@capacity");
  CLEANUP_FREE char *text = ovf_text (r, node, "@ovf:capacity|@capacity");
  CLEANUP_FREE char *units =
    ovf_fill_in (r, ovf_text (r, node, "@ovf:capacityAllocationUnits"));

  disk->adjustable = text != NULL && ovf_is_reference (text);
  disk->capacity = ovf_scale (r, node, count, units, 1);
  disk->unit = ovf_scale (r, node, 1, units, 1);
}

static const struct xml_node *
find_disk (struct ovf_reading *r, const char *id)
{
  return ovf_index_find (r, &r->disks_by_id,
                         "ovf:DiskSection/ovf:Disk|ovf:Section/ovf:Disk",
                         "@ovf:diskId|@diskId", id);
}

/* A disk that deployment creates needs to know how large. */
static void
refuse_no_capacity (struct ovf_reading *r, const struct xml_node *node,
                    const char *id)
{
  CLEANUP_FREE char *text = ovf_text (r, node, "@ovf:capacity|@capacity");

  if (text == NULL || !ovf_is_reference (text)) {
    ovf_error (r, node, _("the disk '%s' has neither a file nor a capacity"),
               id);
    return;
  }
  ovf_error (r, node, _("the capacity of the disk '%s' is the property %s, "
                        "which has no default value"), id, text);
  error_hint (r->err, _("unpack the OVA, write the capacity into the .ovf "
                        "file in place of %s, and remove the manifest "
                        "(.mf)"), text);
}

/* A disk without a file. */
static void
read_empty (struct ovf_reading *r, const struct xml_node *node,
            const char *id, const struct ovf_disk *disk)
{
  if (disk->capacity == 0)
    refuse_no_capacity (r, node, id);
  else if (disk->adjustable)
    argv_appendf (r->warnings, r->err,
                  _("the capacity of the empty disk '%s' can be configured: "
                    "using the default, %" PRIu64 " bytes"), id,
                  disk->capacity);
}

static void
read_disk (struct ovf_reading *r, const char *id, struct ovf_disk *disk)
{
  const struct xml_node *node = find_disk (r, id);
  CLEANUP_FREE char *file = NULL, *format = NULL, *parent = NULL;

  if (node == NULL) {
    error_set (r->err, REASON_UNSUPPORTED,
               _("the OVF refers to the disk '%s' but has no such Disk "
                 "element"), id);
    return;
  }
  read_capacity (r, node, disk);
  format = ovf_text (r, node, "@ovf:format|@format");
  file = ovf_text (r, node, "@ovf:fileRef|@fileRef");
  parent = ovf_text (r, node, "@ovf:parentRef|@parentRef");
  disk->vmdk = format != NULL && strcasestr (format, "vmdk") != NULL;
  if (parent != NULL) {
    xml_error (r->xml, node, REASON_SNAPSHOT, r->err,
               _("the disk '%s' holds only the changes since the disk '%s'"),
               id, parent);
    error_hint (r->err, _("delete the VM's snapshots, and export it again"));
  }
  if (file != NULL)
    read_file (r, file, disk);
  else
    read_empty (r, node, id, disk);
}

/* Without a HostResource the item itself can give the size of an empty disk.
 */
static void
read_quantity (struct ovf_reading *r, const struct item *item,
               struct ovf_disk *disk)
{
  const uint64_t count = ovf_number (r, item, "VirtualQuantity", 0);
  CLEANUP_FREE char *units = ovf_property (r, item, "AllocationUnits");

  if (count == 0)
    ovf_error (r, item->node, _("the disk has no HostResource"));
  disk->capacity = ovf_scale (r, item->node, count, units, 1);
}

const char *
ovf_reference (const char *resource, const char *kind)
{
  const size_t len = strlen (kind);

  if (strncasecmp (resource, "ovf:", 4) == 0)
    resource += 4;
  resource += strspn (resource, "/");
  return strncmp (resource, kind, len) == 0 && resource[len] == '/'
    ? resource + len + 1 : NULL;
}

const struct xml_node *
ovf_find_disk (struct ovf_reading *r, const struct item *item)
{
  CLEANUP_FREE char *resource = ovf_property (r, item, "HostResource");
  const char *id = resource == NULL ? item->id
                                    : ovf_reference (resource, "disk");

  return id == NULL ? NULL : find_disk (r, id);
}

/* The disk that has ITEM's InstanceID, as XenCenter wrote it before it wrote a
 * HostResource; otherwise the item itself describes the disk.
 */
static void
read_without_resource (struct ovf_reading *r, const struct item *item,
                       struct ovf_disk *disk)
{
  if (ovf_find_disk (r, item) != NULL)
    read_disk (r, item->id, disk);
  else
    read_quantity (r, item, disk);
}

void
ovf_read_disk (struct ovf_reading *r, const struct item *item,
               struct ovf_disk *disk)
{
  CLEANUP_FREE char *resource = ovf_property (r, item, "HostResource");
  const char *id;

  if (resource == NULL)
    read_without_resource (r, item, disk);
  else if ((id = ovf_reference (resource, "disk")) != NULL)
    read_disk (r, id, disk);
  else if ((id = ovf_reference (resource, "file")) != NULL)
    read_file (r, id, disk);
  else
    ovf_error (r, item->node, _("unknown form of HostResource: '%s'"),
               resource);
}
