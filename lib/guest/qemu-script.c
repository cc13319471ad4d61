/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Writes the script that starts a guest in qemu.  Of the networks that the
 * source has nothing is taken over: without privileges a guest gets qemu's own
 * network, unless the user has chosen a bridge.
 */

#include <config.h>

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/argv.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/memstream.h"
#include "base/utf8.h"
#include "base/visible.h"
#include "guest/attach.h"
#include "guest/boot-order.h"
#include "guest/differences.h"
#include "guest/domain-xml.h"
#include "guest/guest.h"
#include "guest/hardware.h"
#include "guest/location.h"
#include "guest/qemu-script.h"

#define HEAD                                                            \
  "#!/bin/sh -\n"                                                       \
  "# Written by v2v-nbdkit-launch.\n"

/* What an image of UEFI and its variables are called, by distribution: the
 * script takes the first pair that is installed.
 */
static const char uefi_x86[] =
  "    /usr/share/OVMF/OVMF_CODE_4M.fd:/usr/share/OVMF/OVMF_VARS_4M.fd \\\n"
  "    /usr/share/edk2/ovmf/OVMF_CODE.fd:"
  "/usr/share/edk2/ovmf/OVMF_VARS.fd \\\n"
  "    /usr/share/edk2/x64/OVMF_CODE.4m.fd:"
  "/usr/share/edk2/x64/OVMF_VARS.4m.fd \\\n"
  "    /usr/share/qemu/ovmf-x86_64-code.bin:"
  "/usr/share/qemu/ovmf-x86_64-vars.bin \\\n"
  "    /usr/share/OVMF/OVMF_CODE.fd:/usr/share/OVMF/OVMF_VARS.fd\n";
static const char uefi_x86_secure[] =
  "    /usr/share/OVMF/OVMF_CODE_4M.ms.fd:"
  "/usr/share/OVMF/OVMF_VARS_4M.ms.fd \\\n"
  "    /usr/share/edk2/ovmf/OVMF_CODE.secboot.fd:"
  "/usr/share/edk2/ovmf/OVMF_VARS.secboot.fd \\\n"
  "    /usr/share/qemu/ovmf-x86_64-smm-ms-code.bin:"
  "/usr/share/qemu/ovmf-x86_64-smm-ms-vars.bin \\\n"
  "    /usr/share/OVMF/OVMF_CODE.secboot.fd:"
  "/usr/share/OVMF/OVMF_VARS.ms.fd\n";
static const char uefi_arm[] =
  "    /usr/share/AAVMF/AAVMF_CODE.fd:/usr/share/AAVMF/AAVMF_VARS.fd \\\n"
  "    /usr/share/edk2/aarch64/QEMU_EFI-pflash.raw:"
  "/usr/share/edk2/aarch64/vars-template-pflash.raw\n";

enum { SATA_MAX = 6, SCSI_MAX = 7 }; /* drives of a controller */

/* Writing returns no errors: the first failure is kept in *err. */
struct script {
  FILE *fp;
  struct error *err;
  const struct guest *guest;
  bool x86, q35;
  bool ide[ATTACH_IDE_MAX];     /* which of its places are taken */
  unsigned sata, scsi, usb;     /* drives on them so far; of SCSI on
                                   controllers without a model */
};

/*--- Words of the command line. ---*/

/* FLAG, and what printf would print. */
static void
add (struct script *s, const char *flag, const char *fmt, ...)
  __attribute__ ((format (printf, 3, 4)));

static void
add (struct script *s, const char *flag, const char *fmt, ...)
{
  CLEANUP_FREE char *word = NULL;
  va_list args;

  if (error_is_set (s->err))
    return;
  va_start (args, fmt);
  word = vformat (s->err, fmt, args);
  va_end (args);
  if (word == NULL)
    return;
  fprintf (s->fp, " \\\n    %s ", flag);
  sh_quote (s->fp, word);
}

/*--- The machine. ---*/

static void
add_machine (struct script *s)
{
  const struct guest *guest = s->guest;
  const char *machine = s->x86 ? (s->q35 ? "q35," : "pc,")
    : hardware_has_uefi (guest) || (guest->machine != NULL &&
                                    strcmp (guest->machine, "virt") == 0)
    ? "virt," : "";
  const bool smm = s->x86 && guest->secure_boot;

  add (s, "-machine", "%saccel=kvm:tcg%s", machine, smm ? ",smm=on" : "");
  /* The variables of secure boot are safe only there. */
  if (smm)
    add (s, "-global", "driver=cfi.pflash01,property=secure,value=on");
}

static void
add_cpus (struct script *s)
{
  const struct guest *guest = s->guest;

  /* The source's model may be one that this host does not have. */
  if (s->x86 || strcmp (hardware_arch (guest), "aarch64") == 0)
    add (s, "-cpu", "max");
  if (hardware_has_topology (guest))
    add (s, "-smp", "cpus=%u,sockets=%u,cores=%u,threads=%u",
         hardware_cpus (guest), guest->cpu.sockets, guest->cpu.cores,
         guest->cpu.threads);
  else
    add (s, "-smp", "cpus=%u", hardware_cpus (guest));
}

static void
add_memory (struct script *s)
{
  const uint64_t k = (hardware_memory (s->guest) + 1023) / 1024;

  if (k % 1024 == 0)
    add (s, "-m", "%" PRIu64 "M", k / 1024);
  else
    add (s, "-m", "%" PRIu64 "k", k);
}

static void
add_platform (struct script *s, const char *name, const char *vars)
{
  const struct guest *guest = s->guest;
  const char *offset = guest->clock_offset;
  const bool local = offset != NULL && strcmp (offset, "localtime") == 0;
  CLEANUP_FREE char *label = escape_doubled (name, ',', s->err);
  CLEANUP_FREE char *file = escape_doubled (vars, ',', s->err);
  CLEANUP_FREE char *genid = guest->genid == NULL ? NULL
    : escape_doubled (guest->genid, ',', s->err);

  if (label == NULL || file == NULL || error_is_set (s->err))
    return;
  utf8_sanitize (label, '_');
  add (s, "-name", "guest=%s", label);
  add_machine (s);
  add_cpus (s);
  add_memory (s);
  if (hardware_has_uefi (guest)) {
    fputs (" \\\n    -drive if=pflash,unit=0,format=raw,readonly=on,"
           "file=\"$code\"", s->fp);
    add (s, "-drive", "if=pflash,unit=1,format=raw,file=%s", file);
  }
  if (s->x86)
    add (s, "-rtc", "base=%s", local ? "localtime" : "utc");
  if (genid != NULL)
    add (s, "-device", "vmgenid,guid=%s", genid);
}

/*--- Disks. ---*/

/* A device of qemu for a disk, and on which bus of which controller, which is
 * added before its first disk.
 */
static char *
place_ide (struct script *s, unsigned slot)
{
  s->ide[slot] = true;
  return format (s->err, "ide-hd,bus=ide.%u,unit=%u", slot / 2, slot % 2);
}

static char *
place_sata (struct script *s, const char *device)
{
  const unsigned n = s->sata++;

  if (n % SATA_MAX == 0)
    add (s, "-device", "ahci,id=sata%u", n / SATA_MAX);
  return format (s->err, "%s,bus=sata%u.%u", device, n / SATA_MAX,
                 n % SATA_MAX);
}

/* What libvirt takes where it is told no model. */
static char *
place_any_scsi (struct script *s)
{
  const unsigned n = s->scsi++;

  if (n % SCSI_MAX == 0)
    add (s, "-device", "%s,id=any-scsi%u", s->x86 ? "lsi53c895a"
         : "virtio-scsi", n / SCSI_MAX);
  return format (s->err, "scsi-hd,bus=any-scsi%u.0,scsi-id=%u", n / SCSI_MAX,
                 n % SCSI_MAX);
}

static char *
place_scsi (struct script *s, const struct attached *attached)
{
  static const char *const models[][2] = { /* libvirt's, qemu's */
    { "lsilogic", "lsi53c895a" }, { "lsisas1068", "mptsas1068" },
    { "lsisas1078", "megasas" }, { "vmpvscsi", "pvscsi" },
  };
  const char *model = attached->model;

  if (model == NULL)
    return place_any_scsi (s);
  for (size_t i = 0; i < ARRAY_LEN (models); i++)
    if (strcmp (models[i][0], attached->model) == 0)
      model = models[i][1];
  if (attached->slot == 0)
    add (s, "-device", "%s,id=scsi%u", model, attached->controller);
  return format (s->err, "scsi-hd,bus=scsi%u.0,scsi-id=%u",
                 attached->controller, attached->slot);
}

static char *
place_usb (struct script *s)
{
  if (s->usb++ == 0)
    add (s, "-device", "qemu-xhci,id=usb3");
  return alloc_copy ("usb-storage,bus=usb3.0", s->err);
}

static char *
place (struct script *s, const struct attached *attached)
{
  switch (attached->bus) {
  case BUS_IDE: return place_ide (s, attached->slot);
  case BUS_SATA: return place_sata (s, "ide-hd");
  case BUS_SCSI: return place_scsi (s, attached);
  case BUS_USB: return place_usb (s);
  default: return alloc_copy ("virtio-blk", s->err);
  }
}

/* qemu takes each place once, or none. */
static void
boot_index (const struct script *s, unsigned boot_order, bool first,
            char ret[32])
{
  ret[0] = '\0';
  if (boot_order_is_usual (s->guest) ? first : boot_order != 0)
    snprintf (ret, 32, ",bootindex=%u", boot_order != 0 ? boot_order : 1);
}

static void
add_disk (struct script *s, const struct domain_disk *disk,
          const struct attached *attached, unsigned index)
{
  const struct disks *known = &s->guest->disks;
  char letters[DISK_LETTERS_MAX], boot[32];
  CLEANUP_FREE char *path = location_absolute_path (disk->path, s->err);
  CLEANUP_FREE char *file = path == NULL ? NULL
    : escape_doubled (path, ',', s->err);
  CLEANUP_FREE char *device = NULL;

  if (file == NULL)
    return;
  disk_letters (index, letters);
  boot_index (s, index < known->len ? known->ptr[index].boot_order : 0,
              index == 0, boot);
  add (s, "-drive", "if=none,id=sd%s,format=%s,file=%s", letters,
       disk->format, file);
  device = place (s, attached);
  if (device != NULL)
    add (s, "-device", "%s,drive=sd%s%s", device, letters, boot);
}

/* The place it had on IDE, or any that is free; -1: there is none. */
static int
free_ide_slot (const struct script *s, unsigned wanted)
{
  if (!s->x86 || s->q35)
    return -1;
  if (wanted < ATTACH_IDE_MAX && !s->ide[wanted])
    return (int) wanted;
  for (int i = 0; i < ATTACH_IDE_MAX; i++)
    if (!s->ide[i])
      return i;
  return -1;
}

/* Drives stay, empty; floppies are what qemu's pc has by itself. */
static void
add_cdrom (struct script *s, const struct removable *removable)
{
  const int slot = free_ide_slot (s, removable->slot);
  CLEANUP_FREE char *device = NULL;
  char boot[32];

  boot_index (s, removable->boot_order, false, boot);
  if (slot != -1) {
    s->ide[slot] = true;
    add (s, "-device", "ide-cd,bus=ide.%d,unit=%d%s", slot / 2, slot % 2,
         boot);
    return;
  }
  device = place_sata (s, "ide-cd");
  if (device != NULL)
    add (s, "-device", "%s%s", device, boot);
}

/*--- Other devices. ---*/

static bool
on_bridge (const struct nic *nic)
{
  return nic->network_chosen && nic->kind == NIC_BRIDGE &&
    nic->network != NULL;
}

static bool
keeps_network (const struct nics *nics, size_t index)
{
  return on_bridge (&nics->ptr[index]);
}

const struct differences_of qemu_script_differences = {
  .name = "qemu",
  .keeps_network = keeps_network,
};

/* A bridge that the user has chosen (qemu-bridge-helper joins it), or qemu's
 * own network.
 */
static void
add_netdev (struct script *s, const struct nic *nic, unsigned index)
{
  CLEANUP_FREE char *bridge = NULL;

  if (!on_bridge (nic)) {
    add (s, "-netdev", "user,id=net%u", index);
    return;
  }
  if (hardware_check_bridge (nic, s->err) == -1)
    return;
  bridge = escape_doubled (nic->network, ',', s->err);
  if (bridge != NULL)
    add (s, "-netdev", "bridge,id=net%u,br=%s", index, bridge);
}

static void
add_nic (struct script *s, const struct nic *nic, unsigned index)
{
  const char *mac = hardware_mac (nic);
  const char *model = hardware_nic_model (s->guest, nic);
  char boot[32];

  boot_index (s, nic->boot_order, false, boot);
  add_netdev (s, nic, index);
  add (s, "-device", "%s,netdev=net%u%s%s%s",
       strcmp (model, "virtio") == 0 ? "virtio-net" : model, index,
       mac != NULL ? ",mac=" : "", mac != NULL ? mac : "", boot);
}

static void
add_devices (struct script *s, const struct domain_disk *disks,
             const struct attached *attached, size_t n)
{
  const struct guest *guest = s->guest;

  for (size_t i = 0; i < n; i++)
    add_disk (s, &disks[i], &attached[i], (unsigned) i);
  for (size_t i = 0; i < guest->removables.len; i++)
    if (guest->removables.ptr[i].kind == REMOVABLE_CDROM)
      add_cdrom (s, &guest->removables.ptr[i]);
  for (size_t i = 0; i < guest->nics.len; i++)
    add_nic (s, &guest->nics.ptr[i], (unsigned) i);
  if (guest->nics.len == 0)
    add (s, "-nic", "none");
  if (s->x86) {
    add (s, "-vga", "std");
    fputs (" \\\n    -usb", s->fp);
  }
  else {
    add (s, "-device", "virtio-gpu");
    add (s, "-device", "qemu-xhci");
    add (s, "-device", "usb-kbd");
  }
  add (s, "-device", "usb-tablet");
  add (s, "-device", "virtio-rng");
  add (s, "-device", "virtio-balloon");
}

/*--- The script. ---*/

static void
print_uefi (const struct script *s, const char *vars)
{
  fputs ("\n# UEFI: a build that this host has, and the guest's own "
         "variables.\n"
         "vars=", s->fp);
  sh_quote (s->fp, vars);
  fputs ("\nfor pair in \\\n", s->fp);
  fputs (!s->x86 ? uefi_arm
         : s->guest->secure_boot ? uefi_x86_secure : uefi_x86, s->fp);
  fputs ("do\n"
         "    code=${pair%%:*} template=${pair#*:}\n"
         "    [ -r \"$code\" ] && [ -r \"$template\" ] && break\n"
         "    code=\n"
         "done\n"
         "if [ -z \"$code\" ]; then\n"
         "    echo \"$0: UEFI for guests is not installed "
         "(ovmf, edk2-ovmf, qemu-efi-aarch64)\" >&2\n"
         "    exit 1\n"
         "fi\n"
         "if ! [ -e \"$vars\" ]; then\n"
         "    (umask 077 && cat \"$template\" >\"$vars\") || exit 1\n"
         "fi\n", s->fp);
}

static void
print_head (const struct script *s, const char *vars)
{
  fputs (HEAD
         "# It starts the guest in qemu.  What is added to its command line "
         "is added to\n"
         "# qemu's: -nographic for a guest with a serial console, -snapshot "
         "to leave the\n"
         "# disks as they are.\n", s->fp);
  if (s->guest->tpm)
    fputs ("# The guest had a TPM; in qemu that needs swtpm, and is left "
           "out.\n", s->fp);
  if (hardware_has_uefi (s->guest))
    print_uefi (s, vars);
  fputs ("\n# A window where there is a screen, otherwise VNC at port 5900 "
         "or above.\n"
         "case \"$DISPLAY$WAYLAND_DISPLAY  $* \" in\n"
         "    \" \"*' -display '*|\" \"*' -nographic '*|\" \"*' -vnc '*) "
         ";;\n"
         "    \" \"*) set -- -display vnc=127.0.0.1:0,to=99 \"$@\" ;;\n"
         "esac\n\n", s->fp);
}

/* It is part of the name of a program. */
static int
check_arch (const char *arch, struct error *err)
{
  static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789_";

  if (*arch != '\0' && arch[strspn (arch, allowed)] == '\0')
    return 0;
  return error_set (err, REASON_UNSUPPORTED,
                    _("'%s' is no architecture that qemu has"), arch);
}

static void
print_script (struct script *s, const char *name,
              const struct domain_disk *disks,
              const struct attached *attached, size_t n, const char *vars)
{
  print_head (s, vars);
  fprintf (s->fp, "exec qemu-system-%s", hardware_arch (s->guest));
  add_platform (s, name, vars);
  add_devices (s, disks, attached, n);
  fputs (" \\\n    \"$@\"\n", s->fp);
}

char *
qemu_script (const struct guest *guest, const char *name,
             const struct domain_disk *disks, size_t n, const char *vars,
             struct error *err)
{
  const struct guest known = hardware_known (guest);
  struct script s = {
    .err = err, .guest = &known,
    .x86 = hardware_is_x86 (&known), .q35 = hardware_is_q35 (&known),
  };
  CLEANUP_FREE char *absolute = location_absolute_path (vars, err);
  struct attached *attached;
  char *text = NULL;
  size_t len;

  if (absolute == NULL || check_arch (hardware_arch (&known), err) == -1)
    return NULL;
  attached = attach_disks (&known, n, err);
  if (attached == NULL)
    return NULL;
  s.fp = open_memstream (&text, &len);
  if (s.fp != NULL) {
    print_script (&s, name, disks, attached, n, absolute);
    memstream_close (s.fp, &text);
  }
  free (attached);
  if (text == NULL)
    error_nomem (err);
  if (!error_is_set (err))
    return text;
  free (text);
  return NULL;
}

bool
qemu_script_is (const char *text, size_t len)
{
  return len >= strlen (HEAD) && memcmp (text, HEAD, strlen (HEAD)) == 0;
}
