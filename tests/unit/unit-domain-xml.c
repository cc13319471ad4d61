/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The domain XML that is written: read back it is the guest again, with
 * its disks in their places, and nothing of the source can break it.
 */

#include <config.h>

#undef NDEBUG
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/utf8.h"
#include "guest/boot-order.h"
#include "guest/domain-xml.h"
#include "input/domain/domain-guest.h"
#include "input/input.h"
#include "unit-data.h"

static const struct input_request no_request;

static const struct domain_disk two_disks[] = {
  { .kind = DOMAIN_DISK_FILE, .path = "/a b/<&>\"'%s-sda\xc3\xa4",
    .format = "raw" },
  { .kind = DOMAIN_DISK_BLOCK, .path = "/dev/vg/x", .format = "qcow2" },
};

static char *
write_guest (const struct guest *guest, const char *name,
             const struct domain_disk *disks, size_t n)
{
  struct error err = ERROR_INIT;
  char *xml = domain_xml (guest, name, disks, n, &err);

  if (xml == NULL) {
    fprintf (stderr, "%s\n", err.message);
    abort ();
  }
  assert (utf8_valid (xml));
  return xml;
}

static struct guest *
read_guest (const char *xml)
{
  struct error err = ERROR_INIT;
  struct guest *guest = guest_new (&err);

  if (domain_read_guest (xml, strlen (xml), "x.xml", &no_request, guest,
                         &err) == -1) {
    fprintf (stderr, "%s\n%s", err.message, xml);
    abort ();
  }
  return guest;
}

static struct guest *
read_data (const char *name)
{
  CLEANUP_FREE char *xml = NULL;
  size_t len;

  xml = data_read (name, &len);
  return read_guest (xml);
}

static void
test_round_trip (void)
{
  struct guest *source = read_data ("libvirtxml/kvm-uefi-secure.xml");
  CLEANUP_FREE char *xml = write_guest (source, "new", two_disks, 2);
  struct guest *copy = read_guest (xml);

  assert (strcmp (copy->name, "new") == 0);
  assert (copy->memory == source->memory);
  assert (copy->cpu.count == 4 && copy->cpu.cores == 4);
  assert (copy->firmware == FIRMWARE_UEFI && copy->secure_boot && copy->tpm);
  assert (strstr (xml, "<smm state=\"on\"/>") != NULL);
  assert (strcmp (copy->machine, "q35") == 0);
  assert (strcmp (copy->clock_offset, "localtime") == 0);
  assert (copy->nics.len == 1);
  assert (strcmp (copy->nics.ptr[0].mac, "52:54:00:ab:cd:ef") == 0);
  assert (strcmp (copy->nics.ptr[0].network, "isolated net") == 0);
  assert (strcmp (copy->nics.ptr[0].model, "e1000e") == 0);
  assert (copy->removables.len == 1);
  assert (copy->disks.len == 2);
  assert (strcmp (copy->disks.ptr[0].location.path, two_disks[0].path) == 0);
  assert (strcmp (copy->disks.ptr[0].format, "raw") == 0);
  assert (copy->disks.ptr[0].bus == BUS_SATA);
  assert (copy->disks.ptr[1].location.path_is_block);
  assert (strcmp (copy->disks.ptr[1].format, "qcow2") == 0);
  guest_free (copy);
  guest_free (source);
}

static void
test_nbd (void)
{
  static const struct domain_disk disk = {
    .kind = DOMAIN_DISK_NBD, .path = "/run/a b&c/in0", .format = "raw",
  };
  struct guest *source = read_data ("libvirtxml/kvm-bios.xml");
  CLEANUP_FREE char *xml = write_guest (source, "x", &disk, 1);
  struct guest *copy = read_guest (xml);

  assert (strstr (xml, "<source protocol=\"nbd\" name=\"\">") != NULL);
  assert (copy->disks.len == 1);
  assert (strcmp (copy->disks.ptr[0].location.uri,
                  "nbd+unix:///?socket=/run/a%20b%26c/in0") == 0);
  assert (strcmp (copy->machine, "pc") == 0);
  assert (copy->firmware != FIRMWARE_UEFI);
  assert (copy->removables.len == 2 && copy->removables.ptr[0].slot == 2);
  assert (copy->nics.ptr[1].kind == NIC_BRIDGE);
  guest_free (copy);
  guest_free (source);
}

static void
expect_target (const char *xml, const char *dev, const char *bus)
{
  char target[100];

  snprintf (target, sizeof target, bus != NULL
            ? "<target dev=\"%s\" bus=\"%s\"/>" : "<target dev=\"%s\"/>",
            dev, bus);
  if (strstr (xml, target) == NULL) {
    fprintf (stderr, "no %s in\n%s", target, xml);
    abort ();
  }
}

static char *
write_source (const struct guest *guest)
{
  static const struct domain_disk disk = {
    .kind = DOMAIN_DISK_FILE, .path = "/o.qcow2", .format = "qcow2",
  };
  struct domain_disk disks[9];
  struct error err = ERROR_INIT;
  char *xml;

  assert (guest->disks.len <= ARRAY_LEN (disks));
  for (size_t i = 0; i < guest->disks.len; i++)
    disks[i] = disk;
  xml = domain_xml_of_source (guest, disks, &err);
  assert (xml != NULL);
  return xml;
}

/* For a conversion drives keep what the source says of them. */
static void
test_source (void)
{
  static const char description[] =
    "<domain type='xen'><name>x</name><memory>1</memory><devices>"
    "<disk type='file' device='disk'><source file='/1'/>"
    "<target dev='sdc' bus='scsi'/></disk>"
    "<disk type='file' device='disk'><source file='/2'/>"
    "<target dev='hda' bus='ide'/></disk>"
    "<disk type='file' device='disk'><source file='/3'/>"
    "<target dev='sda' bus='sata'/></disk>"
    "<disk type='file' device='disk'><source file='/4'/>"
    "<target dev='xvdb' bus='xen'/></disk>"
    "<disk type='file' device='cdrom'>"
    "<target dev='hdc' bus='ide'/></disk>"
    "<disk type='file' device='floppy'>"
    "<target dev='fda' bus='fdc'/></disk>"
    "</devices></domain>";
  struct guest *guest = read_guest (description);
  CLEANUP_FREE char *xml = write_source (guest);

  expect_target (xml, "sdc", "scsi");
  expect_target (xml, "hda", "ide");
  expect_target (xml, "sda", "sata");
  expect_target (xml, "xvdb", "xen");
  expect_target (xml, "hdc", "ide");
  expect_target (xml, "fda", "fdc");
  assert (strstr (xml, "virtio\" dev") == NULL);
  guest_free (guest);
}

/* Where the source has no names, each drive gets one of its own. */
static void
test_source_without_names (void)
{
  static const enum disk_bus buses[] = {
    BUS_SCSI, BUS_IDE, BUS_UNKNOWN, BUS_SATA, BUS_NVME, BUS_VIRTIO, BUS_NVME,
    BUS_SCSI,
  };
  struct error err = ERROR_INIT;
  struct guest *guest = guest_new (&err);
  CLEANUP_FREE char *xml = NULL;

  guest->name = strdup ("x");
  for (size_t i = 0; i < ARRAY_LEN (buses); i++)
    guest_add_disk (guest, &err)->bus = buses[i];
  guest->disks.ptr[7].target = strdup ("sdb");
  *guest_add_removable (guest, &err) = (struct removable) {
    .kind = REMOVABLE_CDROM, .bus = BUS_SATA, .slot = 1,
  };
  xml = write_source (guest);
  expect_target (xml, "sda", "scsi");
  expect_target (xml, "hda", "ide");
  expect_target (xml, "sdc", NULL);
  expect_target (xml, "sdd", "sata");
  expect_target (xml, "nvme0n1", "nvme");
  expect_target (xml, "vda", "virtio");
  expect_target (xml, "nvme1n1", "nvme");
  expect_target (xml, "sdb", "scsi");
  expect_target (xml, "sde", "sata"); /* the drive */
  guest_free (guest);
}

/* Nothing is known: the defaults make a guest all the same. */
static void
test_empty_guest (void)
{
  const struct guest empty = { .name = NULL };
  CLEANUP_FREE char *xml = write_guest (&empty, "x", NULL, 0);
  struct guest *copy = read_guest (xml);

  assert (copy->memory == UINT64_C (1) << 30);
  assert (copy->cpu.count == 1);
  assert (strcmp (copy->machine, "q35") == 0);
  guest_free (copy);
}

static void
test_names (void)
{
  const struct guest empty = { .name = NULL };
  struct error err = ERROR_INIT;
  CLEANUP_FREE char *xml =
    write_guest (&empty, "a/b\n\001\xff\t<&>\"\xc3\xa4", NULL, 0);
  struct guest *copy = read_guest (xml);

  assert (strcmp (copy->name, "a_b___\t<&>\"\xc3\xa4") == 0);
  guest_free (copy);
  assert (domain_xml (&empty, "", NULL, 0, &err) == NULL);
  error_reset (&err);
}

/* A path must be right or refused, and a relative one made absolute. */
static void
test_paths (void)
{
  const struct guest empty = { .name = NULL };
  struct domain_disk disk = {
    .kind = DOMAIN_DISK_FILE, .path = "/a\001", .format = "raw",
  };
  struct error err = ERROR_INIT;
  CLEANUP_FREE char *xml = NULL;
  struct guest *copy;

  assert (domain_xml (&empty, "x", &disk, 1, &err) == NULL);
  assert (err.reason == REASON_UNSUPPORTED);
  error_reset (&err);
  disk.path = "/a\xff";
  assert (domain_xml (&empty, "x", &disk, 1, &err) == NULL);
  error_reset (&err);
  disk.path = "rel\native";
  xml = write_guest (&empty, "x", &disk, 1);
  copy = read_guest (xml);
  assert (copy->disks.ptr[0].location.path[0] == '/');
  assert (strstr (copy->disks.ptr[0].location.path, "/rel\native") != NULL);
  guest_free (copy);
}

/* What libvirt would refuse is left out or changed, not written. */
static void
test_hostile_guest (void)
{
  struct error err = ERROR_INIT;
  struct guest *guest = guest_new (&err), *copy;
  struct nic *nic = guest_add_nic (guest, &err);
  CLEANUP_FREE char *xml = NULL;

  nic->kind = NIC_BRIDGE;
  nic->network = strdup ("VM Network\n");
  nic->mac = strdup ("01:00:00:00:00:00"); /* a multicast address */
  guest->sound = strdup ("<x>");
  guest->cpu.count = 4;
  guest->cpu.sockets = guest->cpu.cores = guest->cpu.threads = 3;
  for (int i = 0; i < 20; i++)
    guest_add_removable (guest, &err)->kind = i % 2 == 0 ? REMOVABLE_CDROM
      : REMOVABLE_FLOPPY;
  xml = write_guest (guest, "x", NULL, 0);
  copy = read_guest (xml);
  assert (copy->nics.ptr[0].kind == NIC_NETWORK);
  assert (strcmp (copy->nics.ptr[0].network, "VM Network_") == 0);
  assert (copy->nics.ptr[0].mac == NULL);
  assert (copy->sound == NULL);
  assert (copy->cpu.count == 4 && copy->cpu.sockets == 0);
  assert (copy->removables.len == 6 + 2);
  guest_free (copy);
  guest_free (guest);
}

static char *
uefi_xml (const char *arch, bool secure)
{
  const struct guest guest = {
    .arch = (char *) arch, .firmware = FIRMWARE_UEFI, .secure_boot = secure,
  };

  return write_guest (&guest, "x", NULL, 0);
}

/* libvirt 9 refuses <loader secure='no'/>; libvirt 12 takes a firmware without
 * variables if nothing says that there have to be some, and both take one with
 * secure boot if nothing is said of it.  Not only of PCs.  libvirt 7.0 knows
 * just <loader secure='yes'/>.
 */
static void
test_uefi (void)
{
  static const char *const arches[] = { "x86_64", "aarch64", NULL };

  for (size_t i = 0; i < ARRAY_LEN (arches); i++) {
    CLEANUP_FREE char *xml = uefi_xml (arches[i], false);
    CLEANUP_FREE char *secure = uefi_xml (arches[i], true);
    const bool x86 = arches[i] == NULL || *arches[i] == 'x';

    assert (strstr (xml, "<feature enabled=\"no\" name=\"secure-boot\"/>")
            != NULL);
    assert (strstr (xml, "<loader stateless=\"no\"/>") != NULL);
    assert (strstr (xml, "<smm") == NULL);
    assert (strstr (secure, "<feature enabled=\"yes\" name=\"secure-boot\"/>")
            != NULL);
    assert (strstr (secure, x86 ? "<loader stateless=\"no\" secure=\"yes\"/>"
                    : "<loader stateless=\"no\"/>") != NULL);
    assert ((strstr (secure, "<smm state=\"on\"/>") != NULL) == x86);
  }
}

/* Two disks, a drive and a NIC with these places in the boot order. */
static struct guest *
guest_of_places (unsigned first, unsigned second, unsigned drive,
                 unsigned nic)
{
  struct error err = ERROR_INIT;
  struct guest *guest = guest_new (&err);

  guest_add_disk (guest, &err)->boot_order = first;
  guest_add_disk (guest, &err)->boot_order = second;
  guest_add_removable (guest, &err)->boot_order = drive;
  guest_add_nic (guest, &err)->boot_order = nic;
  assert (boot_order_settle (guest, &err) == 0);
  return guest;
}

/* libvirt refuses the order of devices together with that of kinds, and a
 * place that two devices have.
 */
static void
test_boot_order (void)
{
  struct guest *usual = guest_of_places (7, 0, 0, 0);
  struct guest *second = guest_of_places (0, 3, 0, 0);
  struct guest *all = guest_of_places (5, 2, 9, 2);
  CLEANUP_FREE char *usual_xml = write_guest (usual, "x", two_disks, 2);
  CLEANUP_FREE char *second_xml = write_guest (second, "x", two_disks, 2);
  CLEANUP_FREE char *all_xml = write_guest (all, "x", two_disks, 2);

  assert (strstr (usual_xml, "<boot dev=\"hd\"/>") != NULL);
  assert (strstr (usual_xml, "<boot order") == NULL);
  assert (strstr (second_xml, "<boot dev") == NULL);
  assert (strstr (strstr (second_xml, "\"sdb\""),
                  "<boot order=\"1\"/>") != NULL);
  assert (strstr (second_xml, "<boot order=\"2\"/>") == NULL);
  assert (strstr (all_xml, "<boot dev") == NULL);
  assert (all->disks.ptr[1].boot_order == 1);
  assert (all->nics.ptr[0].boot_order == 2);
  assert (all->disks.ptr[0].boot_order == 3);
  assert (all->removables.ptr[0].boot_order == 4);
  assert (strstr (strstr (all_xml, "\"cdrom\""),
                  "<boot order=\"4\"/>") != NULL);
  assert (strstr (strstr (all_xml, "<interface"),
                  "<boot order=\"2\"/>") != NULL);
  guest_free (usual);
  guest_free (second);
  guest_free (all);
}

/* A guest of VMware's with N disks on BUS. */
static struct guest *
guest_on (enum disk_bus bus, size_t n)
{
  struct error err = ERROR_INIT;
  struct guest *guest = guest_new (&err);

  guest->hypervisor = strdup ("vmware");
  for (size_t i = 0; i < n; i++)
    guest_add_disk (guest, &err)->bus = bus;
  return guest;
}

/* The XML of its disks; GUEST is freed. */
static char *
write_disks (struct guest *guest)
{
  struct domain_disk disks[9];
  char *xml;

  assert (guest->disks.len <= ARRAY_LEN (disks));
  for (size_t i = 0; i < guest->disks.len; i++)
    disks[i] = two_disks[0];
  xml = write_guest (guest, "x", disks, guest->disks.len);
  guest_free (guest);
  return xml;
}

/* IDE has room for four, drives among them; the rest is on SATA. */
static void
test_ide_full (void)
{
  struct error err = ERROR_INIT;
  struct guest *guest = guest_on (BUS_IDE, 5);
  CLEANUP_FREE char *xml = NULL;

  guest_add_removable (guest, &err)->slot = 2;
  xml = write_disks (guest);
  assert (strstr (xml, "machine=\"pc\"") != NULL);
  expect_target (xml, "hda", "ide");
  expect_target (xml, "hdd", "ide");
  expect_target (xml, "sda", "sata");
  expect_target (xml, "sdc", "sata"); /* the drive */
}

/* libvirt boots the first of the names: their order is that of the disks. */
static void
test_ide_names (void)
{
  static const char *const names[][2] = {
    { "hda", "hdc" }, { "hdc", "hda" }, { "hdb", "hdd" }, { "hde", "x" },
  };
  static const char *const expected[][2] = {
    { "hda", "hdc" }, { "hdc", "hdd" }, { "hdb", "hdd" }, { "hda", "hdb" },
  };

  for (size_t i = 0; i < ARRAY_LEN (names); i++) {
    struct guest *guest = guest_on (BUS_IDE, 2);
    CLEANUP_FREE char *xml = NULL;

    for (size_t j = 0; j < 2; j++)
      guest->disks.ptr[j].target = strdup (names[i][j]);
    xml = write_disks (guest);
    for (size_t j = 0; j < 2; j++)
      expect_target (xml, expected[i][j], "ide");
  }
}

/* Seven disks on a controller, each a target of its own; models are not
 * mixed on one.
 */
static void
test_scsi_controllers (void)
{
  struct guest *guest = guest_on (BUS_SCSI, 9);
  CLEANUP_FREE char *xml = NULL;

  for (size_t i = 0; i < 9; i++)
    guest->disks.ptr[i].controller = strdup (i == 1 ? "lsisas1068"
                                             : "PVSCSI");
  xml = write_disks (guest);
  assert (strstr (xml, "index=\"0\" model=\"vmpvscsi\"") != NULL);
  assert (strstr (xml, "index=\"1\" model=\"lsisas1068\"") != NULL);
  assert (strstr (xml, "index=\"2\" model=\"vmpvscsi\"") != NULL);
  assert (strstr (xml, "index=\"3\"") == NULL);
  assert (strstr (xml, "controller=\"0\" bus=\"0\" target=\"6\" "
                  "unit=\"0\"") != NULL);
  assert (strstr (xml, "controller=\"2\" bus=\"0\" target=\"0\" "
                  "unit=\"0\"") != NULL);
}

/* QEMU's own lsilogic has units, and of its kind is what has no model. */
static void
test_scsi_of_qemu (void)
{
  struct guest *guest = guest_on (BUS_SCSI, 2);
  CLEANUP_FREE char *xml = NULL;

  memcpy (guest->hypervisor, "kvm", 4);
  guest->disks.ptr[0].controller = strdup ("lsilogic");
  xml = write_disks (guest);
  assert (strstr (xml, "model=\"lsilogic\"") != NULL);
  assert (strstr (xml, "target=\"0\" unit=\"0\"") != NULL);
  assert (strstr (xml, "index=\"1\"") == NULL);
  expect_target (xml, "sdb", "scsi");
}

/* Other machines have no IDE, and what is unknown is virtio's there. */
static void
test_buses_of_arm (void)
{
  struct guest *guest = guest_on (BUS_IDE, 2);
  CLEANUP_FREE char *xml = NULL;

  guest->arch = strdup ("aarch64");
  guest->disks.ptr[1].bus = BUS_UNKNOWN;
  xml = write_disks (guest);
  expect_target (xml, "vda", "virtio");
  expect_target (xml, "vdb", "virtio");
}

/* Whatever the source says, the user's word and a conversion count more. */
static void
test_copy_bus (void)
{
  struct guest *converted = guest_on (BUS_IDE, 2);
  struct guest *wanted = guest_on (BUS_IDE, 2);
  CLEANUP_FREE char *converted_xml = NULL, *wanted_xml = NULL;

  converted->copy.converted = wanted->copy.converted = true;
  wanted->copy.bus = COPY_BUS_SATA;
  converted_xml = write_disks (converted);
  wanted_xml = write_disks (wanted);
  expect_target (converted_xml, "vdb", "virtio");
  assert (strstr (converted_xml, "machine=\"q35\"") != NULL);
  expect_target (wanted_xml, "sdb", "sata");
}

int
main (void)
{
  test_round_trip ();
  test_nbd ();
  test_source ();
  test_source_without_names ();
  test_empty_guest ();
  test_names ();
  test_paths ();
  test_uefi ();
  test_boot_order ();
  test_hostile_guest ();
  test_ide_full ();
  test_ide_names ();
  test_scsi_controllers ();
  test_scsi_of_qemu ();
  test_buses_of_arm ();
  test_copy_bus ();
  return EXIT_SUCCESS;
}
