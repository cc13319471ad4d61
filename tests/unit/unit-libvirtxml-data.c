/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Domain XML as libvirt writes it for each kind of host, and what
 * --print-source shows of it.
 */

#include <config.h>

#undef NDEBUG
#include <assert.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "guest/guest-text.h"
#include "input/domain/domain-guest.h"
#include "input/input.h"
#include "unit-data.h"

static void
check (const char *name)
{
  const struct input_request request = { .format = NULL };
  CLEANUP_FREE char *xml_name = NULL, *txt_name = NULL, *xml = NULL,
    *expected = NULL, *actual = NULL;
  struct error err = ERROR_INIT;
  struct guest *guest = guest_new (&err);
  size_t len;
  FILE *fp;

  assert (asprintf (&xml_name, "libvirtxml/%s.xml", name) != -1);
  assert (asprintf (&txt_name, "libvirtxml/%s.txt", name) != -1);
  xml = data_read (xml_name, &len);
  if (domain_read_guest (xml, len, name, &request, guest, &err) == -1) {
    fprintf (stderr, "%s\n", err.message);
    exit (EXIT_FAILURE);
  }
  expected = data_read (txt_name, &len);
  fp = open_memstream (&actual, &len);
  assert (fp != NULL);
  assert (guest_text (guest, fp, &err) == 0);
  assert (fclose (fp) == 0);
  if (strcmp (actual, expected) != 0) {
    fprintf (stderr, "%s: not as in %s:\n%s", name, txt_name, actual);
    exit (EXIT_FAILURE);
  }
  guest_free (guest);
}

int
main (void)
{
  check ("test-default");
  check ("kvm-bios");
  check ("kvm-uefi-secure");
  check ("vmware");
  check ("xen-hvm");
  check ("xen-pv");
  check ("network");
  return EXIT_SUCCESS;
}
