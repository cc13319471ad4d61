/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What is taken for a VMDK descriptor: at least what qemu-img takes for
 * one, which would open the files that it names.
 */

#include <config.h>

#undef NDEBUG
#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "image/vmdk.h"
#include "io/tempdir.h"

static const struct {
  const char *start;
  size_t len;
  bool descriptor;
} starts[] = {
#define START(str, descriptor) { str, sizeof str - 1, descriptor }
  START ("# Disk DescriptorFile\nversion=1\n", true),
  START ("# disk descriptorfile\nversion=1\n", true),
  START ("version=1\n", true),
  START ("version=2\r\n", true),
  START ("version=3\n", true),
  START ("version=4\n", false),
  START ("version=1", false),
  START ("version=1 \n", false),
  START ("version=1\r", false),
  START ("version = 1\n", false),
  START ("Version=1\n", false),
  START (" version=1\n", false),
  START ("\tversion=1\n", false),
  START ("\nversion=1\n", false),
  START (" \nversion=1\n", true),
  START ("  \r\nversion=1\n", true),
  START ("\r\nversion=1\n", false),
  START ("#\nversion=1\n", true),
  START ("#\0\r\n#x\n \nversion=1\r\n", true),
  START ("#\0version=1\n", false),
  START (" \0\nversion=1\n", false),
  START ("# version=1\n", false),
};

/* Is what begins so the same for qemu-img?  (It cannot open all that it
 * takes for a VMDK.)
 */
static bool
qemu_agrees (const char *dir, size_t i)
{
  char path[PATH_MAX], command[2 * PATH_MAX];
  FILE *fp;
  bool vmdk;

  snprintf (path, sizeof path, "%s/x", dir);
  fp = fopen (path, "w");
  assert (fp != NULL);
  fwrite (starts[i].start, starts[i].len, 1, fp);
  fputs ("CID=fffffffe\nparentCID=ffffffff\n"
         "createType=\"monolithicFlat\"\nRW 2 FLAT \"y\" 0\n"
         "ddb.adapterType=\"ide\"\n", fp);
  for (int n = 0; n < 1024; n++)
    putc ('\0', fp);
  assert (fclose (fp) == 0);
  snprintf (command, sizeof command, "cd %s && truncate -s 1024 y && "
            "qemu-img info x 2>&1 | grep -q 'format: raw'", dir);
  vmdk = system (command) != 0;
  return vmdk == starts[i].descriptor;
}

int
main (void)
{
  struct error err = ERROR_INIT;
  struct tempdir *dir = tempdir_new ("/var/tmp", NULL, &err);
  const bool has_qemu = system ("command -v qemu-img >/dev/null") == 0;
  int r = 0;

  assert (dir != NULL);
  for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
    const bool descriptor = vmdk_kind_of (starts[i].start, starts[i].len)
      == VMDK_DESCRIPTOR;

    if (descriptor != starts[i].descriptor ||
        (has_qemu && !qemu_agrees (tempdir_path (dir), i))) {
      fprintf (stderr, "%zu: %s\n", i, starts[i].start);
      r = 1;
    }
  }
  tempdir_free (dir);
  assert (vmdk_kind_of ("KDMV", 4) == VMDK_SPARSE);
  assert (vmdk_kind_of ("COWD", 4) == VMDK_DELTA);
  assert (vmdk_kind_of ("", 0) == VMDK_NONE);
  return r;
}
