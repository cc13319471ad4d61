/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the files that read libvirt's domain XML share. */

#ifndef V2V_DOMAIN_H
#define V2V_DOMAIN_H

#include "base/cleanup.h"
#include "base/i18n.h"
#include "base/vector.h"
#include "base/xml.h"
#include "guest/guest.h"
#include "input/input-request.h"

/* The limits.  All but the lists' lengths are those of the formats. */
enum {
  DOMAIN_MAX_DISKS = 1024,      /* KVM stops earlier, at its PCI slots */
  DOMAIN_MAX_NICS = 1024,
  DOMAIN_MAX_CPUS = 65535,      /* libvirt counts them in 16 bits */
  DOMAIN_MAX_PORT = 65535,
  DOMAIN_MAX_BOOT_ORDER = INT32_MAX,
};

enum domain_drive_kind { DOMAIN_DISK, DOMAIN_CDROM, DOMAIN_FLOPPY };

/* A <disk> of any kind: number INDEX of the guest's disks or removables. */
struct domain_drive {
  enum domain_drive_kind kind;
  size_t index;
  enum disk_bus named_bus;      /* by <target>, or BUS_UNKNOWN */
  unsigned slot;                /* of its target: hda is 0, hdc 2 */
};
DEFINE_VECTOR (struct domain_drives, domain_drives, struct domain_drive);

/* The state of reading a domain.  The functions that read it do not return
 * errors: the first error is kept in *err, and a look-up that fails returns
 * what it returns for a missing element.
 */
struct domain {
  struct xml *xml;
  const struct input_request *request;
  struct guest *guest;
  struct error *err;
  struct argv targets;          /* seen, with their buses: "ide hda"... */
  struct argv scsi_models;      /* of its controllers: "0=lsilogic"... */
  struct domain_drives drives;  /* in the order in which libvirt has them */
};

/* As xml_find and xml_string, but a second match is an error, and an empty
 * string counts as missing.  The caller frees the string.
 */
extern const struct xml_node *domain_find (struct domain *,
                                           const struct xml_node *,
                                           const char *expr);
extern char *domain_string (struct domain *, const struct xml_node *,
                            const char *expr);
/* A decimal number, or what OTHERWISE says when there is none. */
extern uint64_t domain_uint (struct domain *, const struct xml_node *,
                             const char *expr, uint64_t min, uint64_t max,
                             uint64_t otherwise);
/* Is the value of EXPR VALUE? */
extern bool domain_equals (struct domain *, const struct xml_node *,
                           const char *expr, const char *value);

/* Set the error, unless one is set already.  domain_hint is called before
 * domain_error, with the hint for that error.
 */
extern void domain_hint (struct domain *, const char *hint);
#define domain_error(domain, node, ...)                                 \
  xml_error ((domain)->xml, (node), REASON_UNSUPPORTED, (domain)->err,  \
             __VA_ARGS__)

/* Each fills in its part of the guest from the children of ROOT. */
extern void domain_read_memory (struct domain *, const struct xml_node *root);
extern void domain_read_cpus (struct domain *, const struct xml_node *root);
extern void domain_read_firmware (struct domain *,
                                  const struct xml_node *root);
extern void domain_read_machine (struct domain *, const struct xml_node *root);
extern void domain_read_clock (struct domain *, const struct xml_node *root);
extern void domain_read_disks (struct domain *, const struct xml_node *root);

/* After the devices. */
extern void domain_read_boot (struct domain *, const struct xml_node *root);

/* Warn of devices that the guest will not have. */
extern void domain_name_left_out (struct domain *,
                                  const struct xml_node *root);

/* The place in the boot order that DEVICE itself has, or 0. */
extern unsigned domain_boot_order (struct domain *,
                                   const struct xml_node *device);
/* Put a drive where libvirt does. */
extern void domain_note_drive (struct domain *, const struct domain_drive *);

/* Fill in the location from a disk of type network. */
extern void domain_read_network (struct domain *, const struct xml_node *disk,
                                 const struct xml_node *source,
                                 struct location *);

#endif /* V2V_DOMAIN_H */
