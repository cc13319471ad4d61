/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the parts of the libvirt XML share while it is written. */

#ifndef V2V_DOMAIN_XML_INTERNAL_H
#define V2V_DOMAIN_XML_INTERNAL_H

#include <stdbool.h>

#include "guest/domain-xml.h"

struct argv;
struct xml_build;
struct xml_elem;

struct domain {
  struct xml_build *build;
  const struct guest *guest;
  struct xml_elem *root, *devices;
  bool x86, q35;
  bool of_source;               /* drives are those that the source has, and
                                   not those that KVM is to have */
  struct argv *names;           /* of the drives so far */
};

/* The disks, and behind them the removable drives. */
extern int domain_xml_drives (const struct domain *,
                              const struct domain_disk *, size_t n,
                              struct error *err);

/* What a device has to say of when it boots; 0 is nothing. */
extern void domain_xml_boot_order (const struct domain *,
                                   struct xml_elem *device,
                                   unsigned boot_order);

#endif /* V2V_DOMAIN_XML_INTERNAL_H */
