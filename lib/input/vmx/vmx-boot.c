/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The boot order of a .vmx file, after its devices have been read.  These keys
 * override what the BIOS keeps in its own memory, which is not read:
 *
 *   bios.bootOrder = "ethernet2,hdd,cdrom,floppy"
 *   bios.hddOrder = "scsi0:1,ide1:0"        which disks "hdd" means
 *
 * Where all of these have failed VMware goes on with what it would boot
 * without them (VirtualMachineBootOptions in the vSphere API, KB 326326).
 */

#include <config.h>

#include <string.h>
#include <strings.h>

#include "base/argv.h"
#include "base/cleanup.h"
#include "guest/boot-order.h"
#include "guest/guest.h"
#include "input/vmx/vmx-reading.h"

static void
give_place (unsigned *place, unsigned *last)
{
  if (*place == 0)
    *place = ++*last;
}

/* Take the next word off the list, which "," and blanks divide. */
static size_t
next_word (const char **list)
{
  size_t len;

  *list += strspn (*list, ", \t");
  len = strcspn (*list, ", \t");
  return len;
}

static bool
word_is (const char *word, size_t len, const char *expected)
{
  return strlen (expected) == len && strncasecmp (word, expected, len) == 0;
}

/* Which of NAMES the word is; -1: none. */
static ssize_t
find_word (const char *word, size_t len, const struct argv *names)
{
  for (size_t i = 0; i < names->len; i++)
    if (word_is (word, len, names->ptr[i]))
      return (ssize_t) i;
  return -1;
}

static void
add_disks (struct vmx_reading *r, unsigned *last)
{
  const char *list = vmx_get (r, NULL, "bios.hddorder");
  const unsigned before = *last;
  struct disks *disks = &r->guest->disks;

  for (size_t len; list != NULL && (len = next_word (&list)) > 0;
       list += len) {
    const ssize_t i = find_word (list, len, &r->disk_names);

    if (i != -1)
      give_place (&disks->ptr[i].boot_order, last);
  }
  if (*last == before && disks->len > 0)
    give_place (&disks->ptr[0].boot_order, last);
}

static void
add_removables (struct vmx_reading *r, enum removable_kind kind,
                unsigned *last)
{
  for (size_t i = 0; i < r->guest->removables.len; i++)
    if (r->guest->removables.ptr[i].kind == kind)
      give_place (&r->guest->removables.ptr[i].boot_order, last);
}

static void
add_nic (struct vmx_reading *r, const char *word, size_t len, unsigned *last)
{
  const ssize_t i = find_word (word, len, &r->nic_names);

  if (i != -1)
    give_place (&r->guest->nics.ptr[i].boot_order, last);
}

void
vmx_set_boot_order (struct vmx_reading *r)
{
  const char *list = vmx_get (r, NULL, "bios.bootorder");
  unsigned last = 0;
  bool disks = false;

  for (size_t len; list != NULL && (len = next_word (&list)) > 0;
       list += len) {
    if (word_is (list, len, "cdrom"))
      add_removables (r, REMOVABLE_CDROM, &last);
    else if (word_is (list, len, "floppy"))
      add_removables (r, REMOVABLE_FLOPPY, &last);
    else if (!word_is (list, len, "hdd"))
      add_nic (r, list, len, &last);
    else if (!disks) {
      add_disks (r, &last);
      disks = true;
    }
  }
  if (!disks)
    add_disks (r, &last);
  if (boot_order_is_usual (r->guest))
    boot_order_forget (r->guest);
}
