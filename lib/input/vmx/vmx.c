/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the keys of a .vmx file say about the guest.  A key that is missing
 * has VMware's default; one that is there twice with different values, or
 * has a value that makes no sense, is an error, but only if it matters
 * here: a .vmx is full of other things.
 */

#include <config.h>

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/parse.h"
#include "guest/guest.h"
#include "input/input-request.h"
#include "input/vmx/vmx-reading.h"
#include "input/vmx/vmx.h"

#define MEMORY_DEFAULT_MIB 32   /* what VMware gives without memSize */
#define MEMORY_MAX_MIB (UINT64_C (1) << 30) /* 1 PiB; no overflow below */
#define CPUS_MAX 8192

static uint64_t
get_number (struct vmx_reading *r, const char *key, uint64_t min,
            uint64_t max, uint64_t otherwise)
{
  size_t line;
  const char *value = vmx_get (r, &line, "%s", key);
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  uint64_t ret = otherwise;

  if (value != NULL &&
      parse_uint (key, value, min, max, &ret, &ignored) == -1)
    error_set (r->err, REASON_UNSUPPORTED,
               _("%s:%zu: %s: '%s' is not a number from %" PRIu64 " to %"
                 PRIu64), r->name, line, key, value, min, max);
  return ret;
}

static void
set_name (struct vmx_reading *r)
{
  const char *name = vmx_get (r, NULL, "displayname");

  if (name != NULL) {
    vmx_set_string (r, &r->guest->name, name);
    return;
  }
  r->guest->name = input_guest_name (r->name, ".vmx", r->err);
  if (r->guest->name != NULL)
    vmx_warn (r, _("%s has no displayName; the guest is called %s"), r->name,
              r->guest->name);
}

/* 0 cores are vSphere 8's "assigned at power on": no topology is given. */
static void
set_memory_and_cpus (struct vmx_reading *r)
{
  struct guest *guest = r->guest;
  const uint64_t memory = get_number (r, "memsize", 1, MEMORY_MAX_MIB,
                                      MEMORY_DEFAULT_MIB);
  const uint64_t cpus = get_number (r, "numvcpus", 1, CPUS_MAX, 1);
  const uint64_t cores = get_number (r, "cpuid.corespersocket", 0, CPUS_MAX,
                                     0);

  guest->memory = memory << 20;
  guest->cpu.count = (unsigned) cpus;
  if (cores == 0)
    return;
  if (cpus % cores != 0) {
    vmx_warn (r,
              _("%s: %" PRIu64 " virtual CPUs cannot be sockets of %" PRIu64
                " cores; cpuid.coresPerSocket is ignored"),
              r->name, cpus, cores);
    return;
  }
  guest->cpu.sockets = (unsigned) (cpus / cores);
  guest->cpu.cores = (unsigned) cores;
  guest->cpu.threads = 1;
}

static void
set_firmware (struct vmx_reading *r)
{
  struct guest *guest = r->guest;
  size_t line;
  const char *firmware = vmx_get (r, &line, "firmware");
  const bool efi = firmware != NULL && strcasecmp (firmware, "efi") == 0;

  guest->firmware = efi ? FIRMWARE_UEFI : FIRMWARE_BIOS;
  if (firmware != NULL && !efi && strcasecmp (firmware, "bios") != 0)
    vmx_warn (r,
              _("%s:%zu: the firmware '%s' is not known; it is taken as "
                "bios"), r->name, line, firmware);
  /* With BIOS the key is a leftover: it knows no secure boot. */
  guest->secure_boot =
    vmx_get_bool (r, "uefi.secureboot", "enabled", false) && efi;
}

static void
set_tpm (struct vmx_reading *r)
{
  const bool present = vmx_get_bool (r, "vtpm", "present", false);
  const char *added = vmx_get (r, NULL, "managedvm.autoaddvtpm");

  r->guest->tpm = present || added != NULL;
}

static void
set_sound (struct vmx_reading *r)
{
  static const char *const models[][2] = {
    { "sb16", "sb16" },
    { "es1371", "es1370" },     /* the nearest that KVM has */
    { "hdaudio", "ich6" },
  };
  size_t line;
  const char *device = vmx_get (r, &line, "sound.virtualdev");
  const bool any = vmx_find (r, "sound.virtualdev") != NULL;

  if (!vmx_get_bool (r, "sound", "present", any))
    return;
  if (device == NULL)
    device = "es1371";          /* VMware's default */
  for (size_t i = 0; i < ARRAY_LEN (models); i++)
    if (strcasecmp (device, models[i][0]) == 0) {
      vmx_set_string (r, &r->guest->sound, models[i][1]);
      return;
    }
  vmx_warn (r,
            _("%s:%zu: the sound device '%s' is not known and is left out"),
            r->name, line, device);
}

/* VMware's clock shows local time to Windows and UTC to all others. */
static void
set_clock (struct vmx_reading *r)
{
  const char *os = vmx_get (r, NULL, "guestos");

  if (os != NULL)
    vmx_set_string (r, &r->guest->clock_offset,
                    strncasecmp (os, "win", 3) == 0 ? "localtime" : "utc");
}

static void
set_display (struct vmx_reading *r)
{
  if (vmx_get_bool (r, "remotedisplay.vnc", "enabled", false))
    vmx_set_string (r, &r->guest->display, "vnc");
}

static bool
get_genid_half (struct vmx_reading *r, const char *key, uint64_t *ret)
{
  size_t line;
  const char *value = vmx_get (r, &line, "%s", key);
  char *end;

  if (value == NULL)
    return false;
  errno = 0;
  *ret = (uint64_t) strtoimax (value, &end, 10);
  if (errno == 0 && *end == '\0')
    return true;
  error_set (r->err, REASON_UNSUPPORTED,
             _("%s:%zu: %s: '%s' is not a number"), r->name, line,
             key, value);
  return false;
}

/* Two signed numbers hold the 16 bytes of a GUID, the lower bytes first;
 * what Windows sees has to stay as it is.
 */
static void
set_genid (struct vmx_reading *r)
{
  uint64_t low, high;
  const bool any_low = get_genid_half (r, "vm.genid", &low);
  const bool any_high = get_genid_half (r, "vm.genidx", &high);
  unsigned char tail[8];

  if (!any_low || !any_high)
    return;
  for (size_t i = 0; i < sizeof tail; i++)
    tail[i] = (unsigned char) (high >> (8 * i));
  r->guest->genid =
    format (r->err, "%08" PRIx32 "-%04x-%04x-%02x%02x-"
            "%02x%02x%02x%02x%02x%02x", (uint32_t) low,
            (unsigned) (low >> 32) & 0xffff, (unsigned) (low >> 48),
            tail[0], tail[1], tail[2], tail[3], tail[4], tail[5], tail[6],
            tail[7]);
}

/* Encrypted disks cannot be told from others, and their copies would be
 * useless.  Partial encryption, which Workstation 17 and Fusion 13 offer for a
 * virtual TPM, is that of what belongs to the TPM, and leaves disks as they
 * are.
 */
static bool
is_encrypted_partly (struct vmx_reading *r)
{
  const char *type = vmx_get (r, NULL, "encryption.type");
  const char *vmx_type = vmx_get (r, NULL, "vmx.encryptiontype");

  if (type == NULL)
    type = vmx_type;
  return type != NULL && strcasecmp (type, "partial") == 0 &&
    (vmx_type == NULL || strcasecmp (vmx_type, "partial") == 0);
}

static void
check_encryption (struct vmx_reading *r)
{
  const struct vmx_entry *entry = vmx_find (r, "encryption.data");

  if (entry == NULL || is_encrypted_partly (r))
    return;
  error_set (r->err, REASON_UNSUPPORTED, _("%s:%zu: the VM is encrypted"),
             r->name, entry->line);
  error_hint (r->err, _("remove the VM's encryption in VMware first"));
}

static void
set_hypervisor (struct vmx_reading *r)
{
  vmx_set_string (r, &r->guest->hypervisor, "vmware");
}

int
vmx_read (const char *text, size_t len, const char *name,
          struct guest *guest, struct argv *files, struct argv *warnings,
          struct error *err)
{
  static void (*const steps[]) (struct vmx_reading *) = {
    check_encryption, set_hypervisor, set_name, set_memory_and_cpus,
    set_firmware, set_tpm, set_sound, set_clock, set_display, set_genid,
    vmx_add_units, vmx_add_floppies, vmx_add_nics, vmx_set_boot_order,
  };
  struct vmx_reading r = { .name = name, .guest = guest, .files = files,
                           .warnings = warnings, .err = err };

  vmx_parse (&r, text, len);
  for (size_t i = 0; i < ARRAY_LEN (steps) && !error_is_set (err); i++)
    steps[i] (&r);
  vmx_free_entries (&r.entries);
  argv_reset (&r.disk_names);
  argv_reset (&r.nic_names);
  return error_is_set (err) ? -1 : 0;
}
