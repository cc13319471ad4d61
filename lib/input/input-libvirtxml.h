/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the files that read libvirt's domain XML share. */

#ifndef V2V_INPUT_LIBVIRTXML_H
#define V2V_INPUT_LIBVIRTXML_H

#include "base/cleanup.h"
#include "base/i18n.h"
#include "base/xml.h"
#include "guest/guest.h"
#include "input/input.h"

/* The limits.  All but the lists' lengths are those of the formats. */
enum {
  DOMAIN_MAX_DISKS = 1024,      /* KVM stops earlier, at its PCI slots */
  DOMAIN_MAX_NICS = 1024,
  DOMAIN_MAX_CPUS = 65535,      /* libvirt counts them in 16 bits */
  DOMAIN_MAX_PORT = 65535,
};

/* A domain while it is read. */
struct domain {
  struct xml *xml;
  const struct input_request *request;
  struct guest *guest;
  struct argv targets;          /* seen, with their buses: "ide hda"... */
};

/* As xml_string and xml_find, but an empty string counts as missing, and a
 * second match is an error.
 */
extern int domain_string (struct domain *, const struct xml_node *,
                          const char *expr, char **ret, struct error *err);
extern int domain_find (struct domain *, const struct xml_node *,
                        const char *expr, const struct xml_node **ret,
                        struct error *err);
/* A decimal number; *ret stays as it is when there is none. */
extern int domain_uint (struct domain *, const struct xml_node *,
                        const char *expr, uint64_t min, uint64_t max,
                        uint64_t *ret, struct error *err);
/* Is the value of EXPR VALUE? */
extern int domain_equals (struct domain *, const struct xml_node *,
                          const char *expr, const char *value, bool *ret,
                          struct error *err);

/* STR without the blanks around it, which XML Schema allows round numbers
 * and words.  Changes STR.
 */
extern char *domain_trim (char *str);

/* Each fills in its part of the guest from the children of ROOT. */
extern int domain_read_memory (struct domain *, const struct xml_node *root,
                               struct error *err);
extern int domain_read_cpus (struct domain *, const struct xml_node *root,
                             struct error *err);
extern int domain_read_firmware (struct domain *,
                                 const struct xml_node *root,
                                 struct error *err);
extern int domain_read_machine (struct domain *, const struct xml_node *root,
                                struct error *err);
extern int domain_read_clock (struct domain *, const struct xml_node *root,
                              struct error *err);
extern int domain_read_nics (struct domain *, const struct xml_node *root,
                             struct error *err);
/* Add all disks and removables to the guest. */
extern int domain_read_disks (struct domain *, struct error *err);

/* Fill in the location from a disk of type network. */
extern int domain_read_network (struct domain *, const struct xml_node *disk,
                                const struct xml_node *source,
                                struct location *, struct error *err);

#define domain_error(domain, node, err, ...)                            \
  xml_error ((domain)->xml, (node), REASON_UNSUPPORTED, (err), __VA_ARGS__)

#endif /* V2V_INPUT_LIBVIRTXML_H */
