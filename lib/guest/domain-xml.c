/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The libvirt XML that runs a guest on KVM, or that tells a conversion what is
 * to be made ready for KVM.  Where its disks are is told by the caller:
 * outputs name the copies, a conversion the protected disks, and
 * domain-xml-drives.c writes them down.
 */

#include <config.h>

#include <inttypes.h>
#include <string.h>

#include "base/alloc.h"
#include "base/argv.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "base/xml-build.h"
#include "guest/boot-order.h"
#include "guest/domain-xml-internal.h"
#include "guest/guest.h"
#include "guest/hardware.h"
#include "guest/target-name.h"

/* libvirt refuses names with these, and XML cannot hold the others. */
static bool
name_takes (uint32_t c)
{
  return c != '/' && (c >= 0x20 || c == '\t') && c != 0xfffe && c != 0xffff;
}

char *
domain_xml_name (const char *name, struct error *err)
{
  char *ret = alloc_copy (name, err);
  uint32_t c = 0;
  size_t len;

  if (ret == NULL)
    return NULL;
  for (char *p = ret; *p != '\0'; p += len) {
    len = utf8_decode (p, &c);
    if (len != 0 && name_takes (c))
      continue;
    len = len != 0 ? len : 1;
    memset (p, '_', len);
  }
  if (ret[strspn (ret, " \t")] == '\0') {
    error_set (err, REASON_UNSUPPORTED, _("the guest's name is empty"));
    free (ret);
    return NULL;
  }
  return ret;
}

static void
add_number (const struct domain *dom, const char *name, uint64_t number,
            const char *unit)
{
  char text[32];

  snprintf (text, sizeof text, "%" PRIu64, number);
  xml_add_text (dom->build, dom->root, name, text,
                unit != NULL ? "unit" : NULL, unit, NULL);
}

/* The source's CPU model may be one that this host does not have. */
static void
add_cpu (const struct domain *dom)
{
  const struct guest *guest = dom->guest;
  const char *mode = dom->x86 ? "host-model" : "host-passthrough";
  struct xml_elem *elem = xml_add (dom->build, dom->root, "cpu",
                                   "mode", mode, NULL);

  /* libvirt refuses a topology that is not that of all CPUs. */
  if (!hardware_has_topology (guest))
    return;
  elem = xml_add (dom->build, elem, "topology", NULL);
  xml_attrf (dom->build, elem, "sockets", "%u", guest->cpu.sockets);
  xml_attrf (dom->build, elem, "cores", "%u", guest->cpu.cores);
  xml_attrf (dom->build, elem, "threads", "%u", guest->cpu.threads);
}

/* With firmware='efi' libvirt looks for a build of UEFI that fits.  Told
 * nothing it takes one that starts nothing unsigned, and told that this is not
 * wanted one for encrypted memory (libvirt 12 with OVMF.amdsev.fd), which keeps
 * no variables: so boot entries of the guest are lost.  libvirt 9 refuses
 * <loader secure='no'/>, libvirt before 7.2 knows nothing but
 * <loader secure='yes'/>, and that is for PCs.
 */
static void
add_firmware (const struct domain *dom, struct xml_elem *os)
{
  struct xml_elem *firmware = xml_add (dom->build, os, "firmware", NULL);
  const bool secure = dom->guest->secure_boot && dom->x86;

  xml_add (dom->build, firmware, "feature",
           "enabled", dom->guest->secure_boot ? "yes" : "no",
           "name", "secure-boot", NULL);
  xml_add (dom->build, os, "loader", "stateless", "no",
           secure ? "secure" : NULL, "yes", NULL);
}

static void
add_os (const struct domain *dom)
{
  const struct guest *guest = dom->guest;
  const bool uefi = guest->firmware == FIRMWARE_UEFI;
  const bool virt = guest->machine != NULL &&
    strcmp (guest->machine, "virt") == 0;
  const char *machine = dom->x86 ? (dom->q35 ? "q35" : "pc")
    : virt ? "virt" : NULL;
  struct xml_elem *os = xml_add (dom->build, dom->root, "os",
                                 uefi ? "firmware" : NULL, "efi", NULL);

  xml_add_text (dom->build, os, "type", "hvm",
                "arch", hardware_arch (guest),
                machine != NULL ? "machine" : NULL, machine, NULL);
  if (uefi)
    add_firmware (dom, os);
  if (boot_order_is_usual (guest))
    xml_add (dom->build, os, "boot", "dev", "hd", NULL);
}

static void
add_features (const struct domain *dom)
{
  struct xml_elem *features = xml_add (dom->build, dom->root, "features",
                                       NULL);

  xml_add (dom->build, features, "acpi", NULL);
  if (!dom->x86)
    return;
  xml_add (dom->build, features, "apic", NULL);
  /* System management mode keeps the variables of secure boot safe. */
  if (dom->guest->secure_boot)
    xml_add (dom->build, features, "smm", "state", "on", NULL);
}

/* The timers that guests of KVM keep time with. */
static void
add_clock (const struct domain *dom)
{
  static const char *const timers[][3] = {
    { "rtc", "tickpolicy", "catchup" },
    { "pit", "tickpolicy", "delay" },
    { "hpet", "present", "no" },
  };
  const char *offset = dom->guest->clock_offset;
  const bool local = offset != NULL && strcmp (offset, "localtime") == 0;
  struct xml_elem *clock = xml_add (dom->build, dom->root, "clock", "offset",
                                    local ? "localtime" : "utc", NULL);

  for (size_t i = 0; dom->x86 && i < ARRAY_LEN (timers); i++)
    xml_add (dom->build, clock, "timer", "name", timers[i][0],
             timers[i][1], timers[i][2], NULL);
}

static int
add_nic (const struct domain *dom, const struct nic *nic, struct error *err)
{
  const char *network = nic->network != NULL ? nic->network : "default";
  CLEANUP_FREE char *name = domain_xml_name (network, err);
  const bool bridge = nic->kind == NIC_BRIDGE && bridge_valid (network);
  const char *kind = bridge ? "bridge" : "network";
  struct xml_elem *elem;

  if (name == NULL ||
      (!dom->of_source && hardware_check_bridge (nic, err) == -1))
    return -1;
  elem = xml_add (dom->build, dom->devices, "interface", "type", kind, NULL);
  if (hardware_mac (nic) != NULL)
    xml_add (dom->build, elem, "mac", "address", hardware_mac (nic), NULL);
  xml_add (dom->build, elem, "source", kind, bridge ? network : name, NULL);
  xml_add (dom->build, elem, "model",
           "type", hardware_nic_model (dom->guest, nic), NULL);
  domain_xml_boot_order (dom, elem, nic->boot_order);
  return 0;
}

/* A display that needs nothing of the guest, and only on this host. */
static void
add_display (const struct domain *dom)
{
  const char *display = dom->guest->display;
  const bool spice = display != NULL && strcmp (display, "spice") == 0;
  struct xml_elem *elem;

  elem = xml_add (dom->build, dom->devices, "graphics",
                  "type", spice ? "spice" : "vnc", "autoport", "yes", NULL);
  xml_add (dom->build, elem, "listen",
           "type", "address", "address", "127.0.0.1", NULL);
  elem = xml_add (dom->build, dom->devices, "video", NULL);
  xml_add (dom->build, elem, "model",
           "type", dom->x86 ? "vga" : "virtio", NULL);
  xml_add (dom->build, dom->devices, "input",
           "type", "tablet", "bus", "usb", NULL);
}

static void
add_sound (const struct domain *dom)
{
  static const char *const models[] = {
    "ac97", "es1370", "ich6", "ich9", "pcspk", "sb16", "usb",
  };

  for (size_t i = 0; i < ARRAY_LEN (models); i++)
    if (dom->guest->sound != NULL &&
        strcmp (dom->guest->sound, models[i]) == 0)
      xml_add (dom->build, dom->devices, "sound", "model", models[i], NULL);
}

/* Devices that every guest of KVM should have. */
static void
add_usual_devices (const struct domain *dom)
{
  struct xml_elem *elem;

  xml_add (dom->build, dom->devices, "serial", "type", "pty", NULL);
  xml_add (dom->build, dom->devices, "console", "type", "pty", NULL);
  elem = xml_add (dom->build, dom->devices, "rng", "model", "virtio", NULL);
  xml_add_text (dom->build, elem, "backend", "/dev/urandom",
                "model", "random", NULL);
  xml_add (dom->build, dom->devices, "memballoon", "model", "virtio", NULL);
  if (!dom->guest->tpm)
    return;
  elem = xml_add (dom->build, dom->devices, "tpm",
                  dom->x86 ? "model" : NULL, "tpm-crb", NULL);
  xml_add (dom->build, elem, "backend",
           "type", "emulator", "version", "2.0", NULL);
}

static void
add_mark (const struct domain *dom)
{
  struct xml_elem *metadata = xml_add (dom->build, dom->root, "metadata",
                                       NULL);

  xml_add (dom->build, metadata, "v2v:written",
           "xmlns:v2v", DOMAIN_XML_NAMESPACE, NULL);
}

static void
add_platform (const struct domain *dom, const char *name)
{
  const struct guest *guest = dom->guest;

  xml_attr (dom->build, dom->root, "type", "kvm");
  xml_add_text (dom->build, dom->root, "name", name, NULL);
  if (guest->genid != NULL)
    xml_add_text (dom->build, dom->root, "genid", guest->genid, NULL);
  add_mark (dom);
  add_number (dom, "memory", (hardware_memory (guest) + 1023) / 1024, "KiB");
  add_number (dom, "vcpu", hardware_cpus (guest), NULL);
  add_os (dom);
  add_features (dom);
  add_cpu (dom);
  add_clock (dom);
  xml_add_text (dom->build, dom->root, "on_poweroff", "destroy", NULL);
  xml_add_text (dom->build, dom->root, "on_reboot", "restart", NULL);
  xml_add_text (dom->build, dom->root, "on_crash", "restart", NULL);
}

static int
add_devices (const struct domain *dom, const struct domain_disk *disks,
             size_t n, struct error *err)
{
  const struct nics *nics = &dom->guest->nics;

  if (domain_xml_drives (dom, disks, n, err) == -1)
    return -1;
  for (size_t i = 0; i < nics->len; i++)
    if (!(dom->of_source && nics->ptr[i].assumed) &&
        add_nic (dom, &nics->ptr[i], err) == -1)
      return -1;
  add_display (dom);
  add_sound (dom);
  add_usual_devices (dom);
  return 0;
}

static char *
build_xml (const struct guest *guest, const char *name, struct argv *names,
           bool of_source, const struct domain_disk *disks, size_t n,
           struct error *err)
{
  CLEANUP_XML_BUILD struct xml_build *build = xml_build_new ("domain", err);
  CLEANUP_FREE char *label = domain_xml_name (name, err);
  struct domain dom = {
    .build = build, .guest = guest, .names = names, .of_source = of_source,
  };

  if (build == NULL || label == NULL)
    return NULL;
  dom.root = xml_build_root (build);
  dom.x86 = hardware_is_x86 (guest);
  dom.q35 = hardware_is_q35 (guest);
  add_platform (&dom, label);
  dom.devices = xml_add (build, dom.root, "devices", NULL);
  if (add_devices (&dom, disks, n, err) == -1)
    return NULL;
  return xml_build_text (build, err);
}

char *
domain_xml (const struct guest *guest, const char *name,
            const struct domain_disk *disks, size_t n, struct error *err)
{
  const struct guest known = hardware_known (guest);
  CLEANUP_ARGV struct argv names = { .ptr = NULL };

  return build_xml (&known, name, &names, false, disks, n, err);
}

char *
domain_xml_of_source (const struct guest *guest,
                      const struct domain_disk *disks, struct error *err)
{
  CLEANUP_ARGV struct argv names = { .ptr = NULL };

  return target_names_of_disks (guest, &names, err) == -1 ? NULL
    : build_xml (guest, guest->name, &names, true, disks, guest->disks.len,
                 err);
}
