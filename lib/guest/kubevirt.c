/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Writes the virtual machine of KubeVirt, as far as its API can say what the
 * guest has.  A cluster knows nothing of the source's networks: the first NIC
 * is in the network of the pod, the others in networks that somebody has to
 * make (NetworkAttachmentDefinitions).
 */

#include <config.h>

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/memstream.h"
#include "base/text.h"
#include "base/utf8.h"
#include "guest/attach.h"
#include "guest/boot-order.h"
#include "guest/differences.h"
#include "guest/domain-xml.h"
#include "guest/guest.h"
#include "guest/hardware.h"
#include "guest/kubevirt.h"
#include "guest/location.h"

#define HEAD "# Written by v2v-nbdkit-launch.\n"

/* RFC 1123: a label, and labels with dots between them. */
enum { LABEL_MAX = 63, SUBDOMAIN_MAX = 253 };

struct vm {
  FILE *fp;
  const struct guest *guest;
  const struct attached *attached; /* the disks */
  bool x86;
};

/*--- Text. ---*/

/* A text of any characters, and nothing but a text; what is no character
 * becomes U+FFFD.
 */
static void
print_text (FILE *fp, const char *text)
{
  uint32_t c = 0;

  putc ('"', fp);
  while (*text != '\0') {
    const size_t len = utf8_decode (text, &c);

    if (len == 0)
      c = 0xfffd;
    text += len != 0 ? len : 1;
    if (c > 0xffff)
      fprintf (fp, "\\U%08" PRIX32, c);
    else if (c < 0x20 || c > 0x7e)
      fprintf (fp, "\\u%04" PRIX32, c);
    else
      fprintf (fp, c == '"' || c == '\\' ? "\\%c" : "%c", (int) c);
  }
  putc ('"', fp);
}

/* A line at this depth. */
static void
line (const struct vm *vm, unsigned depth, const char *fmt, ...)
  __attribute__ ((format (printf, 3, 4)));

static void
line (const struct vm *vm, unsigned depth, const char *fmt, ...)
{
  va_list args;

  fprintf (vm->fp, "%*s", (int) (2 * depth), "");
  va_start (args, fmt);
  vfprintf (vm->fp, fmt, args);
  va_end (args);
  putc ('\n', vm->fp);
}

/* KEY, which may begin an item of a list, with TEXT. */
static void
line_text (const struct vm *vm, unsigned depth, const char *key,
           const char *text)
{
  fprintf (vm->fp, "%*s%s: ", (int) (2 * depth), "", key);
  print_text (vm->fp, text);
  putc ('\n', vm->fp);
}

/*--- Names. ---*/

static const char alnum[] = "abcdefghijklmnopqrstuvwxyz0123456789";

/* NAME as a label: what it cannot hold becomes a hyphen.  Empty: nothing is
 * left of it.
 */
static void
label_of (const char *name, char ret[LABEL_MAX + 1])
{
  size_t len = 0;

  for (; *name != '\0' && len < LABEL_MAX; name++) {
    if (*name >= 'A' && *name <= 'Z')
      ret[len++] = (char) (*name - 'A' + 'a');
    else if (strchr (alnum, *name) != NULL)
      ret[len++] = *name;
    else if (len > 0 && ret[len - 1] != '-')
      ret[len++] = '-';
  }
  while (len > 0 && ret[len - 1] == '-')
    len--;
  ret[len] = '\0';
}

bool
kubevirt_claim_valid (const char *name)
{
  const char *p = name;

  if (strlen (name) > SUBDOMAIN_MAX)
    return false;
  for (;;) {
    const size_t len = strcspn (p, ".");

    if (len == 0 || strchr (alnum, p[0]) == NULL ||
        strchr (alnum, p[len - 1]) == NULL)
      return false;
    for (size_t i = 0; i < len; i++)
      if (p[i] != '-' && strchr (alnum, p[i]) == NULL)
        return false;
    if (p[len] == '\0')
      return true;
    p += len + 1;
  }
}

/*--- The machine. ---*/

/* The source's CPU model may be one that no node has, and cores have several
 * threads on x86 only.
 */
static void
print_cpu (const struct vm *vm)
{
  const struct guest *guest = vm->guest;
  const bool known = hardware_has_topology (guest);
  const unsigned threads = known ? guest->cpu.threads : 1;

  line (vm, 4, "cpu:");
  line (vm, 5, "sockets: %u", known ? guest->cpu.sockets
        : hardware_cpus (guest));
  line (vm, 5, "cores: %u", (known ? guest->cpu.cores : 1) *
        (vm->x86 ? 1 : threads));
  line (vm, 5, "threads: %u", vm->x86 ? threads : 1);
}

static void
print_memory (const struct vm *vm)
{
  const uint64_t k = (hardware_memory (vm->guest) + 1023) / 1024;

  line (vm, 4, "memory:");
  if (k % 1024 == 0)
    line (vm, 5, "guest: %" PRIu64 "Mi", k / 1024);
  else
    line (vm, 5, "guest: %" PRIu64 "Ki", k);
}

/* Secure boot, which is what a guest with UEFI has if nothing is said, wants
 * system management mode.  Other machines than PCs have the firmware that
 * there is for them, unless something else is said.
 */
static void
print_firmware (const struct vm *vm)
{
  const bool uefi = vm->guest->firmware == FIRMWARE_UEFI;
  const bool secure = uefi && vm->x86 && vm->guest->secure_boot;

  line (vm, 4, "features:");
  line (vm, 5, "acpi: {}");
  if (secure) {
    line (vm, 5, "smm:");
    line (vm, 6, "enabled: true");
  }
  if (!uefi && !vm->x86)
    return;
  line (vm, 4, "firmware:");
  line (vm, 5, "bootloader:");
  if (uefi) {
    line (vm, 6, "efi:");
    line (vm, 7, "secureBoot: %s", secure ? "true" : "false");
  }
  else
    line (vm, 6, "bios: {}");
}

/* The timers that guests of KVM keep time with. */
static void
print_clock (const struct vm *vm)
{
  const char *offset = vm->guest->clock_offset;
  const bool local = offset != NULL && strcmp (offset, "localtime") == 0;

  if (!vm->x86)
    return;
  line (vm, 4, "clock:");
  if (local)
    line (vm, 5, "# The guest's clock shows local time: say which, such as "
          "Europe/Berlin.");
  line (vm, 5, local ? "timezone: Etc/UTC" : "utc: {}");
  line (vm, 5, "timer:");
  line (vm, 6, "hpet:");
  line (vm, 7, "present: false");
  line (vm, 6, "pit:");
  line (vm, 7, "tickPolicy: delay");
  line (vm, 6, "rtc:");
  line (vm, 7, "tickPolicy: catchup");
}

/*--- Devices. ---*/

/* KubeVirt has no IDE, and of SCSI controllers only virtio's; guests of the
 * others can use SATA, which only PCs have.  Who chooses SCSI means that one.
 */
static void
attach (const struct guest *guest, struct attached *attached)
{
  const struct attached before = *attached;

  if (before.bus == BUS_VIRTIO ||
      (before.bus == BUS_SCSI && same_text (before.model, "virtio-scsi")))
    return;
  if (guest->copy.bus == COPY_BUS_SCSI) {
    attached->model = NULL;
    return;
  }
  if (hardware_is_x86 (guest))
    attached->bus = before.bus == BUS_USB ? BUS_USB : BUS_SATA;
  else
    attached->bus = before.bus == BUS_SCSI ? BUS_SCSI : BUS_VIRTIO;
  attached->model = NULL;
  if (before.model != NULL || attached->bus != before.bus)
    attached->differs = true;
}

/* It has all models of hardware_nic_model but VMware's. */
static const char *
nic_model (const struct guest *guest, const struct nic *nic)
{
  const char *model = hardware_nic_model (guest, nic);

  return strcmp (model, "vmxnet3") == 0 ? "e1000e" : model;
}

static void
print_boot_order (const struct vm *vm, unsigned boot_order, bool first)
{
  if (boot_order_is_usual (vm->guest) ? first : boot_order != 0)
    line (vm, 6, "bootOrder: %u", boot_order != 0 ? boot_order : 1);
}

static void
print_disks (const struct vm *vm, size_t n)
{
  const struct disks *known = &vm->guest->disks;
  char letters[DISK_LETTERS_MAX];

  line (vm, 5, n > 0 ? "disks:" : "disks: []");
  for (size_t i = 0; i < n; i++) {
    disk_letters ((unsigned) i, letters);
    line (vm, 5, "- name: sd%s", letters);
    line (vm, 6, "disk:");
    line (vm, 7, "bus: %s", disk_bus_name (vm->attached[i].bus));
    print_boot_order (vm, i < known->len ? known->ptr[i].boot_order : 0,
                      i == 0);
  }
}

/* All but the first one, which is in the network of the pod unless the user has
 * chosen another.
 */
static bool
keeps_network (const struct nics *nics, size_t index)
{
  return index > 0 || nics->ptr[0].network_chosen;
}

static bool
is_in_pod (const struct vm *vm, size_t index)
{
  return !keeps_network (&vm->guest->nics, index);
}

const struct differences_of kubevirt_differences = {
  .name = "KubeVirt",
  .attachments = true,
  .attach = attach,
  .nic_model = nic_model,
  .keeps_network = keeps_network,
};

/* Only one of them can be in the network of the pod. */
static void
print_interfaces (const struct vm *vm)
{
  const struct nics *nics = &vm->guest->nics;

  if (nics->len == 0) {
    line (vm, 5, "autoattachPodInterface: false");
    return;
  }
  line (vm, 5, "interfaces:");
  for (size_t i = 0; i < nics->len; i++) {
    const char *mac = hardware_mac (&nics->ptr[i]);

    line (vm, 5, "- name: net%zu", i);
    line (vm, 6, is_in_pod (vm, i) ? "masquerade: {}" : "bridge: {}");
    line (vm, 6, "model: %s", nic_model (vm->guest, &nics->ptr[i]));
    if (mac != NULL)
      line_text (vm, 6, "macAddress", mac);
    print_boot_order (vm, nics->ptr[i].boot_order, false);
  }
}

static void
print_devices (const struct vm *vm, size_t n)
{
  const char *sound = vm->guest->sound;

  line (vm, 4, "devices:");
  print_disks (vm, n);
  print_interfaces (vm);
  line (vm, 5, "inputs:");
  line (vm, 5, "- name: tablet");
  line (vm, 6, "type: tablet");
  line (vm, 6, "bus: usb");
  line (vm, 5, "rng: {}");
  if (vm->guest->tpm)
    line (vm, 5, "tpm: {}");
  if (vm->x86 && sound != NULL &&
      (strcmp (sound, "ich9") == 0 || strcmp (sound, "ac97") == 0)) {
    line (vm, 5, "sound:");
    line (vm, 6, "name: sound");
    line (vm, 6, "model: %s", sound);
  }
}

/*--- What is outside of the machine. ---*/

/* NAME or NAMESPACE/NAME, of what --network and its like say. */
static int
check_network (const char *name, struct error *err)
{
  const char *slash = strchr (name, '/');
  CLEANUP_FREE char *namespace = slash == NULL ? NULL
    : format (err, "%.*s", (int) (slash - name), name);

  if (error_is_set (err))
    return -1;
  if (kubevirt_claim_valid (slash != NULL ? slash + 1 : name) &&
      (namespace == NULL || kubevirt_claim_valid (namespace)))
    return 0;
  error_set (err, REASON_USAGE,
             _("'%s' is no name that a NetworkAttachmentDefinition can have"),
             name);
  error_hint (err, _("kubectl get network-attachment-definitions -A lists "
                     "those that there are"));
  return -1;
}

static int
check_networks (const struct nics *nics, struct error *err)
{
  for (size_t i = 0; i < nics->len; i++)
    if (nics->ptr[i].network_chosen &&
        check_network (nics->ptr[i].network, err) == -1)
      return -1;
  return 0;
}

static void
print_networks (const struct vm *vm)
{
  const struct nics *nics = &vm->guest->nics;
  char label[LABEL_MAX + 1];

  if (nics->len == 0)
    return;
  line (vm, 3, "networks:");
  for (size_t i = 0; i < nics->len; i++) {
    const char *network = nics->ptr[i].network;
    const bool chosen = nics->ptr[i].network_chosen;

    if (network != NULL && !chosen && !nics->ptr[i].assumed)
      line_text (vm, 3, "# In the source this is the network", network);
    line (vm, 3, "- name: net%zu", i);
    if (is_in_pod (vm, i)) {
      line (vm, 4, "pod: {}");
      continue;
    }
    label_of (network != NULL ? network : "", label);
    line (vm, 4, "multus:");
    line (vm, 5, "# A NetworkAttachmentDefinition that the cluster must "
          "have.");
    line_text (vm, 5, "networkName", chosen && network != NULL ? network
               : label[0] != '\0' ? label : "default");
  }
}

static int
print_file (const struct vm *vm, const char *named, struct error *err)
{
  CLEANUP_FREE char *path = location_absolute_path (named, err);

  if (path == NULL)
    return -1;
  if (!utf8_valid (path))
    return error_set (err, REASON_UNSUPPORTED,
                      _("the path of the disk is not UTF-8, so it cannot be "
                        "written as YAML: %s"), path);
  line (vm, 4, "hostDisk:");
  line_text (vm, 5, "path", path);
  line (vm, 5, "type: Disk");
  return 0;
}

static int
print_volumes (const struct vm *vm, const struct domain_disk *disks, size_t n,
               const char *const *claims, struct error *err)
{
  char letters[DISK_LETTERS_MAX];

  if (n == 0)
    return 0;
  line (vm, 3, "volumes:");
  if (claims == NULL)
    line (vm, 3, "# Files of the node that runs it, which must allow that "
          "(feature gate HostDisk).");
  for (size_t i = 0; i < n; i++) {
    disk_letters ((unsigned) i, letters);
    line (vm, 3, "- name: sd%s", letters);
    if (claims != NULL) {
      line (vm, 4, "persistentVolumeClaim:");
      line_text (vm, 5, "claimName", claims[i]);
    }
    else if (print_file (vm, disks[i].path, err) == -1)
      return -1;
  }
  return 0;
}

/* What the API calls the architectures. */
static void
print_architecture (const struct vm *vm)
{
  const char *arch = hardware_arch (vm->guest);

  if (!vm->x86)
    line_text (vm, 3, "architecture",
               strcmp (arch, "aarch64") == 0 ? "arm64" : arch);
}

/*--- The document. ---*/

static int
print_vm (const struct vm *vm, const char *name, const char *label,
          const struct domain_disk *disks, size_t n,
          const char *const *claims, struct error *err)
{
  fputs (HEAD
         "apiVersion: kubevirt.io/v1\n"
         "kind: VirtualMachine\n"
         "metadata:\n", vm->fp);
  line_text (vm, 1, "name", label);
  if (strcmp (name, label) != 0) {
    line (vm, 1, "annotations:");
    line_text (vm, 2, "v2v-nbdkit-launch/guest", name);
  }
  fputs ("spec:\n"
         "  runStrategy: Halted\n"
         "  template:\n"
         "    spec:\n", vm->fp);
  print_architecture (vm);
  line (vm, 3, "domain:");
  print_cpu (vm);
  print_memory (vm);
  print_firmware (vm);
  print_clock (vm);
  print_devices (vm, n);
  print_networks (vm);
  return print_volumes (vm, disks, n, claims, err);
}

static int
check_label (const char *name, const char *label, struct error *err)
{
  if (label[0] != '\0')
    return 0;
  error_set (err, REASON_USAGE,
             _("the name of the guest has no letters and digits that "
               "Kubernetes takes: %s"), name);
  error_hint (err, _("give the copy another name with -on NAME"));
  return -1;
}

char *
kubevirt_vm (const struct guest *guest, const char *name,
             const struct domain_disk *disks, size_t n,
             const char *const *claims, struct error *err)
{
  const struct guest known = hardware_known (guest);
  struct attached *attached;
  struct vm vm = { .guest = &known, .x86 = hardware_is_x86 (&known) };
  char label[LABEL_MAX + 1], *text = NULL;
  size_t len;
  int r = 0;

  label_of (name, label);
  if (check_label (name, label, err) == -1 ||
      check_networks (&known.nics, err) == -1)
    return NULL;
  vm.attached = attached = attach_disks (&known, n, err);
  if (attached == NULL)
    return NULL;
  for (size_t i = 0; i < n; i++)
    attach (&known, &attached[i]);
  vm.fp = open_memstream (&text, &len);
  if (vm.fp != NULL) {
    r = print_vm (&vm, name, label, disks, n, claims, err);
    memstream_close (vm.fp, &text);
  }
  free (attached);
  if (r == 0 && text != NULL)
    return text;
  free (text);
  if (r == 0)
    error_nomem (err);
  return NULL;
}

bool
kubevirt_vm_is (const char *text, size_t len)
{
  return len >= strlen (HEAD) && memcmp (text, HEAD, strlen (HEAD)) == 0;
}
