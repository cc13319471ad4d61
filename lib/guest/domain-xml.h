/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The guest as libvirt domain XML, for KVM and for conversions. */

#ifndef V2V_DOMAIN_XML_H
#define V2V_DOMAIN_XML_H

#include <stddef.h>

struct error;
struct guest;

#define DOMAIN_XML_NAMESPACE "urn:v2v-nbdkit-launch:domain:1.0"

enum domain_disk_kind {
  DOMAIN_DISK_FILE,             /* path of an image file */
  DOMAIN_DISK_BLOCK,            /* path of a block device */
  DOMAIN_DISK_NBD,              /* path of the Unix socket of an NBD server,
                                   whose export has the name "" */
};

/* Where a disk of the guest is when it runs; nothing is opened here. */
struct domain_disk {
  enum domain_disk_kind kind;
  const char *path;             /* a relative one is made absolute */
  const char *format;           /* "raw", "qcow2" */
};

/* The XML for the guest under the name NAME, its N disks being DISKS.  It
 * passes virt-xml-validate.  Of what the source says, only that is taken
 * over which KVM can do.  The caller frees it.
 *
 * An element of DOMAIN_XML_NAMESPACE in its metadata, which libvirt keeps,
 * says that this program wrote it.
 *
 * A path that XML cannot hold is an error; in the name, which is a label
 * only, such characters (and "/" and newlines, which libvirt refuses)
 * become underscores.
 */
extern char *domain_xml (const struct guest *, const char *name,
                         const struct domain_disk *disks, size_t n,
                         struct error *err);

/* The same for a conversion, which wants to know what the guest's files speak
 * of: drives have the buses and names that they have in the source, and a disk
 * whose bus is not known has none.  DISKS are as many as the guest's.
 */
extern char *domain_xml_of_source (const struct guest *,
                                   const struct domain_disk *disks,
                                   struct error *err);

/* The name that the guest called NAME has there, which the caller frees. */
extern char *domain_xml_name (const char *name, struct error *err);

#endif /* V2V_DOMAIN_XML_H */
