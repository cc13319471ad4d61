/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What VirtualBox, oVirt, XenCenter and VMware say in elements of their own,
 * the order of disks, and what is left out.
 */

#include <config.h>

#undef NDEBUG
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "guest/guest.h"
#include "input/ova/ovf.h"
#include "unit-data.h"

static struct error err = ERROR_INIT;
static struct ovf_disks disks;
static struct argv warnings;

static struct guest *
read_text (const char *text, size_t len)
{
  struct guest *guest = guest_new (&err);

  ovf_disks_free (&disks);
  argv_reset (&warnings);
  assert (guest != NULL);
  if (ovf_read (text, len, "test.ovf", NULL, guest, &disks, &warnings,
                &err) == -1) {
    fprintf (stderr, "%s\n", err.message);
    abort ();
  }
  return guest;
}

static void __attribute__ ((noinline))
replace (char *text, const char *from, const char *to)
{
  char *at = strstr (text, from);

  assert (at != NULL && strlen (to) <= strlen (from));
  memset (at, ' ', strlen (from));
  memcpy (at, to, strlen (to));
}

/* FROM, if it is not NULL, is replaced by TO, which is not longer. */
static struct guest *
read_changed (const char *name, const char *from, const char *to)
{
  size_t len;
  char *text = data_read (name, &len);
  struct guest *guest;

  if (from != NULL)
    replace (text, from, to);
  guest = read_text (text, len);
  free (text);
  return guest;
}

static void
warns (size_t number, const char *part)
{
  if (warnings.len <= number || strstr (warnings.ptr[number], part) == NULL) {
    fprintf (stderr, "warning %zu of %zu: '%s' is not in '%s'\n", number,
             warnings.len, part,
             warnings.len <= number ? "" : warnings.ptr[number]);
    abort ();
  }
}

/* Whatever the order of the items: IDE by channel and address, then SATA by
 * port.
 */
static void
test_virtualbox (void)
{
  static const char *const order[] = {
    "vm-disk005.vmdk", "vm-disk004.vmdk", "vm-disk002.vmdk",
    "vm-disk003.vmdk", "vm-disk001.vmdk",
  };
  struct guest *g = read_changed ("ovf/virtualbox.ovf", NULL, NULL);

  assert (strcmp (g->hypervisor, "virtualbox") == 0);
  assert (g->firmware == FIRMWARE_UEFI && g->tpm && !g->secure_boot);
  assert (g->arch == NULL);
  assert (g->disks.len == ARRAY_LEN (order) && disks.len == g->disks.len);
  for (size_t i = 0; i < disks.len; i++) {
    assert (strcmp (disks.ptr[i].href, order[i]) == 0);
    assert (g->disks.ptr[i].bus == (i < 3 ? BUS_IDE : BUS_SATA));
  }
  assert (g->nics.len == 2);
  assert (strcmp (g->nics.ptr[0].mac, "08:00:27:a1:b2:c3") == 0);
  assert (strcmp (g->nics.ptr[0].model, "virtio") == 0);
  assert (strcmp (g->nics.ptr[1].mac, "08:00:27:d4:e5:f6") == 0);
  assert (strcmp (g->nics.ptr[1].model, "e1000") == 0);
  assert (g->removables.len == 1 && g->removables.ptr[0].slot == 3);
  assert (warnings.len == 1);
  warns (0, "the drive 'cdrom1' will be empty: '/disk/iso6'");
  guest_free (g);
}

static void
test_virtualbox_defaults (void)
{
  struct guest *g = read_changed ("ovf/virtualbox.ovf",
                                  "<Firmware type=\"EFI\"/>", "<Firmware/>");

  assert (g->firmware == FIRMWARE_BIOS);
  guest_free (g);
  g = read_changed ("ovf/virtualbox.ovf", "type=\"v2_0\"", "type=\"None\"");
  assert (!g->tpm);
  guest_free (g);
  /* With OVF 0.9 it pretends to be VMware. */
  g = read_changed ("ovf/virtualbox.ovf", "virtualbox-2.2", "vmx-6");
  assert (strcmp (g->hypervisor, "virtualbox") == 0);
  guest_free (g);
  g = read_changed ("ovf/virtualbox.ovf", "<ovf:Info>Complete VirtualBox "
                    "machine configuration in VirtualBox format</ovf:Info>",
                    "<Platform architecture=\"ARM\"/>");
  assert (strcmp (g->arch, "aarch64") == 0);
  assert (strcmp (g->machine, "virt") == 0);
  guest_free (g);
  g = read_changed ("ovf/virtualbox.ovf", "080027A1B2C3", "0800");
  assert (g->nics.ptr[0].mac == NULL);
  warns (0, "'0800' is not a MAC address");
  guest_free (g);
}

/* Children of vbox:Machine in VirtualBox's own namespace, and with the prefix.
 */
static void
test_virtualbox_namespaces (void)
{
#define MACHINE(attributes, prefix) \
  "<Envelope xmlns='http://schemas.dmtf.org/ovf/envelope/1' " \
  "xmlns:vbox='http://www.virtualbox.org/ovf/machine'><VirtualSystem>" \
  "<VirtualHardwareSection/><vbox:Machine><" prefix "Hardware " attributes \
  "><" prefix "Firmware type='EFI64'/></" prefix "Hardware></vbox:Machine>" \
  "</VirtualSystem></Envelope>"
  static const char *const texts[] = {
    MACHINE ("xmlns='http://www.virtualbox.org/'", ""),
    MACHINE ("", "vbox:"),
  };

  for (size_t i = 0; i < ARRAY_LEN (texts); i++) {
    struct guest *g = read_text (texts[i], strlen (texts[i]));

    assert (g->firmware == FIRMWARE_UEFI);
    guest_free (g);
  }
}

static void
test_ovirt (void)
{
  struct guest *g = read_changed ("ovf/ovirt.ovf", NULL, NULL);

  assert (warnings.len == 0);
  assert (strcmp (g->hypervisor, "kvm") == 0);
  assert (g->firmware == FIRMWARE_UEFI && g->secure_boot && g->tpm);
  assert (strcmp (g->machine, "q35") == 0);
  assert (g->disks.len == 2);
  assert (g->disks.ptr[0].bus == BUS_SCSI);
  assert (g->disks.ptr[1].bus == BUS_SATA);
  assert (g->disks.ptr[0].boot_order == 0);
  assert (g->disks.ptr[1].boot_order == 1);
  assert (disks.ptr[1].capacity == 1 << 30);
  assert (g->nics.len == 3);
  assert (strcmp (g->nics.ptr[0].mac, "56:6f:00:00:00:01") == 0);
  assert (strcmp (g->nics.ptr[0].model, "virtio") == 0);
  assert (strcmp (g->nics.ptr[1].mac, "56:6f:00:00:00:02") == 0);
  assert (strcmp (g->nics.ptr[1].model, "e1000e") == 0);
  assert (strcmp (g->nics.ptr[2].model, "rtl8139") == 0);
  guest_free (g);
}

static void
test_ovirt_passthrough (void)
{
  struct guest *g = read_changed ("ovf/ovirt.ovf",
                                  "<rasd:ResourceSubType>6",
                                  "<rasd:ResourceSubType>5");

  assert (warnings.len == 1);
  warns (0, "passed through to the guest, which will have a virtual one "
         "instead (MAC address 56:6f:00:00:00:02)");
  guest_free (g);
  g = read_changed ("ovf/ovirt.ovf", "<rasd:ResourceSubType>6",
                    "<rasd:ResourceSubType>9");
  assert (g->nics.ptr[1].model == NULL && warnings.len == 0);
  guest_free (g);
}

static void
bios_type (const char *element, enum firmware firmware, bool secure_boot,
           const char *machine)
{
  static const char kept[] = "<ClusterCompatibilityVersion>4.7"
    "</ClusterCompatibilityVersion><BiosType>3</BiosType>";
  struct guest *g = read_changed ("ovf/ovirt.ovf", kept, element);

  assert (g->firmware == firmware && g->secure_boot == secure_boot);
  assert (machine == NULL ? g->machine == NULL
          : strcmp (g->machine, machine) == 0);
  guest_free (g);
}

/* The engine counts from 0 here. */
static void
test_bios_types (void)
{
  bios_type ("<BiosType>0</BiosType>", FIRMWARE_BIOS, false, "pc");
  bios_type ("<BiosType>1</BiosType>", FIRMWARE_BIOS, false, "q35");
  bios_type ("<BiosType ovf:custom='true'>2</BiosType>", FIRMWARE_UEFI,
             false, "q35");
  bios_type ("<BiosType>4</BiosType>", FIRMWARE_UEFI, true, "q35");
  bios_type ("<BiosType xmlns:ovirt='http://www.ovirt.org/ovf' "
             "ovirt:custom='true'>3</BiosType>", FIRMWARE_UEFI, false, "q35");
  bios_type ("<BiosType>17</BiosType>", FIRMWARE_UNKNOWN, false, NULL);
  warns (0, "the BiosType 17 is not known");
  bios_type ("<MinAllocatedMem>1</MinAllocatedMem>", FIRMWARE_UNKNOWN, false,
             NULL);
}

static void
test_ovirt_boot_order (void)
{
  struct guest *g = read_changed ("ovf/ovirt.ovf", "ovf:boot=\"true\"", "");

  assert (g->disks.ptr[0].boot_order == 0);
  assert (g->disks.ptr[1].boot_order == 1);
  guest_free (g);
  g = read_changed ("ovf/ovirt.ovf", "ovf:boot=\"false\"",
                    "ovf:boot=\"True\" ");
  assert (g->disks.ptr[0].boot_order == 1);
  guest_free (g);
}

/* Disks of type 19 without parents, one of them without a HostResource. */
static void
test_xencenter (void)
{
  struct guest *g = read_changed ("ovf/xencenter.ovf", NULL, NULL);

  assert (warnings.len == 0);
  assert (strcmp (g->hypervisor, "xen") == 0);
  assert (g->firmware == FIRMWARE_UEFI && g->secure_boot && !g->tpm);
  assert (g->disks.len == 3);
  assert (strcmp (disks.ptr[0].href, "bbbb.vhd") == 0);
  assert (strcmp (disks.ptr[1].href, "cccc.vhd") == 0);
  assert (strcmp (disks.ptr[2].href, "aaaa.vhd") == 0);
  assert (disks.ptr[2].capacity == 1 << 20);
  assert (strcmp (g->nics.ptr[0].mac, "da:00:00:00:00:01") == 0);
  guest_free (g);
  g = read_changed ("ovf/xencenter.ovf", "firmware=uefi", "firmware=bios");
  assert (g->firmware == FIRMWARE_BIOS && !g->secure_boot);
  guest_free (g);
  g = read_changed ("ovf/xencenter.ovf", "secureboot=true",
                    "secureboot=tru");
  assert (g->firmware == FIRMWARE_UEFI && !g->secure_boot);
  guest_free (g);
}

/* One configuration of three, by attributes without a prefix; its disk
 * replaces the one that is there in all of them.
 */
static void
test_configurations (void)
{
  struct guest *g = read_changed ("ovf/configurations.ovf", NULL, NULL);

  assert (g->cpu.count == 2);
  assert (g->disks.len == 2);
  assert (disks.ptr[1].capacity == 2 << 20);
  assert (g->disks.ptr[0].boot_order == 0);
  assert (g->disks.ptr[1].boot_order == 1);
  assert (warnings.len == 1);
  warns (0, "the default configuration 'tiny'; 2 items of other");
  guest_free (g);
  /* Some have one. */
  g = read_changed ("ovf/configurations.ovf", "<Item configuration=\"large\">",
                    "<Item ovf:configuration=\"x\">");
  assert (g->cpu.count == 2);
  warns (0, "the default configuration 'tiny'; 2 items of other");
  guest_free (g);
  g = read_changed ("ovf/configurations.ovf", "default=\"true\"", "");
  assert (g->cpu.count == 16);
  assert (g->disks.len == 2 && disks.ptr[1].capacity == 4 << 20);
  guest_free (g);
}

#define NS \
  "xmlns='http://schemas.dmtf.org/ovf/envelope/1' " \
  "xmlns:ovf='http://schemas.dmtf.org/ovf/envelope/1' " \
  "xmlns:rasd='http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/" \
  "CIM_ResourceAllocationSettingData'"
#define DISKS "<DiskSection><Disk diskId='d' capacity='1048576'/>" \
  "<Disk diskId='e' capacity='1048576'/></DiskSection>"
#define OVF(items) "<Envelope " NS ">" DISKS \
  "<VirtualSystem ovf:id='x'><VirtualHardwareSection>" items \
  "</VirtualHardwareSection></VirtualSystem></Envelope>"
#define ITEM(type, more) "<Item><rasd:ElementName>thing</rasd:ElementName>" \
  "<rasd:ResourceType>" type "</rasd:ResourceType>" more "</Item>"
#define REFERS(to) "<rasd:HostResource>" to "</rasd:HostResource>"
#define BOTH ITEM ("17", REFERS ("/disk/d")) ITEM ("17", REFERS ("/disk/e"))

static void
leaves_out (const char *text, const char *part)
{
  struct guest *g = read_text (text, strlen (text));

  if (part == NULL)
    assert (warnings.len == 0);
  else {
    assert (warnings.len == 1);
    warns (0, part);
  }
  guest_free (g);
}

static void
test_left_out (void)
{
  leaves_out (OVF (BOTH ITEM ("24", "") ITEM ("6", "") ITEM ("21", "")
                   ITEM ("15", "") ITEM ("14", "") ITEM ("35", "")
                   ITEM ("1", "<rasd:ResourceSubType>vmware.vmci"
                         "</rasd:ResourceSubType>")), NULL);
  leaves_out (OVF (BOTH ITEM ("7", "")),
              "'thing' (ResourceType 7) is left out");
  leaves_out (OVF (BOTH ITEM ("18", "")), "(ResourceType 18)");
  leaves_out (OVF (BOTH ITEM ("1", "<rasd:ResourceSubType>"
                              "vmware.pcipassthrough.dynamic"
                              "</rasd:ResourceSubType>")), "'thing'");
  leaves_out (OVF (BOTH ITEM ("0", "<Type>hostdev</Type>")), "'thing'");
  leaves_out (OVF (BOTH ITEM ("77", REFERS ("ovf:/file/nvram"))),
              "'thing' (ResourceType 77), which refers to 'ovf:/file/nvram'");
  leaves_out (OVF (BOTH ITEM ("14", REFERS ("ovf:/file/f"))),
              "the drive 'thing' will be empty: 'ovf:/file/f'");
  leaves_out (OVF (ITEM ("17", REFERS ("/disk/d"))),
              "the disk 'e' is left out: no item refers to it");
  leaves_out (OVF (BOTH ITEM ("20", REFERS ("ovf:/disk/missing"))),
              "refers to 'ovf:/disk/missing'");
}

/* By a type that is not that of a disk. */
static void
test_other_types (void)
{
  static const char *const texts[] = {
    OVF (ITEM ("17", REFERS ("/disk/d")) ITEM ("19", REFERS ("/disk/e"))),
    OVF (ITEM ("31", REFERS ("/disk/d")) ITEM ("32", REFERS ("/disk/e"))),
    OVF (ITEM ("20", REFERS ("/disk/d")) ITEM ("21", REFERS ("/disk/e"))),
  };

  for (size_t i = 0; i < ARRAY_LEN (texts); i++) {
    struct guest *g = read_text (texts[i], strlen (texts[i]));

    assert (g->disks.len == 2 && warnings.len == 0);
    guest_free (g);
  }
}

#define PLACED(parent, address, disk) \
  ITEM ("17", "<rasd:Parent>" parent "</rasd:Parent><rasd:AddressOnParent>" \
        address "</rasd:AddressOnParent><rasd:AllocationUnits>byte * 512" \
        "</rasd:AllocationUnits><rasd:VirtualQuantity>" disk \
        "</rasd:VirtualQuantity>")
#define CONTROLLER(id, type, address) \
  ITEM (type, "<rasd:InstanceID>" id "</rasd:InstanceID><rasd:Address>" \
        address "</rasd:Address>")
#define CONTROLLERS CONTROLLER ("1", "6", "1") CONTROLLER ("2", "6", "0") \
  CONTROLLER ("3", "5", "0") CONTROLLER ("4", "20", "{type=pci}")

static void
ordered (const char *text, const char *numbers)
{
  struct guest *g = read_text (text, strlen (text));

  assert (disks.len == strlen (numbers));
  for (size_t i = 0; i < disks.len; i++)
    assert (disks.ptr[i].capacity == 512 * (uint64_t) (numbers[i] - '0'));
  guest_free (g);
}

/* On other hypervisors each bus keeps its places among the others. */
static void
test_order (void)
{
  ordered (OVF (CONTROLLERS PLACED ("1", "0", "1") PLACED ("3", "0", "2")
                PLACED ("2", "1", "3") PLACED ("2", "0", "4")), "4231");
  ordered (OVF (CONTROLLERS PLACED ("2", "10", "1") PLACED ("2", "9", "2")
                PLACED ("4", "1", "3") PLACED ("4", "0", "4")), "2143");
  /* Without a controller, or without an address, nothing is known. */
  ordered (OVF (CONTROLLERS PLACED ("9", "1", "1") PLACED ("8", "0", "2")
                PLACED ("2", "", "3") PLACED ("2", "0", "4")), "1234");
}

int
main (void)
{
  test_virtualbox ();
  test_virtualbox_defaults ();
  test_virtualbox_namespaces ();
  test_ovirt ();
  test_ovirt_passthrough ();
  test_bios_types ();
  test_ovirt_boot_order ();
  test_xencenter ();
  test_configurations ();
  test_left_out ();
  test_other_types ();
  test_order ();
  ovf_disks_free (&disks);
  argv_reset (&warnings);
  return 0;
}
