/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Which devices boot, and in which order, by what a description says. */

#include <config.h>

#undef NDEBUG
#include <assert.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "guest/boot-order.h"
#include "input/domain/domain-guest.h"
#include "input/input.h"
#include "input/vmx/vmx.h"

#define DISK(dev, inside)                                               \
  "<disk type='block' device='disk'><source dev='/d'/><target dev='" dev \
  "'/>" inside "</disk>"
#define DISK_ON(dev, bus)                                               \
  "<disk type='block' device='disk'><source dev='/d'/><target dev='" dev \
  "' bus='" bus "'/></disk>"
#define CDROM(dev, inside)                                              \
  "<disk device='cdrom'><target dev='" dev "'/>" inside "</disk>"
#define FLOPPY "<disk device='floppy'><target dev='fda'/></disk>"
#define NIC(inside) "<interface type='user'>" inside "</interface>"
#define KINDS(inside) "<os>" inside "</os>"
#define ORDER(n) "<boot order='" n "'/>"

static const struct input_request no_request;

/* Append the device that has this place, " disk0". */
static void
add (char *text, const char *kind, size_t index, unsigned place,
     unsigned wanted)
{
  if (place == wanted)
    sprintf (text + strlen (text), " %s%zu", kind, index);
}

/* The devices in their order, each with a blank before it. */
static void
list (const struct guest *guest, char *text)
{
  *text = '\0';
  for (unsigned place = 1; place < 20; place++) {
    for (size_t i = 0; i < guest->disks.len; i++)
      add (text, "disk", i, guest->disks.ptr[i].boot_order, place);
    for (size_t i = 0; i < guest->removables.len; i++)
      add (text, guest->removables.ptr[i].kind == REMOVABLE_CDROM ? "cd"
           : "floppy", i, guest->removables.ptr[i].boot_order, place);
    for (size_t i = 0; i < guest->nics.len; i++)
      add (text, "nic", i, guest->nics.ptr[i].boot_order, place);
  }
}

static void
check (const struct guest *guest, const char *description,
       const char *expected)
{
  char text[1000];

  list (guest, text);
  if (strcmp (text, expected) == 0)
    return;
  fprintf (stderr, "%s\nexpected:%s\nfound:%s\n", description, expected,
           text);
  abort ();
}

/* A domain's devices, its <os>, and what boots. */
static void
domain (const char *devices, const char *os, const char *expected)
{
  struct error err = ERROR_INIT;
  struct guest *guest = guest_new (&err);
  CLEANUP_FREE char *xml = NULL;

  assert (asprintf (&xml, "<domain><name>x</name>%s<devices>%s</devices>"
                    "</domain>", os, devices) != -1);
  if (domain_read_guest (xml, strlen (xml), "x.xml", &no_request, guest,
                         &err) == -1) {
    fprintf (stderr, "%s\n", err.message);
    abort ();
  }
  assert (boot_order_settle (guest, &err) == 0);
  check (guest, xml, expected);
  guest_free (guest);
}

/* <boot order='N'/> on devices. */
static void
test_domain_devices (void)
{
  domain (DISK ("vda", "") DISK ("vdb", ORDER ("1")), "", " disk1");
  domain (DISK ("vda", ORDER ("1")) DISK ("vdb", ""), "", " disk0");
  domain (DISK ("vda", ORDER ("4")) DISK ("vdb", ORDER ("2"))
          CDROM ("hdc", ORDER ("7")) NIC ("") NIC (ORDER ("1")), "",
          " nic1 disk1 disk0 cd0");
  /* The disk is tried where all others are not there. */
  domain (DISK ("vda", "") CDROM ("hdc", ORDER ("1")) NIC (ORDER ("2")), "",
          " cd0 nic0 disk0");
  /* libvirt would refuse these. */
  domain (DISK ("vda", "") DISK ("vdb", ORDER ("1")),
          KINDS ("<boot dev='cdrom'/>"), " disk1");
  domain (DISK ("vda", ORDER ("1")) DISK ("vdb", ORDER ("1")), "",
          " disk0 disk1");
}

/* <boot dev='KIND'/>, where the first device of each kind is meant. */
static void
test_domain_kinds (void)
{
  static const char devices[] =
    FLOPPY DISK ("vda", "") DISK ("vdb", "") CDROM ("hdc", "")
    CDROM ("hdd", "") NIC ("") NIC ("");

  domain (devices, "", "");
  domain (devices, KINDS ("<boot dev='hd'/>"), "");
  domain (devices, KINDS ("<boot dev='cdrom'/><boot dev='hd'/>"),
          " cd1 disk0");
  domain (devices, KINDS ("<boot dev='network'/><boot dev='fd'/>"
                          "<boot dev='hd'/><boot dev='network'/>"),
          " nic0 floppy0 disk0");
  domain (devices, KINDS ("<boot dev='network'/>"), " nic0 disk0");
  domain (DISK ("vda", ""), KINDS ("<boot dev='network'/>"), "");
  domain (NIC (""), KINDS ("<boot dev='network'/><boot dev='hd'/>"),
          " nic0");
}

/* libvirt's first disk need not be the one that the XML has first. */
static void
test_domain_targets (void)
{
  domain (DISK ("vdb", "") DISK ("vda", ""), "", " disk1");
  domain (DISK ("vdc", "") DISK ("vdb", "") DISK ("vda", "") DISK ("vdd", ""),
          KINDS ("<boot dev='hd'/>"), " disk2");
  domain (DISK ("vda", "") DISK ("hda", ""), "", "");
  domain (DISK ("vdb", "") DISK ("hda", ""), "", " disk1");
  domain (DISK_ON ("vdb", "virtio") DISK_ON ("hda", "ide"), "", "");
  domain (DISK ("vdb", "") DISK_ON ("hda", "ide"), "", "");
  domain (CDROM ("hdc", "") DISK_ON ("vda", "virtio") DISK ("hda", ""), "",
          " disk1");
  domain (CDROM ("hda", "") DISK ("vdaa", "") DISK ("vdz", ""), "",
          " disk1");
}

/* A .vmx with two disks, a disk that is not there, two drives of each kind
 * and two NICs, with these lines for the BIOS.
 */
static void
vmx (const char *bios, const char *expected)
{
  static const char devices[] =
    "displayName = x\nscsi0.present = TRUE\n"
    "scsi0:0.fileName = a.vmdk\n"
    "scsi0:2.present = FALSE\nscsi0:2.fileName = c.vmdk\n"
    "ide0:1.deviceType = ata-hardDisk\nide0:1.fileName = b.vmdk\n"
    "ide1:0.deviceType = cdrom-image\nide1:1.deviceType = atapi-cdrom\n"
    "floppy0.present = TRUE\nfloppy1.present = TRUE\n"
    "ethernet0.present = TRUE\nethernet2.present = TRUE\n";
  struct error err = ERROR_INIT;
  struct guest *guest = guest_new (&err);
  CLEANUP_ARGV struct argv files = { .ptr = NULL };
  CLEANUP_ARGV struct argv warnings = { .ptr = NULL };
  CLEANUP_FREE char *text = NULL;

  assert (asprintf (&text, "%s%s\n", devices, bios) != -1);
  assert (vmx_read (text, strlen (text), "x.vmx", guest, &files, &warnings,
                    &err) == 0);
  assert (warnings.len == 0);
  assert (boot_order_settle (guest, &err) == 0);
  check (guest, bios, expected);
  guest_free (guest);
}

static void
test_vmx (void)
{
  vmx ("", "");
  vmx ("bios.bootOrder = \"hdd\"", "");
  vmx ("bios.hddOrder = \"scsi0:0\"", "");
  vmx ("bios.hddOrder = \"ide0:1\"", " disk1");
  vmx ("BIOS.hddorder = \"IDE0:1, scsi0:0\"", " disk1 disk0");
  vmx ("bios.bootOrder = \"hdd,CDROM\"", " disk0 cd0 cd1");
  vmx ("bios.bootOrder = \"ethernet2,ethernet1,hdd,cdrom,floppy,hdd\"\n"
       "bios.hddOrder = \"scsi0:2,ide0:1,scsi0:0\"",
       " nic1 disk1 disk0 cd0 cd1 floppy2 floppy3");
  /* The disks come after what is named. */
  vmx ("bios.bootOrder = \"cdrom\"", " cd0 cd1 disk0");
  vmx ("bios.bootOrder = \"ethernet0\"\nbios.hddOrder = \"ide0:1\"",
       " nic0 disk1");
  /* What is not there. */
  vmx ("bios.hddOrder = \"scsi0:2,scsi1:0\"", "");
  vmx ("bios.bootOrder = \"usb,,ethernet7 ,\"", "");
}

int
main (void)
{
  test_domain_devices ();
  test_domain_kinds ();
  test_domain_targets ();
  test_vmx ();
  return EXIT_SUCCESS;
}
