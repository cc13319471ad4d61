/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A guest from libvirt's domain XML, for -i libvirtxml and -i libvirt.
 * Elements that are not known here are ignored, missing ones leave the
 * guest's fields at their defaults, and two that contradict each other are
 * errors.  Where the disks can be reached from here is the inputs' matter.
 */

#include <config.h>

#include <ctype.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "input/domain/domain-guest.h"
#include "input/domain/domain.h"

#define VMWARE_NAMESPACE "http://libvirt.org/schemas/domain/vmware/1.0"

static void
check_root (struct domain *domain, const struct xml_node *root)
{
  if (strcmp (xml_node_name (root), "domain") == 0)
    return;
  domain_hint (domain, _("'virsh dumpxml GUEST' prints the XML that is "
                         "needed"));
  domain_error (domain, root,
                _("this is not libvirt domain XML: the root element is '%s', "
                  "not 'domain'"), xml_node_name (root));
}

/* What is taken as it is.  Of several video cards and sound devices the
 * first one counts.
 */
static void
read_strings (struct domain *domain, const struct xml_node *root)
{
  struct guest *guest = domain->guest;

  guest->name = domain_string (domain, root, "name");
  guest->hypervisor = domain_string (domain, root, "@type");
  guest->cpu.model = domain_string (domain, root, "cpu/model");
  guest->cpu.vendor = domain_string (domain, root, "cpu/vendor");
  guest->arch = domain_string (domain, root, "os/type/@arch");
  guest->video = domain_string (domain, root, "devices/video[1]/model/@type");
  guest->sound = domain_string (domain, root, "devices/sound[1]/@model");
  guest->vmware.datacenter = domain_string (domain, root,
                                            "vmware:datacenterpath");
  guest->vmware.moref = domain_string (domain, root, "vmware:moref");
  if (guest->name == NULL)
    domain_error (domain, root, _("the guest has no name"));
}

/* Of several displays the first that can be had over the network. */
static void
read_display (struct domain *domain, const struct xml_node *root)
{
  static const char *const exprs[] = {
    "devices/graphics[@type='vnc' or @type='spice']/@type",
    "devices/graphics/@type",
  };

  for (size_t i = 0; i < ARRAY_LEN (exprs); i++)
    if (domain->guest->display == NULL)
      xml_string (domain->xml, root, exprs[i], &domain->guest->display,
                  domain->err);
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

/* For an empty <genid/> libvirt makes an ID at each start of the guest, so
 * that there is none to keep.
 */
static void
read_genid (struct domain *domain, const struct xml_node *root)
{
  CLEANUP_FREE char *text = domain_string (domain, root, "genid");
  const char *genid;

  if (text == NULL)
    return;
  genid = xml_trim (text);
  if (!is_uuid (genid))
    domain_error (domain, domain_find (domain, root, "genid"),
                  _("'%s' is not a UUID"), genid);
  domain->guest->genid = alloc_copy (genid, domain->err);
}

static void
read_tpm (struct domain *domain, const struct xml_node *root)
{
  const struct xml_node *tpm = NULL;

  xml_find (domain->xml, root, "devices/tpm", &tpm, domain->err);
  domain->guest->tpm = tpm != NULL;
}

static void
read_mac (struct domain *domain, const struct xml_node *node, struct nic *nic)
{
  nic->mac = domain_string (domain, node, "mac/@address");
  if (nic->mac == NULL)
    return;
  if (!mac_valid (nic->mac))
    domain_error (domain, node, _("'%s' is not a MAC address"), nic->mac);
  /* ESXi writes this when it has not assigned an address yet. */
  if (strcmp (nic->mac, "00:00:00:00:00:00") == 0) {
    free (nic->mac);
    nic->mac = NULL;
  }
}

/* Anything but a bridge or a network is tied to the source host.  What libvirt
 * calls a bridge of VMware's is a network, or a group of ports.
 */
static void
read_connection (struct domain *domain, const struct xml_node *node,
                 struct nic *nic)
{
  CLEANUP_FREE char *type = domain_string (domain, node, "@type");

  nic->kind = NIC_NETWORK;
  if (type != NULL && strcmp (type, "bridge") == 0) {
    nic->network = domain_string (domain, node, "source/@bridge");
    nic->kind_open = nic->network != NULL &&
      same_text (domain->guest->hypervisor, "vmware");
    if (nic->network != NULL && !nic->kind_open)
      nic->kind = NIC_BRIDGE;
  }
  else if (type == NULL || strcmp (type, "network") == 0) {
    nic->network = domain_string (domain, node, "source/@network");
    if (nic->network == NULL)
      nic->network = alloc_copy ("default", domain->err);
  }
  if (nic->network == NULL)
    nic->connection = STEAL (type);
}

static void
read_nics (struct domain *domain, const struct xml_node *root)
{
  CLEANUP_XML_NODES struct xml_nodes nodes = { .len = 0 };

  xml_find_all (domain->xml, root, "devices/interface", &nodes, domain->err);
  if (nodes.len > DOMAIN_MAX_NICS)
    domain_error (domain, nodes.ptr[DOMAIN_MAX_NICS],
                  _("the guest has more than %d network interfaces"),
                  DOMAIN_MAX_NICS);
  for (size_t i = 0; i < nodes.len && !error_is_set (domain->err); i++) {
    struct nic *nic = guest_add_nic (domain->guest, domain->err);

    if (nic == NULL)
      return;
    read_mac (domain, nodes.ptr[i], nic);
    nic->model = domain_string (domain, nodes.ptr[i], "model/@type");
    read_connection (domain, nodes.ptr[i], nic);
    nic->boot_order = domain_boot_order (domain, nodes.ptr[i]);
  }
}

int
domain_read_guest (const char *text, size_t len, const char *name,
                   const struct input_request *request, struct guest *guest,
                   struct error *err)
{
  static void (*const parts[]) (struct domain *, const struct xml_node *) = {
    check_root, read_strings, domain_read_memory, domain_read_cpus,
    domain_read_firmware, domain_read_machine, domain_read_clock,
    read_display, read_genid, read_tpm, read_nics, domain_read_disks,
    domain_read_boot, domain_name_left_out,
  };
  CLEANUP_XML struct xml *xml = xml_parse (text, len, name, err);
  struct domain domain = { .xml = xml, .request = request, .guest = guest,
                           .err = err };

  if (xml == NULL ||
      xml_add_namespace (xml, "vmware", VMWARE_NAMESPACE, err) == -1)
    return -1;
  for (size_t i = 0; i < ARRAY_LEN (parts) && !error_is_set (err); i++)
    parts[i] (&domain, xml_root (xml));
  argv_reset (&domain.targets);
  argv_reset (&domain.scsi_models);
  domain_drives_reset (&domain.drives);
  return error_is_set (err) ? -1 : 0;
}
