/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the keys of a .vmx file say about the guest.  A key that is missing
 * has VMware's default; one that is there twice with different values, or
 * has a value that makes no sense, is an error, but only if it matters
 * here: a .vmx is full of other things.
 */

#include <config.h>

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "base/i18n.h"
#include "guest/guest.h"
#include "input/vmx/vmx-reading.h"

#define MEMORY_DEFAULT_MIB 32   /* what VMware gives without memSize */
#define MEMORY_MAX_MIB (UINT64_C (1) << 30) /* 1 PiB; no overflow below */
#define CPUS_MAX 8192

#define KEY_MAX 80

int
vmx_get (struct vmx_reading *r, const char **ret, size_t *line,
         const char *fmt, ...)
{
  const struct vmx_entry *entry;
  char key[KEY_MAX];
  va_list args;

  va_start (args, fmt);
  vsnprintf (key, sizeof key, fmt, args);
  va_end (args);
  *ret = NULL;
  entry = vmx_find (r->vmx, key);
  if (entry == NULL)
    return 0;
  if (entry->again != 0)
    return error_set (r->err, REASON_UNSUPPORTED,
                      _("%s:%zu: %s has another value than in line %zu"),
                      vmx_name (r->vmx), entry->again, key, entry->line);
  *ret = entry->value;
  if (line != NULL)
    *line = entry->line;
  return 0;
}

/* The number of KEY, or what RET holds already when there is none. */
static int
get_number (struct vmx_reading *r, const char *key, uint64_t max,
            uint64_t *ret)
{
  const char *value;
  size_t line;
  char *end;

  if (vmx_get (r, &value, &line, "%s", key) == -1)
    return -1;
  if (value == NULL || *value == '\0')
    return 0;
  errno = 0;
  *ret = strtoumax (value, &end, 10);
  if (!isdigit ((unsigned char) *value) || errno != 0 || *end != '\0' ||
      *ret < 1 || *ret > max)
    return error_set (r->err, REASON_UNSUPPORTED,
                      _("%s:%zu: %s: '%s' is not a number from 1 to %"
                        PRIu64), vmx_name (r->vmx), line, key, value, max);
  return 0;
}

int
vmx_get_bool (struct vmx_reading *r, const char *namespace, const char *what,
          bool *ret)
{
  const char *value;
  size_t line;

  if (vmx_get (r, &value, &line, "%s.%s", namespace, what) == -1)
    return -1;
  if (value == NULL || *value == '\0')
    return 0;
  if (strcasecmp (value, "true") == 0 || strcmp (value, "1") == 0)
    *ret = true;
  else if (strcasecmp (value, "false") == 0 || strcmp (value, "0") == 0)
    *ret = false;
  else
    return error_set (r->err, REASON_UNSUPPORTED,
                      _("%s:%zu: %s.%s: '%s' is neither TRUE nor FALSE"),
                      vmx_name (r->vmx), line, namespace, what, value);
  return 0;
}

int
vmx_set_string (struct vmx_reading *r, char **field, const char *value)
{
  if (value == NULL || *value == '\0')
    return 0;
  *field = strdup (value);
  return *field == NULL ? error_nomem (r->err) : 0;
}

/* Without displayName: the file's name without what ends it. */
static int
set_name (struct vmx_reading *r)
{
  const char *path = vmx_name (r->vmx), *base = strrchr (path, '/');
  const char *name;
  size_t len;

  if (vmx_get (r, &name, NULL, "displayname") == -1)
    return -1;
  if (name != NULL && *name != '\0')
    return vmx_set_string (r, &r->guest->name, name);
  base = base == NULL ? path : base + 1;
  len = strlen (base);
  if (len > 4 && strcasecmp (base + len - 4, ".vmx") == 0)
    len -= 4;
  r->guest->name = strndup (base, len);
  if (r->guest->name == NULL)
    return error_nomem (r->err);
  return vmx_warn (r->vmx, r->err,
                   _("%s has no displayName; the guest is called %s"),
                   path, r->guest->name);
}

static int
set_memory_and_cpus (struct vmx_reading *r)
{
  struct guest *guest = r->guest;
  uint64_t memory = MEMORY_DEFAULT_MIB, cpus = 1, cores = 0;

  if (get_number (r, "memsize", MEMORY_MAX_MIB, &memory) == -1 ||
      get_number (r, "numvcpus", CPUS_MAX, &cpus) == -1 ||
      get_number (r, "cpuid.corespersocket", CPUS_MAX, &cores) == -1)
    return -1;
  guest->memory = memory << 20;
  guest->cpu.count = (unsigned) cpus;
  if (cores == 0)
    return 0;
  if (cpus % cores != 0)
    return vmx_warn (r->vmx, r->err,
                     _("%s: %" PRIu64 " virtual CPUs cannot be sockets of %"
                       PRIu64 " cores; cpuid.coresPerSocket is ignored"),
                     vmx_name (r->vmx), cpus, cores);
  guest->cpu.sockets = (unsigned) (cpus / cores);
  guest->cpu.cores = (unsigned) cores;
  guest->cpu.threads = 1;
  return 0;
}

static int
set_firmware (struct vmx_reading *r)
{
  struct guest *guest = r->guest;
  const char *firmware;
  size_t line;

  if (vmx_get (r, &firmware, &line, "firmware") == -1 ||
      vmx_get_bool (r, "uefi.secureboot", "enabled",
                    &guest->secure_boot) == -1)
    return -1;
  guest->firmware = FIRMWARE_BIOS;
  if (firmware != NULL && strcasecmp (firmware, "efi") == 0)
    guest->firmware = FIRMWARE_UEFI;
  else if (firmware != NULL && *firmware != '\0' &&
           strcasecmp (firmware, "bios") != 0 &&
           vmx_warn (r->vmx, r->err,
                     _("%s:%zu: the firmware '%s' is not known; "
                       "it is taken as bios"),
                     vmx_name (r->vmx), line, firmware) == -1)
    return -1;
  if (guest->firmware == FIRMWARE_BIOS)
    guest->secure_boot = false; /* a leftover: BIOS has none */
  return 0;
}

static int
set_tpm (struct vmx_reading *r)
{
  const char *software;

  if (vmx_get_bool (r, "vtpm", "present", &r->guest->tpm) == -1 ||
      vmx_get (r, &software, NULL, "managedvm.autoaddvtpm") == -1)
    return -1;
  if (software != NULL && *software != '\0')
    r->guest->tpm = true;
  return 0;
}

static int
set_sound (struct vmx_reading *r)
{
  static const char *const models[][2] = {
    { "sb16", "sb16" },
    { "es1371", "es1370" },     /* the nearest that KVM has */
    { "hdaudio", "ich6" },
  };
  const char *device;
  bool present = false;
  size_t line;

  if (vmx_get (r, &device, &line, "sound.virtualdev") == -1)
    return -1;
  if (device != NULL)
    present = true;
  if (vmx_get_bool (r, "sound", "present", &present) == -1)
    return -1;
  if (!present)
    return 0;
  if (device == NULL || *device == '\0')
    device = "es1371";          /* VMware's default */
  for (size_t i = 0; i < ARRAY_LEN (models); i++)
    if (strcasecmp (device, models[i][0]) == 0)
      return vmx_set_string (r, &r->guest->sound, models[i][1]);
  return vmx_warn (r->vmx, r->err,
                   _("%s:%zu: the sound device '%s' is not known and is "
                     "left out"), vmx_name (r->vmx), line, device);
}

/* VMware's clock shows local time to Windows and UTC to all others. */
static int
set_clock (struct vmx_reading *r)
{
  const char *os;

  if (vmx_get (r, &os, NULL, "guestos") == -1)
    return -1;
  if (os == NULL || *os == '\0')
    return 0;
  return vmx_set_string (r, &r->guest->clock_offset,
                     strncasecmp (os, "win", 3) == 0 ? "localtime" : "utc");
}

static int
set_display (struct vmx_reading *r)
{
  bool vnc = false;

  if (vmx_get_bool (r, "remotedisplay.vnc", "enabled", &vnc) == -1)
    return -1;
  return vnc ? vmx_set_string (r, &r->guest->display, "vnc") : 0;
}

static int
get_genid_half (struct vmx_reading *r, const char *key, uint64_t *ret,
                bool *any)
{
  const char *value;
  size_t line;
  char *end;

  if (vmx_get (r, &value, &line, "%s", key) == -1)
    return -1;
  *any = value != NULL && *value != '\0';
  if (!*any)
    return 0;
  errno = 0;
  *ret = (uint64_t) strtoimax (value, &end, 10);
  if (errno != 0 || *end != '\0')
    return error_set (r->err, REASON_UNSUPPORTED,
                      _("%s:%zu: %s: '%s' is not a number"),
                      vmx_name (r->vmx), line, key, value);
  return 0;
}

/* Two signed numbers hold the 16 bytes of a GUID, the lower bytes first;
 * what Windows sees has to stay as it is.
 */
static int
set_genid (struct vmx_reading *r)
{
  uint64_t low = 0, high = 0;
  bool any_low, any_high;
  unsigned char tail[8];
  char *text;

  if (get_genid_half (r, "vm.genid", &low, &any_low) == -1 ||
      get_genid_half (r, "vm.genidx", &high, &any_high) == -1)
    return -1;
  if (!any_low || !any_high)
    return 0;
  for (size_t i = 0; i < sizeof tail; i++)
    tail[i] = (unsigned char) (high >> (8 * i));
  if (asprintf (&text, "%08" PRIx32 "-%04x-%04x-%02x%02x-"
                "%02x%02x%02x%02x%02x%02x", (uint32_t) low,
                (unsigned) (low >> 32) & 0xffff, (unsigned) (low >> 48),
                tail[0], tail[1], tail[2], tail[3], tail[4], tail[5],
                tail[6], tail[7]) == -1)
    return error_nomem (r->err);
  r->guest->genid = text;
  return 0;
}

/* Encrypted disks look like disks and would be copied as rubbish. */
static int
check_encryption (struct vmx_reading *r)
{
  const struct vmx_entry *entry = vmx_find (r->vmx, "encryption.data");

  if (entry == NULL)
    return 0;
  error_set (r->err, REASON_UNSUPPORTED, _("%s:%zu: the VM is encrypted"),
             vmx_name (r->vmx), entry->line);
  error_hint (r->err, _("remove the VM's encryption in VMware first"));
  return -1;
}

int
vmx_read_guest (struct vmx *vmx, struct guest *guest, struct argv *files,
                struct error *err)
{
  static int (*const steps[]) (struct vmx_reading *) = {
    check_encryption, set_name, set_memory_and_cpus, set_firmware, set_tpm,
    set_sound, set_clock, set_display, set_genid, vmx_add_units,
    vmx_add_floppies, vmx_add_nics,
  };
  struct vmx_reading r = { vmx, guest, files, err };

  guest->hypervisor = strdup ("vmware");
  if (guest->hypervisor == NULL)
    return error_nomem (err);
  for (size_t i = 0; i < ARRAY_LEN (steps); i++)
    if (steps[i] (&r) == -1)
      return -1;
  return 0;
}
