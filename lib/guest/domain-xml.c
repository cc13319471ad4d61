/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <config.h>

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "base/xml-build.h"
#include "guest/domain-xml.h"
#include "guest/guest.h"

/* What the guest gets where its source did not say. */
#define DEFAULT_MEMORY (UINT64_C (1024) * 1024 * 1024)
#define DEFAULT_CPUS 1
#define DEFAULT_ARCH "x86_64"

/* Drives that a PC has room for; those beyond are left out, as no source
 * has them.
 */
enum {
  MAX_FLOPPIES = 2,             /* on the floppy controller */
  MAX_IDE = 4,                  /* on i440fx's IDE controller */
  MAX_SATA = 6,                 /* on q35's SATA controller */
  MAX_DRIVES = 6,               /* of any one kind */
};

struct output {
  struct xml_build *build;
  const struct guest *guest;
  struct xml_elem *root, *devices;
  bool x86, q35;
};

static struct xml_elem *
add_typed (const struct output *out, struct xml_elem *parent,
           const char *name, const char *attribute, const char *value)
{
  struct xml_elem *elem = xml_add (out->build, parent, name);

  xml_attr (out->build, elem, attribute, value);
  return elem;
}

static bool
is_x86 (const char *arch)
{
  return arch == NULL || strcmp (arch, "x86_64") == 0 ||
    (strlen (arch) == 4 && arch[0] == 'i' && strcmp (arch + 2, "86") == 0);
}

/* The old machine only for those that had it, with the firmware of its
 * time: secure boot needs q35, and not all distributions build UEFI for
 * the other.
 */
static bool
wants_q35 (const struct guest *guest)
{
  return guest->firmware == FIRMWARE_UEFI || guest->machine == NULL ||
    strcmp (guest->machine, "pc") != 0;
}

/* libvirt refuses names with these, and XML cannot hold the others. */
static bool
name_takes (uint32_t c)
{
  return c != '/' && (c >= 0x20 || c == '\t') && c != 0xfffe && c != 0xffff;
}

static char *
tidy_name (const char *name, struct error *err)
{
  char *ret = strdup (name);
  uint32_t c = 0;
  size_t len;

  if (ret == NULL) {
    error_nomem (err);
    return NULL;
  }
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
add_number (const struct output *out, const char *name, uint64_t number,
            const char *unit)
{
  char text[32];
  struct xml_elem *elem;

  snprintf (text, sizeof text, "%" PRIu64, number);
  elem = xml_add_text (out->build, out->root, name, text);
  if (unit != NULL)
    xml_attr (out->build, elem, "unit", unit);
}

/* The source's CPU model may be one that this host does not have. */
static void
add_cpu (const struct output *out, unsigned count)
{
  const struct guest *guest = out->guest;
  const uint64_t threads =
    (uint64_t) guest->cpu.sockets * guest->cpu.cores * guest->cpu.threads;
  struct xml_elem *elem =
    add_typed (out, out->root, "cpu", "mode",
               out->x86 ? "host-model" : "host-passthrough");

  /* libvirt refuses a topology that is not that of all CPUs. */
  if (threads != count)
    return;
  elem = xml_add (out->build, elem, "topology");
  xml_attrf (out->build, elem, "sockets", "%u", guest->cpu.sockets);
  xml_attrf (out->build, elem, "cores", "%u", guest->cpu.cores);
  xml_attrf (out->build, elem, "threads", "%u", guest->cpu.threads);
}

/* With firmware='efi' libvirt looks for a build of UEFI that fits.  Without
 * saying that it need not be secure it could choose one that starts
 * nothing unsigned.
 */
static void
add_os (const struct output *out)
{
  const struct guest *guest = out->guest;
  const bool uefi = guest->firmware == FIRMWARE_UEFI;
  struct xml_elem *os = xml_add (out->build, out->root, "os"), *type;

  if (uefi)
    xml_attr (out->build, os, "firmware", "efi");
  type = xml_add_text (out->build, os, "type", "hvm");
  if (out->x86) {
    xml_attr (out->build, type, "arch", DEFAULT_ARCH);
    xml_attr (out->build, type, "machine", out->q35 ? "q35" : "pc");
  }
  else {
    xml_attr (out->build, type, "arch", guest->arch);
    if (guest->machine != NULL && strcmp (guest->machine, "virt") == 0)
      xml_attr (out->build, type, "machine", "virt");
  }
  if (uefi && out->x86)
    add_typed (out, os, "loader", "secure",
               guest->secure_boot ? "yes" : "no");
  add_typed (out, os, "boot", "dev", "hd");
}

static void
add_features (const struct output *out)
{
  struct xml_elem *features = xml_add (out->build, out->root, "features");

  xml_add (out->build, features, "acpi");
  if (!out->x86)
    return;
  xml_add (out->build, features, "apic");
  /* System management mode keeps the variables of secure boot safe. */
  if (out->guest->secure_boot)
    add_typed (out, features, "smm", "state", "on");
}

/* The timers that guests of KVM keep time with. */
static void
add_clock (const struct output *out)
{
  static const char *const timers[][3] = {
    { "rtc", "tickpolicy", "catchup" },
    { "pit", "tickpolicy", "delay" },
    { "hpet", "present", "no" },
  };
  const char *offset = out->guest->clock_offset;
  struct xml_elem *clock, *timer;

  clock = add_typed (out, out->root, "clock", "offset",
                     offset != NULL && strcmp (offset, "localtime") == 0
                     ? "localtime" : "utc");
  for (size_t i = 0; out->x86 && i < ARRAY_LEN (timers); i++) {
    timer = add_typed (out, clock, "timer", "name", timers[i][0]);
    xml_attr (out->build, timer, timers[i][1], timers[i][2]);
  }
}

static char *
absolute_path (const char *path, struct error *err)
{
  CLEANUP_FREE char *cwd = NULL;
  char *ret;

  if (path[0] == '/')
    ret = strdup (path);
  else {
    cwd = getcwd (NULL, 0);
    if (cwd == NULL) {
      error_errno (err, REASON_INTERNAL, "getcwd");
      return NULL;
    }
    if (asprintf (&ret, "%s/%s", cwd, path) == -1)
      ret = NULL;
  }
  if (ret == NULL)
    error_nomem (err);
  return ret;
}

static void
add_nbd_source (const struct output *out, struct xml_elem *elem,
                const struct output_disk *disk, const char *path)
{
  struct xml_elem *source, *host;

  source = add_typed (out, elem, "source", "protocol", "nbd");
  xml_attr (out->build, source, "name",
            disk->export_name != NULL ? disk->export_name : "");
  host = add_typed (out, source, "host", "transport", "unix");
  xml_attr (out->build, host, "socket", path);
}

static int
add_disk (const struct output *out, const struct output_disk *disk,
          unsigned index, struct error *err)
{
  static const char *const types[] = {
    [OUTPUT_DISK_FILE] = "file",
    [OUTPUT_DISK_BLOCK] = "block",
    [OUTPUT_DISK_NBD] = "network",
  };
  CLEANUP_FREE char *path = absolute_path (disk->path, err);
  char letters[DISK_LETTERS_MAX];
  struct xml_elem *elem, *child;

  if (path == NULL)
    return -1;
  elem = add_typed (out, out->devices, "disk", "type", types[disk->kind]);
  xml_attr (out->build, elem, "device", "disk");
  child = add_typed (out, elem, "driver", "name", "qemu");
  xml_attr (out->build, child, "type", disk->format);
  if (disk->kind == OUTPUT_DISK_NBD)
    add_nbd_source (out, elem, disk, path);
  else
    add_typed (out, elem, "source",
               disk->kind == OUTPUT_DISK_FILE ? "file" : "dev", path);
  disk_letters (index, letters);
  child = xml_add (out->build, elem, "target");
  xml_attrf (out->build, child, "dev", "vd%s", letters);
  xml_attr (out->build, child, "bus", "virtio");
  return 0;
}

/* A bus for drives, and which of its places are taken. */
struct drives {
  const char *device, *bus, *prefix;
  unsigned max;
  bool taken[MAX_DRIVES];
};

/* The place it had, where that is free. */
static int
find_slot (const struct drives *drives, unsigned wanted)
{
  if (wanted < drives->max && !drives->taken[wanted])
    return (int) wanted;
  for (unsigned i = 0; i < drives->max; i++)
    if (!drives->taken[i])
      return (int) i;
  return -1;
}

static void
add_removable (const struct output *out, const struct removable *removable,
               struct drives *drives)
{
  const int slot = find_slot (drives, removable->slot);
  struct xml_elem *elem, *target;

  if (slot == -1)
    return;
  drives->taken[slot] = true;
  elem = add_typed (out, out->devices, "disk", "type", "file");
  xml_attr (out->build, elem, "device", drives->device);
  target = xml_add (out->build, elem, "target");
  xml_attrf (out->build, target, "dev", "%s%c", drives->prefix, 'a' + slot);
  xml_attr (out->build, target, "bus", drives->bus);
  if (strcmp (drives->device, "cdrom") == 0)
    xml_add (out->build, elem, "readonly");
}

/* Each drive stays, empty: what was in it is not copied. */
static void
add_removables (const struct output *out)
{
  const struct removables *removables = &out->guest->removables;
  struct drives floppies = {
    "floppy", "fdc", "fd", out->x86 ? MAX_FLOPPIES : 0, { false }
  };
  struct drives sata = { "cdrom", "sata", "sd", MAX_SATA, { false } };
  struct drives ide = { "cdrom", "ide", "hd", MAX_IDE, { false } };
  struct drives scsi = { "cdrom", "scsi", "sd", MAX_SATA, { false } };
  struct drives *cdroms = !out->x86 ? &scsi : out->q35 ? &sata : &ide;

  for (size_t i = 0; i < removables->len; i++)
    add_removable (out, &removables->ptr[i],
                   removables->ptr[i].kind == REMOVABLE_FLOPPY ? &floppies
                   : cdroms);
}

/* Multicast addresses are no NIC's. */
static bool
mac_valid (const char *mac)
{
  static const char even[] = "02468aAcCeE";

  for (size_t i = 0; i < 17; i++)
    if (i % 3 == 2 ? mac[i] != ':' : !isxdigit ((unsigned char) mac[i]))
      return false;
  return mac[17] == '\0' && strchr (even, mac[1]) != NULL;
}

/* A Linux bridge; VMware's "VM Network" is none. */
static bool
bridge_valid (const char *bridge)
{
  static const char allowed[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";

  return *bridge != '\0' && bridge[strspn (bridge, allowed)] == '\0';
}

static int
add_nic (const struct output *out, const struct nic *nic, struct error *err)
{
  const char *network = nic->network != NULL ? nic->network : "default";
  CLEANUP_FREE char *name = tidy_name (network, err);
  const bool bridge = nic->kind == NIC_BRIDGE && bridge_valid (network);
  const char *kind = bridge ? "bridge" : "network";
  struct xml_elem *elem;

  if (name == NULL)
    return -1;
  elem = add_typed (out, out->devices, "interface", "type", kind);
  if (nic->mac != NULL && mac_valid (nic->mac))
    add_typed (out, elem, "mac", "address", nic->mac);
  add_typed (out, elem, "source", kind, bridge ? network : name);
  add_typed (out, elem, "model", "type", "virtio");
  return 0;
}

/* A display that needs nothing of the guest, and only on this host. */
static void
add_display (const struct output *out)
{
  const char *display = out->guest->display;
  const bool spice = display != NULL && strcmp (display, "spice") == 0;
  struct xml_elem *elem, *child;

  elem = add_typed (out, out->devices, "graphics", "type",
                    spice ? "spice" : "vnc");
  xml_attr (out->build, elem, "autoport", "yes");
  child = add_typed (out, elem, "listen", "type", "address");
  xml_attr (out->build, child, "address", "127.0.0.1");
  elem = xml_add (out->build, out->devices, "video");
  add_typed (out, elem, "model", "type", out->x86 ? "vga" : "virtio");
  elem = add_typed (out, out->devices, "input", "type", "tablet");
  xml_attr (out->build, elem, "bus", "usb");
}

static void
add_sound (const struct output *out)
{
  static const char *const models[] = {
    "ac97", "es1370", "ich6", "ich9", "pcspk", "sb16", "usb",
  };

  for (size_t i = 0; i < ARRAY_LEN (models); i++)
    if (out->guest->sound != NULL &&
        strcmp (out->guest->sound, models[i]) == 0)
      add_typed (out, out->devices, "sound", "model", models[i]);
}

/* What every guest of KVM should have. */
static void
add_helpers (const struct output *out)
{
  struct xml_elem *elem, *child;

  add_typed (out, out->devices, "serial", "type", "pty");
  add_typed (out, out->devices, "console", "type", "pty");
  elem = add_typed (out, out->devices, "rng", "model", "virtio");
  child = xml_add_text (out->build, elem, "backend", "/dev/urandom");
  xml_attr (out->build, child, "model", "random");
  add_typed (out, out->devices, "memballoon", "model", "virtio");
  if (!out->guest->tpm)
    return;
  elem = xml_add (out->build, out->devices, "tpm");
  if (out->x86)
    xml_attr (out->build, elem, "model", "tpm-crb");
  child = add_typed (out, elem, "backend", "type", "emulator");
  xml_attr (out->build, child, "version", "2.0");
}

static void
add_platform (const struct output *out, const char *name)
{
  const struct guest *guest = out->guest;
  const uint64_t memory = guest->memory != 0 ? guest->memory
    : DEFAULT_MEMORY;
  const unsigned cpus = guest->cpu.count != 0 ? guest->cpu.count
    : DEFAULT_CPUS;

  xml_attr (out->build, out->root, "type", "kvm");
  xml_add_text (out->build, out->root, "name", name);
  if (guest->genid != NULL)
    xml_add_text (out->build, out->root, "genid", guest->genid);
  add_number (out, "memory", (memory + 1023) / 1024, "KiB");
  add_number (out, "vcpu", cpus, NULL);
  add_os (out);
  add_features (out);
  add_cpu (out, cpus);
  add_clock (out);
  xml_add_text (out->build, out->root, "on_poweroff", "destroy");
  xml_add_text (out->build, out->root, "on_reboot", "restart");
  xml_add_text (out->build, out->root, "on_crash", "restart");
}

static int
add_devices (const struct output *out, const struct output_disk *disks,
             size_t n, struct error *err)
{
  const struct nics *nics = &out->guest->nics;

  for (size_t i = 0; i < n; i++)
    if (add_disk (out, &disks[i], (unsigned) i, err) == -1)
      return -1;
  add_removables (out);
  for (size_t i = 0; i < nics->len; i++)
    if (add_nic (out, &nics->ptr[i], err) == -1)
      return -1;
  add_display (out);
  add_sound (out);
  add_helpers (out);
  return 0;
}

char *
output_xml (const struct guest *guest, const char *name,
            const struct output_disk *disks, size_t n, struct error *err)
{
  CLEANUP_XML_BUILD struct xml_build *build = xml_build_new ("domain", err);
  CLEANUP_FREE char *label = tidy_name (name, err);
  struct output out = { .build = build, .guest = guest };

  if (build == NULL || label == NULL)
    return NULL;
  out.root = xml_build_root (build);
  out.x86 = is_x86 (guest->arch);
  out.q35 = wants_q35 (guest);
  add_platform (&out, label);
  out.devices = xml_add (build, out.root, "devices");
  if (add_devices (&out, disks, n, err) == -1)
    return NULL;
  return xml_build_text (build, err);
}
