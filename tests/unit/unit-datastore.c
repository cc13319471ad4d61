/* SPDX-License-Identifier: GPL-2.0-or-later */

/* VMware's names of disks, and their URLs. */

#include <config.h>

#undef NDEBUG
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "guest/datastore.h"

static const struct {
  const char *host;
  unsigned port;
  const char *datacenter, *path, *url;
} urls[] = {
  { "vc.example.com", 0, "DC", "[ds] vm/vm.vmdk",
    "https://vc.example.com/folder/vm/vm-flat.vmdk?dcPath=DC&dsName=ds" },
  { "fe80::1", 443, "ha-datacenter", "[a b] VM/Disk.VMDK",
    "https://[fe80::1]/folder/VM/Disk-flat.vmdk?dcPath=ha-datacenter"
    "&dsName=a%2520b" },
  { "h", 8443, "folder/D+C & 50%",
    "[yellow:storage1] x] y/100%25 'é' #?.vmdk",
    "https://h:8443/folder/x%5D%20y/100%2525%20%27%C3%A9%27%20%23%3F-flat.vmdk"
    "?dcPath=folder/D%252BC%2520%2526%252050%2525"
    "&dsName=yellow%253Astorage1" },
};

static const char *const invalid[] = {
  "", "vm.vmdk", "[ds]", "[ds] ", "[ds] .vmdk", "[] vm.vmdk", "[ds]vm.vmdk",
  "[ds] vm.iso", "/vmfs/volumes/ds/vm.vmdk", "[ds vm.vmdk",
};

static const char *const no_snapshots[] = {
  "", ".vmdk", "-000001.vmdk", "vm.vmdk", "[ds] vm-00001.vmdk",
  "[ds] vm-000001.vmd", "[ds] vm-00000a.vmdk", "[ds] vm000001.vmdk",
};

static void
test_snapshot (void)
{
  struct error err = ERROR_INIT;
  CLEANUP_FREE char *path = NULL;

  for (size_t i = 0; i < ARRAY_LEN (no_snapshots); i++)
    assert (!datastore_path_is_snapshot (no_snapshots[i]));
  assert (datastore_path_is_snapshot ("[ds] v/v-000012.vmdk"));
  path = datastore_without_snapshot ("[ds] v/v-000012.vmdk", &err);
  assert (strcmp (path, "[ds] v/v.vmdk") == 0);
}

int
main (void)
{
  for (size_t i = 0; i < ARRAY_LEN (urls); i++) {
    struct error err = ERROR_INIT;
    CLEANUP_FREE char *url = NULL;

    assert (datastore_path_valid (urls[i].path));
    url = datastore_url (urls[i].host, urls[i].port, urls[i].datacenter,
                         urls[i].path, &err);
    if (url == NULL || strcmp (url, urls[i].url) != 0) {
      fprintf (stderr, "%s: %s\n", urls[i].path, url);
      abort ();
    }
  }
  for (size_t i = 0; i < ARRAY_LEN (invalid); i++)
    assert (!datastore_path_valid (invalid[i]));
  test_snapshot ();
  return 0;
}
