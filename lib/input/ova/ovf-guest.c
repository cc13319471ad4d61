/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A guest from an OVF: the virtual machine, its platform, and the order of the
 * steps.  Which machine it is, is decided in ovf-system.c.  Its devices are
 * read in ovf-devices.c, the files of its disks in ovf-disk.c, single values
 * in ovf-items.c, and what the standard has no element for in a file for each
 * maker: ovf-vmware.c, ovf-virtualbox.c and so on.
 */

#include <config.h>

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "guest/guest.h"
#include "input/ova/ovf-reading.h"

/* What virt-v2v assumes for a guest whose OVF does not say. */
#define MEMORY_DEFAULT (UINT64_C (1) << 30)
#define CPUS_DEFAULT 1
#define CPUS_MAX 8192

/* The second is oVirt's spelling, the last one version 0.9, which calls all
 * sections Section and tells them apart by xsi:type.
 */
static const char *const envelopes[] = {
  "http://schemas.dmtf.org/ovf/envelope/1",
  "http://schemas.dmtf.org/ovf/envelope/1/",
  "http://schemas.dmtf.org/ovf/envelope/2",
  "http://www.vmware.com/schema/ovf/1/envelope",
};

/* The item that says how much there is of TYPE, or NULL.  An item for the
 * chosen configuration follows the one that it replaces.
 */
static const struct item *
last_item (const struct ovf_reading *r, enum resource type)
{
  for (size_t i = r->items.len; i > 0; i--)
    if (r->items.ptr[i - 1].type == type)
      return &r->items.ptr[i - 1];
  return NULL;
}

static void
set_name (struct ovf_reading *r)
{
  r->guest->name = ovf_text (r, r->system, "ovf:Name");
  if (r->guest->name == NULL)
    r->guest->name = ovf_text (r, r->system, "@ovf:id");
}

static void
set_memory (struct ovf_reading *r)
{
  const struct item *item = last_item (r, RESOURCE_MEMORY);
  CLEANUP_FREE char *units = NULL;
  uint64_t count;

  r->guest->memory = MEMORY_DEFAULT;
  if (item == NULL)
    return;
  count = ovf_number (r, item, "VirtualQuantity", 0);
  units = ovf_property (r, item, "AllocationUnits");
  count = ovf_scale (r, item->node, count, units, 1 << 20);
  if (count != 0)
    r->guest->memory = count;
}

static void
set_topology (struct ovf_reading *r, uint64_t sockets, uint64_t cores,
              uint64_t threads)
{
  r->guest->cpu.sockets = (unsigned) sockets;
  r->guest->cpu.cores = (unsigned) cores;
  r->guest->cpu.threads = (unsigned) threads;
}

/* oVirt gives the topology, in properties of its own, and can leave out the
 * quantity.  The number of CPUs, which is COUNT if that is not 0.
 */
static uint64_t
set_ovirt_cpus (struct ovf_reading *r, const struct item *item,
                uint64_t count)
{
  const uint64_t sockets = ovf_number (r, item, "num_of_sockets", 0);
  const uint64_t cores = ovf_number (r, item, "cpu_per_socket", 1);
  const uint64_t threads = ovf_number (r, item, "threads_per_cpu", 1);

  if (sockets < 1 || sockets > CPUS_MAX || cores < 1 || cores > CPUS_MAX ||
      threads < 1 || threads > CPUS_MAX ||
      (count != 0 && count != sockets * cores * threads))
    return count;
  set_topology (r, sockets, cores, threads);
  return sockets * cores * threads;
}

static void
set_cores_per_socket (struct ovf_reading *r, const struct item *item)
{
  const unsigned count = r->guest->cpu.count;
  CLEANUP_FREE char *text = ovf_text (r, item->node, "vmw:CoresPerSocket");
  uint64_t cores;

  if (text == NULL)
    return;
  if (ovf_parse_number (text, &cores) == -1 || cores == 0 ||
      count % cores != 0)
    argv_appendf (r->warnings, r->err,
                  _("%u virtual CPUs cannot be sockets of %s cores; "
                    "vmw:CoresPerSocket is ignored"), count, text);
  else
    set_topology (r, count / cores, cores, 1);
}

static void
set_cpus (struct ovf_reading *r)
{
  const struct item *item = last_item (r, RESOURCE_CPU);
  uint64_t count;

  r->guest->cpu.count = CPUS_DEFAULT;
  if (item == NULL)
    return;
  count = ovf_number (r, item, "VirtualQuantity", 0);
  count = set_ovirt_cpus (r, item, count);
  if (count > CPUS_MAX)
    ovf_error (r, item->node, _("too many virtual CPUs: %" PRIu64),
               count);
  if (count != 0)
    r->guest->cpu.count = (unsigned) count;
  set_cores_per_socket (r, item);
}

void
ovf_set_firmware (struct ovf_reading *r, const char *name)
{
  if (strncasecmp (name, "efi", 3) == 0)
    r->guest->firmware = FIRMWARE_UEFI;
  else if (strcasecmp (name, "bios") == 0)
    r->guest->firmware = FIRMWARE_BIOS;
  else
    ovf_error (r, r->hardware,
               _("the firmware '%s' is neither bios nor efi"), name);
}

static void
set_sound (struct ovf_reading *r)
{
  static const char *const models[][2] = {
    { "hda", "ich6" }, { "ac97", "ac97" }, { "ich", "ac97" },
    { "1371", "es1370" }, { "sb16", "sb16" },
  };
  const struct item *item = last_item (r, RESOURCE_SOUND);

  if (item == NULL || item->subtype == NULL)
    return;
  for (size_t i = 0; i < ARRAY_LEN (models); i++)
    if (strcasestr (item->subtype, models[i][0]) != NULL) {
      r->guest->sound = alloc_copy (models[i][1], r->err);
      return;
    }
}

/* Who wrote the OVF tells where the guest ran: by the type of the system, or,
 * where the writer pretends to be VMware (VirtualBox with OVF 0.9) or its type
 * can be configured (oVirt), by an element that only it writes.
 */
static const char *
find_hypervisor (struct ovf_reading *r)
{
  static const char *const types[][2] = {
    { "virtualbox", "virtualbox" }, { "xen", "xen" }, { "hvm", "xen" },
    { "ENGINE", "kvm" }, { "RHEVM", "kvm" }, { "oVirt", "kvm" },
  };
  CLEANUP_FREE char *type = ovf_text (r, r->hardware, "ovf:System/"
                                      "vssd:VirtualSystemType");

  if (ovf_has (r, r->system, "vbox:Machine"))
    return "virtualbox";
  if (ovf_has (r, r->system, "ovf:BiosType|ovf:ClusterCompatibilityVersion|"
               "ovf:MinAllocatedMem"))
    return "kvm";
  for (size_t i = 0; type != NULL && i < ARRAY_LEN (types); i++)
    if (strncasecmp (type, types[i][0], strlen (types[i][0])) == 0)
      return types[i][1];
  return "vmware";
}

static void
set_hypervisor (struct ovf_reading *r)
{
  r->guest->hypervisor = alloc_copy (find_hypervisor (r), r->err);
}

static int
add_namespaces (struct ovf_reading *r, const char *name)
{
  static const char *const others[][2] = {
    { "vssd", CIM "VirtualSystemSettingData" },
    { "vmw", "http://www.vmware.com/schema/ovf" },
    { "vbox", "http://www.virtualbox.org/ovf/machine" },
    { "ovirt", "http://www.ovirt.org/ovf" },
    { "xsi", "http://www.w3.org/2001/XMLSchema-instance" },
  };
  const struct xml_node *root = xml_root (r->xml);
  const char *uri = xml_node_namespace (root);
  bool known = false;

  for (size_t i = 0; i < ARRAY_LEN (envelopes); i++)
    known = known || strcmp (uri, envelopes[i]) == 0;
  if (!known || strcmp (xml_node_name (root), "Envelope") != 0)
    return error_set (r->err, REASON_UNSUPPORTED,
                      _("%s is not a supported OVF: its root element is %s "
                        "in the namespace '%s'"), name,
                      xml_node_name (root), uri);
  /* oVirt, and some writers of version 0.9, give only the root its prefix.
   */
  xml_adopt_elements (r->xml);
  xml_adopt_attributes (r->xml);
  if (xml_add_namespace (r->xml, "ovf", uri, r->err) == -1)
    return -1;
  for (size_t i = 0; i < ARRAY_LEN (others); i++)
    if (xml_add_namespace (r->xml, others[i][0], others[i][1], r->err) == -1)
      return -1;
  return 0;
}

int
ovf_read (const char *text, size_t len, const char *name, const char *vm,
          struct guest *guest, struct ovf_disks *disks,
          struct argv *warnings, struct error *err)
{
  static void (*const steps[]) (struct ovf_reading *) = {
    ovf_list_items, set_hypervisor, set_name, set_memory, set_cpus,
    set_sound, ovf_add_disks, ovf_add_removables, ovf_add_nics,
    ovf_read_vmware, ovf_read_virtualbox, ovf_read_ovirt, ovf_read_xen,
    ovf_name_left_out,
  };
  CLEANUP_XML struct xml *xml = xml_parse (text, len, name, err);
  struct ovf_reading r = { .xml = xml, .guest = guest, .disks = disks,
                           .warnings = warnings, .err = err };

  if (xml == NULL || add_namespaces (&r, name) == -1 ||
      ovf_find_system (&r, name, vm) == -1)
    return -1;
  for (size_t i = 0; i < ARRAY_LEN (steps) && !error_is_set (err); i++)
    steps[i] (&r);
  ovf_index_free (&r.disks_by_id);
  ovf_index_free (&r.files_by_id);
  drives_reset (&r.drives);
  ovf_free_items (&r.items);
  return error_is_set (err) ? -1 : 0;
}
