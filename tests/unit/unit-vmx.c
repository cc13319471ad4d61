/* SPDX-License-Identifier: GPL-2.0-or-later */

/* .vmx files: the parser, and what the keys say about the guest. */

#include <config.h>

#undef NDEBUG
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "guest/guest.h"
#include "input/vmx/vmx.h"
#include "io/reader.h"

static struct error err = ERROR_INIT;
static struct argv files;
static char warning[200];       /* the last one */

static struct guest *
read_text (const char *text, size_t len)
{
  CLEANUP_ARGV struct argv warnings = { .ptr = NULL };
  struct guest *guest = guest_new (&err);

  argv_reset (&files);
  assert (guest != NULL);
  if (vmx_read (text, len, "test.vmx", guest, &files, &warnings,
                &err) == -1) {
    guest_free (guest);
    return NULL;
  }
  snprintf (warning, sizeof warning, "%s", warnings.len == 0 ? ""
            : warnings.ptr[warnings.len - 1]);
  return guest;
}

static struct guest *
read_string (const char *text)
{
  return read_text (text, strlen (text));
}

static void
fails (const char *text, enum reason reason, const char *part)
{
  struct guest *guest = read_string (text);

  assert (guest == NULL);
  if (err.reason != reason || strstr (err.message, part) == NULL) {
    fprintf (stderr, "%s: '%s' is not in '%s'\n", reason_name (err.reason),
             part, err.message);
    abort ();
  }
  error_reset (&err);
}

static void
test_esxi (void)
{
  const char *srcdir = getenv ("srcdir");
  CLEANUP_FREE char *path = NULL, *text = NULL;
  CLEANUP_READER struct reader *reader = NULL;
  static const char *const names[] = {
    "web 1.vmdk", "web_2.vmdk", "/vmfs/volumes/ds2/web/web_n.vmdk",
    "web_3.vmdk", "old.vmdk",
  };
  static const enum disk_bus buses[] = {
    BUS_SCSI, BUS_SCSI, BUS_NVME, BUS_SATA, BUS_IDE,
  };
  struct guest *g;
  size_t len;

  assert (asprintf (&path, "%s/data/vmx/esxi.vmx",
                    srcdir == NULL ? "." : srcdir) != -1);
  reader = reader_file_new (path, &err);
  assert (reader != NULL);
  text = reader_slurp (reader, VMX_SIZE_MAX, &len, &err);
  g = read_text (text, len);
  assert (g != NULL);
  assert (strcmp (g->name, "R&D \"web\" | Gl\xc3\xbc" "ck") == 0);
  assert (g->memory == UINT64_C (3072) << 20);
  assert (g->cpu.count == 4 && g->cpu.sockets == 2 && g->cpu.cores == 2);
  assert (g->firmware == FIRMWARE_UEFI && g->secure_boot && g->tpm);
  assert (strcmp (g->clock_offset, "localtime") == 0);
  assert (strcmp (g->sound, "ich6") == 0);
  assert (strcmp (g->display, "vnc") == 0);
  assert (strlen (g->genid) == 36);
  assert (g->disks.len == 5 && files.len == 5);
  for (size_t i = 0; i < 5; i++) {
    assert (strcmp (files.ptr[i], names[i]) == 0);
    assert (g->disks.ptr[i].bus == buses[i]);
  }
  assert (g->removables.len == 2);
  assert (g->removables.ptr[0].bus == BUS_SATA);
  assert (g->removables.ptr[1].bus == BUS_IDE);
  assert (g->removables.ptr[1].slot == 2);
  assert (g->nics.len == 2);
  assert (strcmp (g->nics.ptr[0].mac, "00:50:56:ac:cf:51") == 0);
  assert (strcmp (g->nics.ptr[0].model, "vmxnet3") == 0);
  assert (strcmp (g->nics.ptr[0].network, "VM Network") == 0);
  assert (g->nics.ptr[0].kind == NIC_NETWORK);
  assert (strcmp (g->nics.ptr[1].mac, "00:50:56:00:00:07") == 0);
  assert (g->nics.ptr[1].model == NULL);
  assert (g->nics.ptr[1].kind == NIC_BRIDGE);
  assert (strcmp (g->nics.ptr[1].network, "ethernet1") == 0);
  guest_free (g);
}

static void
test_defaults (void)
{
  struct guest *g = read_string ("config.version = \"8\"\r\n\r\n");

  assert (g != NULL);
  assert (strcmp (g->name, "test") == 0);
  assert (g->memory == 32 << 20 && g->cpu.count == 1);
  assert (g->cpu.sockets == 0 && g->firmware == FIRMWARE_BIOS);
  assert (!g->secure_boot && g->disks.len == 0 && g->nics.len == 0);
  guest_free (g);
}

/* What is not copied is told. */
static void
test_passed_through (void)
{
  static const char text[] =
    "displayName = \"x\"\n"
    "scsi0:0.fileName = \"a.vmdk\"\n"
    "scsi0:1.deviceType = \"scsi-passthru\"\n"
    "scsi0:1.fileName = \"/vmfs/devices/disks/naa.5\"\n"
    "ide0:0.deviceType = \"cdrom-raw\"\n";
  struct guest *g = read_string (text);

  assert (g != NULL && g->disks.len == 1 && g->removables.len == 1);
  assert (strstr (warning, "scsi0:1 is a device of type 'scsi-passthru'")
          != NULL);
  guest_free (g);
}

/* The units beside the first disk, what they are, and the warning. */
static void
unit (const char *lines, size_t disks, size_t drives, const char *expected)
{
  CLEANUP_FREE char *text = NULL;
  struct guest *g;

  assert (asprintf (&text, "displayName = x\nscsi0:0.fileName = a.vmdk\n%s",
                    lines) != -1);
  g = read_string (text);
  if (g == NULL || g->disks.len != 1 + disks || g->removables.len != drives ||
      (*expected == '\0' ? *warning != '\0'
       : strstr (warning, expected) == NULL)) {
    fprintf (stderr, "%s'%s' is not '%s'\n", text, warning, expected);
    abort ();
  }
  guest_free (g);
}

static void
test_left_out (void)
{
  unit ("ide0:0.present = TRUE\nide0:0.fileName = b.img\n", 0, 0,
        "ide0:0 is left out: its file 'b.img' is not a .vmdk");
  unit ("sata0:3.present = TRUE\n", 0, 0,
        "sata0:3 is left out: it has no fileName");
  unit ("ide0:0.deviceType = tape-image\nide0:0.fileName = b.vmdk\n", 0, 0,
        "ide0:0 is a device of type 'tape-image'");
  unit ("nvdimm0.present = TRUE\nnvdimm0:0.fileName = b.vmdk\n", 0, 0,
        "nvdimm0:0 is left out: disks on this bus");
  unit ("scsi70:0.fileName = B.VMDK\n", 0, 0, "scsi70:0 is left out");
  unit ("pciPassthru0.present = TRUE\n", 0, 0,
        "pcipassthru0 is a device of type 'PCI passthrough', which is left");
  unit ("pciPassthru1.present = FALSE\npciPassthru1.id = 4\n", 0, 0, "");
  /* No disks, and nothing to tell. */
  unit ("scsi0:1.redo = \"\"\nide1:0.autodetect = TRUE\n", 0, 0, "");
  unit ("ide1:0.present = no\nide1:0.fileName = b.img\n", 0, 0, "");
  unit ("usb:0.present = TRUE\nusb:0.deviceType = hid\n", 0, 0, "");
  unit ("nvdimm0:0.present = FALSE\nnvdimm0:0.fileName = b.vmdk\n", 0, 0,
        "");
  unit ("scsi1.present = FALSE\nscsi1:0.present = TRUE\n"
        "scsi1:0.fileName = b.img\n", 0, 0, "");
  unit ("scsi0:1.fileName = x.ISO\nide1:0.fileName = auto detect\n", 0, 2,
        "");
  /* Disks, or not: that is seen when the file is opened. */
  unit ("scsi0:1.fileName = b.img\nide0:0.fileName = c.vmdk\n", 2, 0, "");
}

/* vSphere 8 writes 0 for "assigned at power on". */
static void
test_cores (void)
{
  struct guest *g = read_string ("displayName = x\nnumvcpus = \"4\"\n"
                                 "cpuid.coresPerSocket = \"0\"\n");

  assert (g != NULL && g->cpu.count == 4 && g->cpu.sockets == 0);
  assert (*warning == '\0');
  guest_free (g);
}

/* One name for two cards. */
static void
test_vmxnet (void)
{
  struct guest *g =
    read_string ("ethernet0.virtualDev = \"vmxnet\"\n"
                 "ethernet0.features = \"15\"\n"
                 "ethernet1.virtualDev = \"vmxnet\"\n"
                 "ethernet1.features = \"1\"\n"
                 "ethernet2.virtualDev = \"E1000e\"\n"
                 "ethernet2.features = \"15\"\n");

  assert (g != NULL && g->nics.len == 3);
  assert (strcmp (g->nics.ptr[0].model, "vmxnet2") == 0);
  assert (strcmp (g->nics.ptr[1].model, "vmxnet") == 0);
  assert (strcmp (g->nics.ptr[2].model, "e1000e") == 0);
  guest_free (g);
}

static void
test_form (void)
{
  struct guest *g;

  g = read_string ("#!/usr/bin/vmware\r\n  displayname=\"a = # b\" # c\r\n"
                   "MEMSIZE = 512\nnonsense\nx = \"y\n");
  assert (g != NULL);
  assert (strcmp (g->name, "a = # b") == 0);
  assert (g->memory == 512 << 20);
  guest_free (g);

  g = read_string ("displayName = \"bars: | |x |2\"");
  assert (g != NULL && strcmp (g->name, "bars: | |x |2") == 0);
  guest_free (g);

  g = read_string ("displayName = \"a \"b\" c\"");
  assert (g != NULL && strcmp (g->name, "a \"b\" c") == 0);
  guest_free (g);
}

static void
test_encodings (void)
{
  static const struct {
    const char *text, *name;
  } cases[] = {
    { ".encoding = \"windows-1252\"\ndisplayName = \"f\xfcr \x80\"\n",
      "f\xc3\xbcr \xe2\x82\xac" },
    { "displayName = \"f\xfcr\"\n", "f\xc3\xbcr" },
    { "displayName = \"f\xc3\xbcr\"\n", "f\xc3\xbcr" },
    { "\xef\xbb\xbf" "displayName = \"bom\"\n", "bom" },
    { ".encoding = \"GBK\"\ndisplayName = \"\xd6\xd0\xce\xc4\"\n",
      "\xe4\xb8\xad\xe6\x96\x87" },
    /* The second byte of this character is a bar. */
    { ".encoding = \"Shift_JIS\"\ndisplayName = \"\x83\x7c" "22\"\n",
      "\xe3\x83\x9d" "22" },
  };

  for (size_t i = 0; i < ARRAY_LEN (cases); i++) {
    struct guest *g = read_string (cases[i].text);

    assert (g != NULL && strcmp (g->name, cases[i].name) == 0);
    guest_free (g);
  }
  fails ("a = \"b\"\n.encoding = \"klingon-8\"\n", REASON_UNSUPPORTED,
         "test.vmx:2: this system does not know the encoding 'klingon-8'");
  fails (".encoding = \"UTF-8\"\nb=\"c\"\ndisplayName = \"\xff\"\n",
         REASON_UNSUPPORTED, "test.vmx:3: the text is not valid UTF-8");
}

static void
test_errors (void)
{
  fails ("memSize = \"1024\"\n\nmemsize = \"2048\"\n", REASON_UNSUPPORTED,
         "test.vmx:3: memsize has another value than in line 1");
  fails ("vtpm.present = \"TRUE\"\nmanagedvm.autoAddVTPM = \"software\"\n"
         "managedvm.autoAddVTPM = \"none\"\n", REASON_UNSUPPORTED,
         "managedvm.autoaddvtpm has another value than in line 2");
  fails ("\nmemSize = \"much\"\n", REASON_UNSUPPORTED, "test.vmx:2: memsize");
  fails ("numvcpus = \"0\"\n", REASON_UNSUPPORTED, "test.vmx:1: numvcpus");
  fails ("numvcpus = \"-1\"\n", REASON_UNSUPPORTED, "test.vmx:1: numvcpus");
  fails ("scsi0:0.present = \"maybe\"\n", REASON_UNSUPPORTED,
         "test.vmx:1: scsi0:0.present");
  fails ("scsi0:0.deviceType = \"disk\"\n", REASON_UNSUPPORTED,
         "scsi0:0 has no fileName");
  fails ("ethernet0.generatedAddress = \"00:11\"\n", REASON_UNSUPPORTED,
         "test.vmx:1: ethernet0: '00:11' is not a MAC address");
  fails ("a = \"b\"\ndisplayName = \"a|00b\"\n", REASON_UNSUPPORTED,
         "test.vmx:2: ");
  fails ("encryption.data = \"x\"\n", REASON_UNSUPPORTED, "encrypted");
  fails ("encryption.data = \"x\"\nencryption.type = \"full\"\n",
         REASON_UNSUPPORTED, "encrypted");
  fails ("encryption.data = \"x\"\nencryption.type = \"partial\"\n"
         "vmx.encryptionType = \"full\"\n", REASON_UNSUPPORTED,
         "encrypted");
  fails ("KDMV", REASON_USAGE, "is a VMDK");
  fails ("# Disk DescriptorFile\nversion=1\n", REASON_USAGE, "is a VMDK");
  fails ("hello\n", REASON_USAGE, "not a .vmx file");
  fails ("", REASON_USAGE, "not a .vmx file");
}

/* What nothing asks for may be as odd as it likes. */
static void
test_unknown (void)
{
  struct guest *g;

  g = read_string ("foo = \"1\"\nfoo = \"2\"\nscsi0:999999.x = \"1\"\n"
                   "scsi99:0.fileName = \"a.vmdk\"\nscsi0:0 = \"b\"\n"
                   "memSize = \"64\"\nmemSize = \"64\"\n"
                   "numvcpus = \"3\"\ncpuid.coresPerSocket = \"2\"\n");
  assert (g != NULL);
  assert (g->disks.len == 0 && g->memory == 64 << 20);
  assert (g->cpu.count == 3 && g->cpu.sockets == 0);
  guest_free (g);
}

int
main (void)
{
  test_esxi ();
  test_defaults ();
  test_passed_through ();
  test_left_out ();
  test_cores ();
  test_vmxnet ();
  test_form ();
  test_encodings ();
  test_errors ();
  test_unknown ();
  argv_reset (&files);
  return 0;
}
