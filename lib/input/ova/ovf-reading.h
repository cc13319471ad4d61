/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Inside ovf_read: what its steps share.  They do not return errors: the first
 * error is kept in *err, and a look-up that fails returns what it returns for
 * a missing element.
 */

#ifndef V2V_OVF_READING_H
#define V2V_OVF_READING_H

#include "base/xml.h"
#include "guest/guest.h"
#include "input/ova/ovf.h"

/* All of CIM's classes of settings: OVF 2 has elements of their own for
 * storage and network cards, in namespaces of their own.
 */
#define CIM "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_"

/* The types of items, as CIM numbers them. */
enum resource {
  RESOURCE_OTHER = 1,           /* oVirt: 0 */
  RESOURCE_CPU = 3,
  RESOURCE_MEMORY = 4,
  RESOURCE_IDE = 5,
  RESOURCE_SCSI = 6,
  RESOURCE_FC = 7,
  RESOURCE_ISCSI = 8,
  RESOURCE_INFINIBAND = 9,
  RESOURCE_NIC = 10,
  RESOURCE_OTHER_NIC = 11,
  RESOURCE_FLOPPY = 14,
  RESOURCE_CD = 15,
  RESOURCE_DVD = 16,
  RESOURCE_DISK = 17,
  RESOURCE_TAPE = 18,
  RESOURCE_EXTENT = 19,         /* a disk of XenCenter or XCP-ng Center */
  RESOURCE_STORAGE = 20,        /* SATA, NVMe: the subtype tells */
  RESOURCE_USB = 23,
  RESOURCE_LOGICAL_DISK = 31,
  RESOURCE_VOLUME = 32,
  RESOURCE_SOUND = 35,
};

/* One item of the hardware section. */
struct item {
  const struct xml_node *node;
  uint64_t type;                /* enum resource, or another number */
  char *id;                     /* InstanceID, or NULL */
  char *subtype;                /* ResourceSubType, or NULL */
  bool configured;              /* it is for some configurations only */
};
DEFINE_VECTOR (struct items, items, struct item);

/* Where a drive is attached. */
struct place {
  const struct item *controller; /* or NULL */
  enum disk_bus bus;
  uint64_t number;              /* of the controller, of its kind */
  uint64_t address;             /* on the controller */
};
#define NO_ADDRESS UINT64_MAX

/* A disk of the guest: the item that attaches it. */
struct drive {
  const struct item *item;
  struct place place;
};
DEFINE_VECTOR (struct drives, drives, struct drive);

/* Elements by an ID, made when the first is looked for. */
struct ovf_entry {
  char *id;
  size_t number;                /* in the order of the document */
  const struct xml_node *node;
};
DEFINE_VECTOR (struct ovf_entries, ovf_entries, struct ovf_entry);
struct ovf_index {
  struct ovf_entries entries;
  bool filled;
};

struct ovf_reading {
  struct xml *xml;
  const struct xml_node *system, *hardware;
  struct items items;
  struct drives drives;         /* one for each of the guest's disks */
  struct ovf_index disks_by_id, files_by_id;
  struct guest *guest;
  struct ovf_disks *disks;
  struct argv *warnings;
  struct error *err;
};

/* The text that EXPR finds, without blanks around it; NULL when there is
 * none or it is empty.  The caller frees it.
 */
extern char *ovf_text (struct ovf_reading *, const struct xml_node *,
                       const char *expr);
/* Is there anything that EXPR finds? */
extern bool ovf_has (struct ovf_reading *, const struct xml_node *,
                     const char *expr);
/* The text of an item's property such as "Parent", likewise. */
extern char *ovf_property (struct ovf_reading *, const struct item *,
                           const char *property);
/* A property that is a number, or what OTHERWISE says when there is none. */
extern uint64_t ovf_number (struct ovf_reading *, const struct item *,
                            const char *property, uint64_t otherwise);
/* The same for what some writers fill with something else, which counts as
 * missing.
 */
extern uint64_t ovf_loose_number (struct ovf_reading *, const struct item *,
                                  const char *property, uint64_t otherwise);
/* The value of vmw:Config or vmw:ExtraConfig KEY below NODE, likewise. */
extern char *ovf_config (struct ovf_reading *, const struct xml_node *,
                         const char *key);
/* So many UNITS ("byte * 2^20", "byte*1024*1024", "MegaBytes"), or FACTORs
 * if that is NULL, in bytes.
 */
extern uint64_t ovf_scale (struct ovf_reading *, const struct xml_node *,
                           uint64_t count, const char *units,
                           uint64_t factor);

/* The first of the elements that EXPR finds below the root whose attribute ID
 * is VALUE, or NULL.  An index is for one EXPR and ID.
 */
extern const struct xml_node *ovf_index_find (struct ovf_reading *,
                                              struct ovf_index *,
                                              const char *expr,
                                              const char *id,
                                              const char *value);
extern void ovf_index_free (struct ovf_index *);

/* In lower case; NULL is fine. */
extern void ovf_lower (char *text);
/* A decimal number and nothing else; -1: it is none. */
extern int ovf_parse_number (const char *text, uint64_t *ret);

/* The ID of the configuration that is used, the deployment's default; NULL:
 * there is none.  The caller frees it.
 */
extern char *ovf_default_configuration (struct ovf_reading *);

/* Set the system, which is the one called VM, or if that is NULL the only one,
 * and its hardware section.  NAME is the OVF's in errors.
 */
extern int ovf_find_system (struct ovf_reading *, const char *name,
                            const char *vm);

/* Is TEXT of the form "${NAME}", which refers to a property? */
extern bool ovf_is_reference (const char *text);
/* Take TEXT (may be NULL) and return it; if it refers to a property that has a
 * default value, that value instead.  The caller frees it.
 */
extern char *ovf_fill_in (struct ovf_reading *, char *text);

/* Append the items that count for the configuration that is used. */
extern void ovf_list_items (struct ovf_reading *);
extern void ovf_free_items (struct items *);

/* The ID in RESOURCE, a HostResource, if it refers to a thing of KIND
 * ("disk", "file") of the package: "ovf:/disk/ID", "ovf://disk/ID" or
 * "/disk/ID".  NULL: it does not.
 */
extern const char *ovf_reference (const char *resource, const char *kind);
/* The Disk element that ITEM refers to; NULL: to none that is there. */
extern const struct xml_node *ovf_find_disk (struct ovf_reading *,
                                             const struct item *);
/* Fill in DISK from what the disk ITEM refers to. */
extern void ovf_read_disk (struct ovf_reading *, const struct item *,
                           struct ovf_disk *disk);

/* Where ITEM is attached. */
extern struct place ovf_find_place (struct ovf_reading *,
                                    const struct item *);
/* Put r->drives into the order in which the guest's firmware finds them, as
 * far as their places tell; otherwise they stay in the OVF's order, which is
 * all that virt-v2v goes by.
 */
extern void ovf_order_drives (struct ovf_reading *);

/* Is ITEM a disk?  Its type says so, or it refers to one of the package. */
extern bool ovf_is_disk (struct ovf_reading *, const struct item *);

/* Steps of ovf-devices.c. */
extern void ovf_add_disks (struct ovf_reading *);
extern void ovf_add_removables (struct ovf_reading *);
extern void ovf_add_nics (struct ovf_reading *);

/* What the makers of OVFs say in elements of their own.  Each of these adds
 * it to the guest, whose devices are there already, and does nothing for the
 * OVFs of others.
 */
extern void ovf_read_vmware (struct ovf_reading *);
extern void ovf_read_virtualbox (struct ovf_reading *);
extern void ovf_read_ovirt (struct ovf_reading *);
extern void ovf_read_xen (struct ovf_reading *);
/* NAME ("bios", "efi"...) is the guest's firmware by the OVF. */
extern void ovf_set_firmware (struct ovf_reading *, const char *name);

/* Warn of what the OVF holds and the guest will not have. */
extern void ovf_name_left_out (struct ovf_reading *);

#define ovf_error(r, node, ...)                                         \
  xml_error ((r)->xml, (node), REASON_UNSUPPORTED, (r)->err, __VA_ARGS__)

#endif /* V2V_OVF_READING_H */
