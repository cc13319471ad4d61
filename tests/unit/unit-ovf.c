/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What an OVF says about the guest and its disks. */

#include <config.h>

#undef NDEBUG
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "guest/guest.h"
#include "input/ova/ovf.h"
#include "io/reader.h"

static struct error err = ERROR_INIT;
static struct ovf_disks disks;
static struct argv warnings;
static const char *wanted_vm;

static struct guest *
read_text (const char *text, size_t len)
{
  struct guest *guest = guest_new (&err);

  ovf_disks_free (&disks);
  argv_reset (&warnings);
  assert (guest != NULL);
  if (ovf_read (text, len, "test.ovf", wanted_vm, guest, &disks,
                &warnings, &err) == -1) {
    guest_free (guest);
    return NULL;
  }
  return guest;
}

static struct guest *
read_data (const char *name)
{
  const char *srcdir = getenv ("srcdir");
  CLEANUP_FREE char *path = NULL, *text = NULL;
  CLEANUP_READER struct reader *reader = NULL;
  size_t len;

  assert (asprintf (&path, "%s/data/ovf/%s", srcdir == NULL ? "." : srcdir,
                    name) != -1);
  reader = reader_file_new (path, &err);
  assert (reader != NULL);
  text = reader_slurp (reader, 1 << 20, &len, &err);
  assert (text != NULL);
  return read_text (text, len);
}

static void
test_full (void)
{
  struct guest *g = read_data ("full.ovf");

  if (g == NULL)
    fprintf (stderr, "%s\n", err.message);
  assert (g != NULL && warnings.len == 1);
  assert (strstr (warnings.ptr[0], "configuration 'large'") != NULL);
  assert (strcmp (g->name, "mail server") == 0);
  assert (strcmp (g->hypervisor, "vmware") == 0);
  assert (g->memory == UINT64_C (3) << 30);
  assert (g->cpu.count == 4 && g->cpu.cores == 2 && g->cpu.sockets == 2);
  assert (g->firmware == FIRMWARE_UEFI && g->secure_boot && g->tpm);

  assert (g->disks.len == 3 && disks.len == 3);
  assert (g->disks.ptr[0].bus == BUS_SCSI);
  assert (strcmp (disks.ptr[0].href, "disk 1.vmdk") == 0);
  assert (disks.ptr[0].capacity == 10 << 20 && disks.ptr[0].size == 68096);
  assert (disks.ptr[0].vmdk && !disks.ptr[0].compressed);
  assert (strcmp (disks.ptr[1].href, "disk2.vmdk.gz") == 0);
  assert (disks.ptr[1].compressed && !disks.ptr[1].vmdk);
  assert (g->disks.ptr[2].bus == BUS_NVME);
  assert (disks.ptr[2].href == NULL);
  assert (disks.ptr[2].capacity == UINT64_C (2) << 30);

  assert (g->removables.len == 2);
  assert (g->removables.ptr[0].kind == REMOVABLE_CDROM);
  assert (g->removables.ptr[0].bus == BUS_IDE);
  assert (g->removables.ptr[0].slot == 2);
  assert (g->removables.ptr[1].kind == REMOVABLE_FLOPPY);

  assert (g->nics.len == 2);
  assert (strcmp (g->nics.ptr[0].mac, "00:50:56:aa:bb:cc") == 0);
  assert (strcmp (g->nics.ptr[0].model, "vmxnet3") == 0);
  assert (strcmp (g->nics.ptr[0].network, "VM Network") == 0);
  assert (g->nics.ptr[0].kind == NIC_NETWORK && g->nics.ptr[0].kind_open);
  assert (g->nics.ptr[1].mac == NULL);
  assert (strcmp (g->nics.ptr[1].network, "eth1") == 0);
  guest_free (g);
}

#define NS(version) \
  "xmlns='http://schemas.dmtf.org/ovf/envelope/" version "' " \
  "xmlns:ovf='http://schemas.dmtf.org/ovf/envelope/" version "' " \
  "xmlns:rasd='http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/" \
  "CIM_ResourceAllocationSettingData' " \
  "xmlns:sasd='http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/" \
  "CIM_StorageAllocationSettingData.xsd'"
#define SYSTEM(items) \
  "<VirtualSystem ovf:id='x'><VirtualHardwareSection>" items \
  "</VirtualHardwareSection></VirtualSystem>"
#define DISK(resource) \
  "<Item><rasd:HostResource>" resource "</rasd:HostResource>" \
  "<rasd:ResourceType>17</rasd:ResourceType></Item>"
#define OVF(content) "<Envelope " NS ("1") ">\n" content "</Envelope>"

static void
fails (const char *text, enum reason reason, const char *part)
{
  struct guest *guest = read_text (text, strlen (text));

  assert (guest == NULL);
  if (err.reason != reason || strstr (err.message, part) == NULL) {
    fprintf (stderr, "%s: '%s' is not in '%s'\n", reason_name (err.reason),
             part, err.message);
    abort ();
  }
  error_reset (&err);
}

static void
test_defaults (void)
{
  static const char text[] = OVF (SYSTEM (""));
  struct guest *g = read_text (text, strlen (text));

  assert (g != NULL && strcmp (g->name, "x") == 0);
  assert (g->memory == 1 << 30 && g->cpu.count == 1);
  assert (g->firmware == FIRMWARE_UNKNOWN && g->disks.len == 0);
  guest_free (g);
}

/* Version 2 has elements of its own for disks. */
static void
test_version_2 (void)
{
  static const char text[] = "<Envelope " NS ("2") ">"
    "<References><File ovf:id='f' ovf:href='a.vmdk'/></References>"
    "<DiskSection><Disk ovf:diskId='d' ovf:fileRef='f'/></DiskSection>"
    SYSTEM ("<StorageItem><sasd:HostResource>/disk/d</sasd:HostResource>"
            "<sasd:ResourceType>17</sasd:ResourceType></StorageItem>")
    "</Envelope>";
  struct guest *g = read_text (text, strlen (text));

  assert (g != NULL && g->disks.len == 1);
  assert (strcmp (disks.ptr[0].href, "a.vmdk") == 0);
  guest_free (g);
}

#define OLD_SECTION(type, content) \
  "<Section xsi:type='ovf:" type "_Type'>" content "</Section>"
#define OLD_ITEM(id, type, more) \
  "<Item><rasd:InstanceId>" id "</rasd:InstanceId>" \
  "<rasd:ResourceType>" type "</rasd:ResourceType>" more "</Item>"

/* Before version 1 all sections had one name. */
static void
test_version_0_9 (void)
{
  static const char text[] =
    "<Envelope xmlns='http://www.vmware.com/schema/ovf/1/envelope' "
    "xmlns:ovf='http://www.vmware.com/schema/ovf/1/envelope' "
    "xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' "
    "xmlns:rasd='http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/"
    "CIM_ResourceAllocationSettingData' ovf:version='0.9'>"
    "<References><File ovf:id='f' ovf:href='old.vmdk'/></References>"
    OLD_SECTION ("DiskSection",
                 "<Disk ovf:diskId='d' ovf:fileRef='f' "
                 "ovf:capacity='1048576'/>")
    "<Content ovf:id='museum' xsi:type='ovf:VirtualSystem_Type'>"
    OLD_SECTION ("AnnotationSection", "<Info/>")
    OLD_SECTION ("VirtualHardwareSection",
                 OLD_ITEM ("1", "4", "<rasd:AllocationUnits>MegaBytes"
                           "</rasd:AllocationUnits>"
                           "<rasd:VirtualQuantity>96</rasd:VirtualQuantity>")
                 OLD_ITEM ("7", "6", "")
                 OLD_ITEM ("8", "17", "<rasd:Parent>7</rasd:Parent>"
                           "<rasd:HostResource>disk/d</rasd:HostResource>"))
    "</Content></Envelope>";
  struct guest *g = read_text (text, strlen (text));

  assert (g != NULL && strcmp (g->name, "museum") == 0);
  assert (g->memory == 96 << 20);
  assert (g->disks.len == 1 && g->disks.ptr[0].bus == BUS_SCSI);
  assert (strcmp (disks.ptr[0].href, "old.vmdk") == 0);
  assert (disks.ptr[0].capacity == 1 << 20);
  guest_free (g);
}

/* A disk that only the item describes, in units of several factors. */
static void
test_quantity (void)
{
  static const char text[] = OVF (SYSTEM
    ("<Item><rasd:ResourceType>17</rasd:ResourceType>"
     "<rasd:AllocationUnits>byte * 1024 * 2^10</rasd:AllocationUnits>"
     "<rasd:VirtualQuantity>3</rasd:VirtualQuantity></Item>"));
  struct guest *g = read_text (text, strlen (text));

  assert (g != NULL && disks.len == 1 && disks.ptr[0].href == NULL);
  assert (disks.ptr[0].capacity == 3 << 20);
  guest_free (g);
  fails (OVF (SYSTEM ("<Item><rasd:ResourceType>17</rasd:ResourceType>"
                      "</Item>")), REASON_UNSUPPORTED,
         "the disk has no HostResource");
  fails (OVF (SYSTEM ("<Item><rasd:ResourceType>17</rasd:ResourceType>"
                      "<rasd:AllocationUnits>byte*2^</rasd:AllocationUnits>"
                      "<rasd:VirtualQuantity>3</rasd:VirtualQuantity>"
                      "</Item>")), REASON_UNSUPPORTED,
         "unknown allocation units: 'byte*2^'");
}

#define DISKS(disks) "<DiskSection>" disks "</DiskSection>"
#define EMPTY(more) "<Disk ovf:diskId='d' " more "/>"
#define PROPERTIES(attributes, properties) \
  "<ProductSection " attributes "><Info/>" properties "</ProductSection>"
#define WITH(disks, properties) \
  OVF (disks "<DeploymentOptionSection><Configuration ovf:id='small'/>" \
       "<Configuration ovf:id='large' ovf:default='true'/>" \
       "</DeploymentOptionSection><VirtualSystemCollection ovf:id='c'>" \
       PROPERTIES ("", "<Property ovf:key='outer' ovf:value='7'/>" \
                   "<Property ovf:key='both' ovf:value='8'/>") \
       "<VirtualSystem ovf:id='x'>" properties \
       "<VirtualHardwareSection>" DISK ("ovf:/disk/d") \
       "</VirtualHardwareSection></VirtualSystem>" \
       "</VirtualSystemCollection>")
#define SIZED(name, properties) \
  WITH (DISKS (EMPTY ("ovf:capacity='${" name "}' " \
                      "ovf:capacityAllocationUnits='byte * 2^20'")), \
        properties)

static void
has_capacity (const char *text, uint64_t mib)
{
  struct guest *g = read_text (text, strlen (text));

  if (g == NULL || disks.ptr[0].capacity != mib << 20) {
    fprintf (stderr, "%s\n%s\n", text, err.message);
    abort ();
  }
  assert (warnings.len == 1);
  assert (strstr (warnings.ptr[0], "using the default") != NULL);
  guest_free (g);
}

/* A capacity that is chosen on deployment. */
static void
test_properties (void)
{
  has_capacity (SIZED ("size", PROPERTIES
                       ("", "<Property ovf:key='size' ovf:value=' 5 '/>")),
                5);
  has_capacity (SIZED ("size", PROPERTIES
                       ("", "<Property key='size' value='5'/>")), 5);
  has_capacity (SIZED ("org.x.size.2", PROPERTIES
                       ("ovf:class='org.x' ovf:instance='1'",
                        "<Property ovf:key='size' ovf:value='5'/>")
                       PROPERTIES
                       ("ovf:class='org.x' ovf:instance='2'",
                        "<Property ovf:key='size' ovf:value='6'/>")), 6);
  has_capacity (SIZED ("size", PROPERTIES
                       ("ovf:class='org.x'",
                        "<Property ovf:key='size' ovf:value='5'/>")
                       PROPERTIES
                       ("", "<Property ovf:key='size' ovf:value='6'/>")), 6);
  has_capacity (SIZED ("size", PROPERTIES
                       ("ovf:class='org.x'",
                        "<Property ovf:key='size' ovf:value='5'/>")), 5);
  /* The values for a configuration, and the collection's properties. */
  has_capacity (SIZED ("size", PROPERTIES
                       ("", "<Property ovf:key='size' ovf:value='5'>"
                        "<Value ovf:configuration='small' ovf:value='1'/>"
                        "<Value ovf:configuration='large' ovf:value='9'/>"
                        "</Property>")), 9);
  has_capacity (SIZED ("size", PROPERTIES
                       ("", "<Property ovf:key='size' ovf:value='5'>"
                        "<Value configuration='small' value='1'/>"
                        "<Value configuration='large' value='9'/>"
                        "</Property>")), 9);
  has_capacity (SIZED ("size", PROPERTIES
                       ("", "<Property key='size'>"
                        "<Value configuration='small' value='1'/>"
                        "<Value value='3'/></Property>")), 3);
  has_capacity (SIZED ("size", PROPERTIES
                       ("", "<Property ovf:key='size' ovf:value='5'>"
                        "<Value ovf:configuration='small' ovf:value='1'/>"
                        "</Property>")), 5);
  has_capacity (SIZED ("outer", ""), 7);
  has_capacity (SIZED ("both", ""), 8);
  has_capacity (SIZED ("both", PROPERTIES
                       ("", "<Property ovf:key='both' ovf:value='3'/>")), 3);
  has_capacity (WITH (DISKS (EMPTY ("ovf:capacity='${both}' "
                                    "ovf:capacityAllocationUnits='${u}'")),
                      PROPERTIES ("", "<Property ovf:key='u' "
                                  "ovf:value='byte * 2^20'/>")), 8);
}

static void
test_no_properties (void)
{
  static const char file[] =
    WITH ("<References><File ovf:id='f' ovf:href='a'/></References>"
          DISKS (EMPTY ("ovf:fileRef='f' ovf:capacity='${none}'")), "");
  struct guest *g;

  fails (SIZED ("none", ""), REASON_UNSUPPORTED, "the capacity of the disk "
         "'d' is the property ${none}, which has no default value");
  fails (SIZED ("a", PROPERTIES ("", "<Property ovf:key='a' "
                                 "ovf:value=''/>")), REASON_UNSUPPORTED,
         "the property ${a}, which has no default");
  fails (SIZED ("a", PROPERTIES ("", "<Property ovf:key='a' "
                                 "ovf:value='5 GB'/>")), REASON_UNSUPPORTED,
         "'5 GB' is not a size");
  fails (SIZED ("a", PROPERTIES ("", "<Property ovf:key='a' "
                                 "ovf:value='${both}'/>")),
         REASON_UNSUPPORTED, "which has no default value");
  fails (SIZED ("", ""), REASON_UNSUPPORTED, "neither a file nor");
  /* A file has a size of its own. */
  g = read_text (file, strlen (file));
  assert (g != NULL && disks.ptr[0].capacity == 0 && warnings.len == 0);
  guest_free (g);
}

/* The specification's form, and what writers make of it. */
static void
test_units (void)
{
  static const char *const units[] = {
    "byte * 2^20", "byte*2^20", "bytes * 2^20", "Byte * 2 ^ 20",
    "byte * 1024 * 1024", "MegaBytes", "megabyte", "MB", "MiB",
  };

  for (size_t i = 0; i < ARRAY_LEN (units); i++) {
    CLEANUP_FREE char *text = NULL;
    struct guest *g;

    assert (asprintf (&text, OVF (DISKS (EMPTY ("ovf:capacity='3' "
                                  "ovf:capacityAllocationUnits='%s'"))
                                  SYSTEM (DISK ("/disk/d"))),
                      units[i]) != -1);
    g = read_text (text, strlen (text));
    assert (g != NULL && disks.ptr[0].capacity == 3 << 20);
    guest_free (g);
  }
}

/* oVirt's namespace ends with a slash, and not all of its elements need be in
 * it; the topology stands in for the quantity.
 */
static void
test_ovirt (void)
{
  static const char text[] =
    "<ovf:Envelope xmlns:ovf='http://schemas.dmtf.org/ovf/envelope/1/' "
    "xmlns:rasd='http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/"
    "CIM_ResourceAllocationSettingData'>"
    "<References><File ovf:id='f' ovf:href='3fd1'/></References>"
    "<DiskSection><Disk ovf:diskId='d' ovf:fileRef='f' ovf:capacity='2' "
    "ovf:capacityAllocationUnits='byte * 2^30' ovf:parentRef=''/>"
    "</DiskSection><VirtualSystem ovf:id='x'><Name>y</Name>"
    "<VirtualHardwareSection><Item>"
    "<rasd:ResourceType>3</rasd:ResourceType>"
    "<rasd:num_of_sockets>2</rasd:num_of_sockets>"
    "<rasd:cpu_per_socket>3</rasd:cpu_per_socket></Item>"
    DISK ("ovf:/disk/d") "</VirtualHardwareSection></VirtualSystem>"
    "</ovf:Envelope>";
  struct guest *g = read_text (text, strlen (text));

  assert (g != NULL && strcmp (g->name, "y") == 0);
  assert (g->cpu.count == 6 && g->cpu.sockets == 2 && g->cpu.cores == 3);
  assert (g->disks.len == 1 && strcmp (disks.ptr[0].href, "3fd1") == 0);
  assert (disks.ptr[0].capacity == UINT64_C (2) << 30);
  guest_free (g);
}

/* A package of several VMs: the error tells which. */
static void
test_several (void)
{
#define ONE(name) "<VirtualSystem ovf:id='id'><Name>" name "</Name>" \
    "</VirtualSystem>"
  fails (OVF (""), REASON_UNSUPPORTED, "describes no virtual machine");
  fails (OVF (SYSTEM ("") SYSTEM ("")), REASON_UNSUPPORTED,
         "2 virtual machines, not one: 'x', 'x'");
  fails (OVF ("<VirtualSystemCollection>" ONE ("web")
              "<VirtualSystemCollection>" ONE ("db") "</"
              "VirtualSystemCollection></VirtualSystemCollection>"),
         REASON_UNSUPPORTED, "2 virtual machines, not one: 'web', 'db'");
  fails (OVF (ONE ("1") ONE ("2") ONE ("3") ONE ("4") ONE ("5") ONE ("6")
              ONE ("7") ONE ("8") ONE ("9") ONE ("10") ONE ("11")
              ONE ("12") ONE ("13") ONE ("14") ONE ("15") ONE ("16")
              ONE ("17") ONE ("18") ONE ("19") ONE ("20") ONE ("21")),
         REASON_UNSUPPORTED, "21 virtual machines, not one: '1', '2', '3', "
         "'4', '5', '6', '7', '8', '9', '10', '11', '12', '13', '14', '15', "
         "'16', '17', '18', '19', '20', ...");
#undef ONE
}

static void
is_vm (const char *text, const char *vm, uint64_t memory)
{
  struct guest *g;

  wanted_vm = vm;
  g = read_text (text, strlen (text));
  if (g == NULL)
    fprintf (stderr, "%s: %s\n", vm, err.message);
  assert (g != NULL && g->memory == memory << 20);
  guest_free (g);
  wanted_vm = NULL;
}

static void
hint_is (const char *text, const char *vm, const char *message,
         const char *hint)
{
  wanted_vm = vm;
  assert (read_text (text, strlen (text)) == NULL);
  if (strstr (err.message, message) == NULL || err.hint == NULL ||
      strstr (err.hint, hint) == NULL) {
    fprintf (stderr, "%s; %s\n", err.message, err.hint);
    abort ();
  }
  error_reset (&err);
  wanted_vm = NULL;
}

/* One of several is chosen by its id, or else by its name. */
static void
test_choice (void)
{
#define VM(id, name, memory) \
  "<VirtualSystem ovf:id='" id "'><Name>" name "</Name>" \
  "<VirtualHardwareSection><Item><rasd:ResourceType>4</rasd:ResourceType>" \
  "<rasd:VirtualQuantity>" memory "</rasd:VirtualQuantity></Item>" \
  "</VirtualHardwareSection></VirtualSystem>"
  static const char text[] =
    OVF ("<VirtualSystemCollection ovf:id='all'>"
         VM ("vm-1", "the web", "101") VM ("vm-2", "twin", "102")
         "<VirtualSystemCollection>" VM ("vm-3", "twin", "103")
         VM ("vm-4", "vm-1", "104") "</VirtualSystemCollection>"
         "</VirtualSystemCollection>");

  is_vm (text, "vm-1", 101);
  is_vm (text, "the web", 101);
  is_vm (text, "vm-3", 103);
  is_vm (text, "vm-4", 104);
  hint_is (text, NULL, "describes 4 virtual machines, not one: 'the web', "
           "'vm-2', 'vm-3', 'vm-4'", "-io vm='the web'");
  hint_is (text, "twin", "describes 2 virtual machines that are called "
           "'twin': 'vm-2', 'vm-3'", "-io vm=vm-2");
  wanted_vm = "all";
  fails (text, REASON_NOT_FOUND, "describes no virtual machine 'all'; it "
         "has: 'the web', ");
  wanted_vm = "y";
  fails (OVF (SYSTEM ("")), REASON_NOT_FOUND, "it has: 'x'");
  wanted_vm = NULL;
  is_vm (OVF (VM ("x", "one", "105")), "one", 105);
#undef VM
}

/* Disks are not looked for one by one: the XML allows only so much work, which
 * ends such a reading with an error.
 */
static void
test_many (void)
{
  enum { DISKS = 20000, ITEMS = 4000 };
  CLEANUP_FREE char *text = NULL;
  size_t len;
  FILE *fp = open_memstream (&text, &len);
  struct guest *g;

  assert (fp != NULL);
  fputs ("<Envelope " NS ("1") "><DiskSection>", fp);
  for (unsigned i = 0; i < DISKS; i++)
    fprintf (fp, "<Disk ovf:diskId='d%u' ovf:capacity='%u'/>", i, i + 1);
  fputs ("<Disk ovf:diskId='d7' ovf:capacity='1'/></DiskSection>"
         "<VirtualSystem ovf:id='x'><VirtualHardwareSection>", fp);
  for (unsigned i = 0; i < ITEMS; i++)
    fprintf (fp, DISK ("/disk/d%u"), i);
  fputs ("</VirtualHardwareSection></VirtualSystem></Envelope>", fp);
  assert (fclose (fp) == 0);

  g = read_text (text, len);
  if (g == NULL)
    fprintf (stderr, "%s\n", err.message);
  assert (g != NULL && disks.len == ITEMS);
  for (unsigned i = 0; i < ITEMS; i++)
    assert (disks.ptr[i].capacity == i + 1);
  guest_free (g);
}

static void
test_errors (void)
{
  fails ("<a/>", REASON_UNSUPPORTED, "is not a supported OVF");
  fails ("<Envelope", REASON_UNSUPPORTED, "test.ovf");
  fails (OVF (SYSTEM (DISK ("ovf:/disk/no"))), REASON_UNSUPPORTED,
         "the disk 'no'");
  fails (OVF (SYSTEM (DISK ("http://disk"))), REASON_UNSUPPORTED,
         "unknown form of HostResource");
  fails (OVF ("<DiskSection><Disk ovf:diskId='d' ovf:fileRef='f'/>"
              "</DiskSection>" SYSTEM (DISK ("/disk/d"))),
         REASON_UNSUPPORTED, "the file 'f'");
  fails (OVF ("<DiskSection><Disk ovf:diskId='d' ovf:parentRef='e'/>"
              "</DiskSection>" SYSTEM (DISK ("/disk/d"))),
         REASON_SNAPSHOT, "the changes since the disk 'e'");
  fails (OVF ("<References><File ovf:id='f' ovf:href='a' "
              "ovf:compression='lzma'/></References>"
              SYSTEM (DISK ("/file/f"))), REASON_UNSUPPORTED, "'lzma'");
  fails (OVF ("<DiskSection>\n<Disk ovf:diskId='d' ovf:capacity='9' "
              "ovf:capacityAllocationUnits='byte * 2^63'/></DiskSection>"
              SYSTEM (DISK ("/disk/d"))), REASON_UNSUPPORTED,
         "test.ovf: line 3");
  fails (OVF (SYSTEM ("<Item><rasd:ResourceType>4</rasd:ResourceType>"
                      "<rasd:VirtualQuantity>x</rasd:VirtualQuantity>"
                      "</Item>")), REASON_UNSUPPORTED, "test.ovf: line 2");
}

int
main (void)
{
  test_full ();
  test_defaults ();
  test_version_2 ();
  test_version_0_9 ();
  test_quantity ();
  test_units ();
  test_properties ();
  test_no_properties ();
  test_ovirt ();
  test_several ();
  test_choice ();
  test_many ();
  test_errors ();
  ovf_disks_free (&disks);
  argv_reset (&warnings);
  return 0;
}
