/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A guest from libvirt's domain XML, for -i libvirtxml and -i libvirt.
 * Elements that are not known here are ignored, missing ones leave the
 * guest's fields at their defaults, and two that contradict each other are
 * errors.  Where the disks can be reached from here is the inputs' matter.
 */

#include <config.h>

#include <ctype.h>
#include <string.h>

#include "input/domain/domain-guest.h"
#include "input/domain/domain.h"

#define VMWARE_NAMESPACE "http://libvirt.org/schemas/domain/vmware/1.0"

static int
check_root (struct domain *domain)
{
  const struct xml_node *root = xml_root (domain->xml);

  if (strcmp (xml_node_name (root), "domain") == 0)
    return 0;
  error_hint (domain->err,
              _("'virsh dumpxml GUEST' prints what is wanted here"));
  return domain_error (domain, root,
                       _("this is not libvirt's description of a guest: "
                         "'%s' stands where 'domain' should"),
                       xml_node_name (root));
}

/* Of several displays the first that can be had over the network. */
static int
read_display (struct domain *domain, const struct xml_node *root)
{
  return xml_string (domain->xml, root,
                     "devices/graphics[@type='vnc' or @type='spice']/@type",
                     &domain->guest->display, domain->err);
}

/* Eight digits, three times four, and twelve. */
static bool
is_uuid (const char *str)
{
  for (size_t i = 0; i < 36; i++) {
    if (i == 8 || i == 13 || i == 18 || i == 23) {
      if (str[i] != '-')
        return false;
    }
    else if (!isxdigit ((unsigned char) str[i]))
      return false;
  }
  return str[36] == '\0';
}

/* Empty, libvirt makes one for each run: there is none to keep. */
static int
read_genid (struct domain *domain, const struct xml_node *root)
{
  const struct xml_node *node;
  char **genid = &domain->guest->genid, *text;

  if (domain_find (domain, root, "genid", &node) == -1 ||
      domain_string (domain, root, "genid", genid) == -1)
    return -1;
  if (*genid == NULL)
    return 0;
  text = domain_trim (*genid);
  memmove (*genid, text, strlen (text) + 1);
  if (!is_uuid (*genid))
    return domain_error (domain, node, _("'%s' is not a UUID"), *genid);
  return 0;
}

/* What is taken as it is.  Of several video cards and sound devices the
 * first one counts.
 */
static int
read_strings (struct domain *domain, const struct xml_node *root)
{
  struct guest *guest = domain->guest;
  const struct {
    const char *expr;
    char **ret;
  } strings[] = {
    { "name", &guest->name },
    { "@type", &guest->hypervisor },
    { "cpu/model", &guest->cpu.model },
    { "cpu/vendor", &guest->cpu.vendor },
    { "os/type/@arch", &guest->arch },
    { "devices/video[1]/model/@type", &guest->video },
    { "devices/sound[1]/@model", &guest->sound },
    { "vmware:datacenterpath", &guest->vmware.datacenter },
    { "vmware:moref", &guest->vmware.moref },
  };

  for (size_t i = 0; i < ARRAY_LEN (strings); i++)
    if (domain_string (domain, root, strings[i].expr, strings[i].ret) == -1)
      return -1;
  if (guest->name == NULL)
    return domain_error (domain, root, _("the guest has no name"));
  return 0;
}

static int
read_tpm (struct domain *domain, const struct xml_node *root)
{
  const struct xml_node *tpm;

  if (xml_find (domain->xml, root, "devices/tpm", &tpm, domain->err) == -1)
    return -1;
  domain->guest->tpm = tpm != NULL;
  return 0;
}

static int
read_domain (struct domain *domain)
{
  static int (*const parts[]) (struct domain *, const struct xml_node *) = {
    read_strings, domain_read_memory, domain_read_cpus,
    domain_read_firmware, domain_read_machine, domain_read_clock,
    read_display, read_genid, read_tpm, domain_read_nics,
  };
  const struct xml_node *root = xml_root (domain->xml);

  if (check_root (domain) == -1)
    return -1;
  for (size_t i = 0; i < ARRAY_LEN (parts); i++)
    if (parts[i] (domain, root) == -1)
      return -1;
  return domain_read_disks (domain);
}

int
domain_read_guest (const char *text, size_t len, const char *name,
                        const struct input_request *request,
                        struct guest *guest, struct error *err)
{
  CLEANUP_XML struct xml *xml = xml_parse (text, len, name, err);
  struct domain domain = { .xml = xml, .request = request,
                           .guest = guest, .err = err };
  int r;

  if (xml == NULL ||
      xml_add_namespace (xml, "vmware", VMWARE_NAMESPACE, err) == -1)
    return -1;
  r = read_domain (&domain);
  argv_reset (&domain.targets);
  return r;
}
