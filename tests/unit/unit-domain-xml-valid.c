/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The domain XML that is written for each kind of source passes
 * virt-xml-validate.
 */

#include <config.h>

#undef NDEBUG
#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "guest/domain-xml.h"
#include "input/domain/domain-guest.h"
#include "input/input.h"
#include "unit-data.h"

static const struct domain_disk disks[] = {
  { .kind = DOMAIN_DISK_FILE, .path = "/a b/x-sda", .format = "raw" },
  { .kind = DOMAIN_DISK_BLOCK, .path = "/dev/vg/x", .format = "qcow2" },
  { .kind = DOMAIN_DISK_NBD, .path = "/run/x/in0", .format = "raw" },
};

static char *
convert (const char *name)
{
  const struct input_request request = { .format = NULL };
  struct error err = ERROR_INIT;
  struct guest *guest = guest_new (&err);
  CLEANUP_FREE char *path = NULL, *text = NULL;
  char *xml;
  size_t len;

  assert (asprintf (&path, "libvirtxml/%s.xml", name) != -1);
  text = data_read (path, &len);
  assert (domain_read_guest (text, len, name, &request, guest,
                             &err) == 0);
  xml = domain_xml (guest, guest->name, disks, ARRAY_LEN (disks), &err);
  assert (xml != NULL);
  guest_free (guest);
  return xml;
}

static void
check (const char *name)
{
  CLEANUP_FREE char *xml = convert (name);
  char path[] = "/tmp/unit-domain-xml-XXXXXX";
  CLEANUP_FREE char *command = NULL;
  CLEANUP_FD int fd = mkstemp (path);
  int status;

  assert (fd != -1);
  assert (write (fd, xml, strlen (xml)) == (ssize_t) strlen (xml));
  assert (asprintf (&command, "virt-xml-validate %s domain >&2",
                    path) != -1);
  status = system (command);
  unlink (path);
  if (status != 0) {
    fprintf (stderr, "%s:\n%s", name, xml);
    exit (EXIT_FAILURE);
  }
}

/* Does libvirt's schema know what is said of UEFI?  In 8.6 it does. */
static bool
schema_knows_uefi (void)
{
  return system ("grep -q stateless"
                 " /usr/share/libvirt/schemas/domaincommon.rng >&2") == 0;
}

int
main (void)
{
  if (system ("command -v virt-xml-validate >/dev/null") != 0) {
    fprintf (stderr, "%s: skipped: virt-xml-validate is not installed\n",
             program_invocation_short_name);
    return 77;
  }
  check ("test-default");
  check ("kvm-bios");
  check ("xen-hvm");
  check ("xen-pv");
  check ("network");
  if (!schema_knows_uefi ()) {
    fprintf (stderr, "%s: skipped: libvirt before 8.6 has no schema for UEFI "
             "that keeps variables\n", program_invocation_short_name);
    return 77;
  }
  check ("kvm-uefi-secure");
  check ("vmware");
  return EXIT_SUCCESS;
}
