/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The virtual machine of KubeVirt: names that Kubernetes takes, and what only
 * PCs have.  output/test-kubevirt.sh looks at whole ones.
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
#include "guest/kubevirt.h"

static const struct domain_disk disk = {
  .kind = DOMAIN_DISK_FILE, .path = "/d\\\"\n\xc3\xa4\xf0\x9f\x98\x80",
  .format = "raw",
};

static char *
vm_of (const struct guest *guest, const char *name)
{
  struct error err = ERROR_INIT;
  char *vm = kubevirt_vm (guest, name, &disk, 1, NULL, &err);

  if (vm == NULL)
    assert (err.reason == REASON_USAGE);
  else
    assert (kubevirt_vm_is (vm, strlen (vm)) && !kubevirt_vm_is (vm, 5));
  error_reset (&err);
  return vm;
}

static void
test_names (const struct guest *guest)
{
  static const char *const names[][2] = {
    { "a", "a" }, { "A B", "a-b" }, { "-.x.-", "x" }, { "1\xc3\xa4_2", "1-2" },
    { "\xff\"\n- evil: x", "evil-x" },
  };
  static const char *const bad[] = { "", "--", "\xc3\xa4", "\x01" };

  for (size_t i = 0; i < ARRAY_LEN (names); i++) {
    CLEANUP_FREE char *vm = vm_of (guest, names[i][0]);
    char wanted[64];

    snprintf (wanted, sizeof wanted, "\n  name: \"%s\"\n", names[i][1]);
    assert (vm != NULL && strstr (vm, wanted) != NULL);
    assert (strstr (vm, "evil: x\n") == NULL);
  }
  for (size_t i = 0; i < ARRAY_LEN (bad); i++)
    assert (vm_of (guest, bad[i]) == NULL);
}

static void
test_text (const struct guest *guest)
{
  CLEANUP_FREE char *vm = vm_of (guest, "x");

  assert (strstr (vm, "path: \"/d\\\\\\\"\\u000A\\u00E4\\U0001F600\"\n")
          != NULL);
}

static void
test_machines (struct guest *guest)
{
  CLEANUP_FREE char *pc = NULL, *arm = NULL;

  guest->cpu.count = 8;
  guest->cpu.sockets = guest->cpu.cores = guest->cpu.threads = 2;
  guest->sound = strdup ("ich9");
  pc = vm_of (guest, "x");
  assert (strstr (pc, " cores: 2\n") && strstr (pc, " threads: 2\n"));
  assert (strstr (pc, " bus: sata\n") && strstr (pc, " bios: {}\n"));
  assert (strstr (pc, " sound:\n") && !strstr (pc, " architecture: "));
  guest->arch = strdup ("aarch64");
  arm = vm_of (guest, "x");
  assert (strstr (arm, " cores: 4\n") && strstr (arm, " threads: 1\n"));
  assert (strstr (arm, " bus: virtio\n") && !strstr (arm, " bios: {}\n"));
  assert (!strstr (arm, " sound:\n"));
  assert (strstr (arm, " architecture: \"arm64\"\n"));
}

int
main (void)
{
  struct error err = ERROR_INIT;
  struct guest *guest = guest_new (&err);

  assert (guest != NULL);
  test_names (guest);
  test_text (guest);
  test_machines (guest);
  guest_free (guest);
  return EXIT_SUCCESS;
}
