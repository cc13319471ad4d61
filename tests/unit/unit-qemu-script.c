/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The script that starts a guest: what a source says cannot break it, and a
 * machine of ARM gets what it needs.  output/test-qemu-*.sh run scripts.
 */

#include <config.h>

#undef NDEBUG
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "guest/domain-xml.h"
#include "guest/guest.h"
#include "guest/qemu-script.h"

static const struct domain_disk disks[] = {
  { .kind = DOMAIN_DISK_FILE, .path = "/a,b/it's", .format = "raw" },
  { .kind = DOMAIN_DISK_BLOCK, .path = "/dev/vg/x", .format = "qcow2" },
};

static struct guest *
new_guest (const char *arch)
{
  struct error err = ERROR_INIT;
  struct guest *guest = guest_new (&err);

  assert (guest != NULL);
  guest->arch = arch != NULL ? strdup (arch) : NULL;
  return guest;
}

static char *
script_of (const struct guest *guest, const char *name)
{
  struct error err = ERROR_INIT;
  char *script = qemu_script (guest, name, disks, 2, "/v,w/vars", &err);

  if (script == NULL) {
    fprintf (stderr, "%s\n", err.message);
    abort ();
  }
  assert (qemu_script_is (script, strlen (script)));
  assert (!qemu_script_is (script, 20));
  return script;
}

static void
test_quoting (void)
{
  struct guest *guest = new_guest (NULL);
  CLEANUP_FREE char *script = NULL;

  guest->genid = strdup ("x,y'$(reboot)");
  script = script_of (guest, "a,b\n\x1b'\\\"$`");
  assert (strstr (script, "-name 'guest=a,,b__'\\''\\\"$`' \\\n") != NULL);
  assert (strstr (script, "file=/a,,b/it'\\''s' \\\n") != NULL);
  assert (strstr (script, "guid=x,,y'\\''$(reboot)' \\\n") != NULL);
  assert (strstr (script, "-nic none \\\n") != NULL);
  assert (strstr (script, "/v,") == NULL); /* no UEFI */
  guest_free (guest);
}

static void
test_arm (void)
{
  struct guest *guest = new_guest ("aarch64");
  CLEANUP_FREE char *script = NULL;

  guest->secure_boot = true;
  script = script_of (guest, "arm");
  assert (strstr (script, "exec qemu-system-aarch64 \\\n") != NULL);
  assert (strstr (script, "-machine virt,accel=kvm:tcg \\\n") != NULL);
  assert (strstr (script, "vars=/v,w/vars\n") != NULL);
  assert (strstr (script, "/usr/share/AAVMF/") != NULL);
  assert (strstr (script, "unit=1,format=raw,file=/v,,w/vars \\\n") != NULL);
  assert (strstr (script, "-vga") == NULL);
  guest_free (guest);
}

/* It would be the name of another program. */
static void
test_arch (void)
{
  static const char *const bad[] = { "../../tmp/x", "x86_64 -S", "X", "" };

  for (size_t i = 0; i < ARRAY_LEN (bad); i++) {
    struct guest *guest = new_guest (bad[i]);
    struct error err = ERROR_INIT;

    assert (qemu_script (guest, "x", disks, 2, "/vars", &err) == NULL);
    assert (err.reason == REASON_UNSUPPORTED);
    error_reset (&err);
    guest_free (guest);
  }
}

int
main (void)
{
  test_quoting ();
  test_arm ();
  test_arch ();
  return EXIT_SUCCESS;
}
