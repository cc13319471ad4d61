/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What --print-source does not show of a guest from domain XML, and what
 * the XML may not say.
 */

#include <config.h>

#undef NDEBUG
#include <assert.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/secret.h"
#include "input/domain/domain-guest.h"
#include "input/input.h"
#include "unit-data.h"

#define GUEST(inside) "<domain>\n<name>x</name>\n" inside "\n</domain>"
#define DISK(inside) GUEST ("<devices>\n" inside "</devices>")
#define NETWORK(protocol, inside)                               \
  DISK ("<disk type='network'>\n<source protocol='" protocol "' " inside \
        "</source></disk>")

static const struct input_request no_request;

static struct guest *
parse (const char *xml, size_t len, const struct input_request *request,
       struct error *err)
{
  struct guest *guest = guest_new (err);

  if (domain_read_guest (xml, len, "x.xml", request, guest, err) == 0)
    return guest;
  guest_free (guest);
  return NULL;
}

static void
refused (const char *xml, const char *expected)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  struct guest *guest = parse (xml, strlen (xml), &no_request, &err);

  if (guest != NULL) {
    fprintf (stderr, "accepted: %s\n", xml);
    abort ();
  }
  if (strstr (err.message, expected) == NULL) {
    fprintf (stderr, "'%s' does not hold '%s'\n", err.message, expected);
    abort ();
  }
  assert (err.reason == REASON_UNSUPPORTED);
}

static void
test_refused (void)
{
  refused ("<network><name>x</name></network>", "line 1: this is not");
  refused ("<domain/>", "line 1: the guest has no name");
  refused ("<domain><name/></domain>", "no name");
  refused (GUEST ("<name>y</name>"), "line 3: there is more than one 'name'");
  refused (GUEST ("<memory>x</memory>"), "line 3: memory: 'x'");
  refused (GUEST ("<memory>-1</memory>"), "line 3: memory");
  refused (GUEST ("<memory unit='PB'>9223372036854775807</memory>"),
           "line 3: too much memory");
  refused (GUEST ("<memory unit='XB'>1</memory>"),
           "unknown memory unit: 'XB'");
  refused (GUEST ("<memory unit='K1'>1</memory>"),
           "unknown memory unit: 'K1'");
  refused (GUEST ("<vcpu>0</vcpu>"), "line 3: vcpu");
  refused (GUEST ("<vcpu>4</vcpu>\n<cpu><topology sockets='1' cores='2' "
                  "threads='1'/></cpu>"),
           "line 4: the topology has 2 CPUs, but the guest has 4");
  refused (GUEST ("<cpu><topology sockets='65535' cores='65535' "
                  "threads='65535' dies='65535' clusters='65535'/></cpu>"),
           "more than 65535 CPUs");
  refused (GUEST ("<os firmware='bios'><loader type='pflash'>x</loader></os>"),
           "line 3: the firmware is bios, but the loader is for");
  refused (GUEST ("<os firmware='bios'><loader secure='yes'/></os>"),
           "secure boot");
  refused (GUEST ("<os firmware='x'/>"), "firmware of kind 'x'");
  refused (GUEST ("<genid>x</genid>"), "line 3: 'x' is not a UUID");
  refused (GUEST ("<devices>\n<interface><mac address='x'/></interface>"
                  "</devices>"), "line 4: 'x' is not a MAC address");
}

static void
test_refused_disks (void)
{
  refused (DISK ("<disk/>"), "line 4: the disk has no source");
  refused (DISK ("<disk type='file'><source dev='x'/></disk>"),
           "line 4: the disk's source has no file");
  refused (DISK ("<disk type='block'>\n<source file='x'/></disk>"),
           "line 5: the disk's source has no dev");
  refused (DISK ("<disk><source file='x'/>\n<source file='y'/></disk>"),
           "line 5: there is more than one 'source'");
  refused (DISK ("<disk type='volume'><source pool='p' volume='v'/></disk>"),
           "line 4: disks of type 'volume'");
  refused (DISK ("<disk type='dir'><source dir='/'/></disk>"),
           "line 4: disks of type 'dir'");
  refused (DISK ("<disk device='tape'><source file='x'/></disk>"), "'tape'");
  refused (DISK ("<disk><source file='x'/><target dev='vda'/></disk>\n"
                 "<disk><source file='y'/><target dev='vda'/></disk>"),
           "line 5: two disks have the target 'vda'");
  refused (DISK ("<disk><source file='x'/><driver type='-x'/></disk>"),
           "'-x' is not the name of a disk format");
  refused (DISK ("<disk><source file='x'/>\n<encryption format='luks'/>"
                 "</disk>"), "line 5: disks that the host encrypts");
  refused (DISK ("<disk><source file='x'><slices><slice type='storage' "
                 "offset='x' size='1'/></slices></source></disk>"), "offset");
}

static void
test_refused_networks (void)
{
  refused (NETWORK ("rbd", "name='x'>"),
           "line 5: network disks of protocol 'rbd'");
  refused (DISK ("<disk type='network'><source/></disk>"), "no protocol");
  refused (NETWORK ("http", "name='x'>"), "line 5: the disk's source has no "
           "host");
  refused (NETWORK ("http", "><host name='h'/>"), "no name");
  refused (NETWORK ("http", "name='x'><host name='h'/>\n<host name='i'/>"),
           "line 6: there is more than one 'host'");
  refused (NETWORK ("ssh", "name='x'><host name='-oProxyCommand=x'/>"),
           "is not a host name");
  refused (NETWORK ("http", "name='x'><host name='u:p@h'/>"),
           "is not a host name");
  refused (NETWORK ("http", "name='x'><host name='h/p'/>"),
           "is not a host name");
  refused (NETWORK ("nbd", "><host name='h' port='65536'/>"), "port");
  refused (NETWORK ("nbd", "><host transport='rdma' name='h'/>"), "'rdma'");
  refused (NETWORK ("nbd", "><host transport='unix'/>"), "no socket");
  refused (NETWORK ("http", "name='x'><host name='h'/><cookies>\n"
                    "<cookie name='a'>b&#10;Host: c</cookie></cookies>"),
           "line 6: this is not a cookie");
  refused (NETWORK ("ssh", "name='x'><host name='h'/><auth username='a'/>"
                    "<identity username='b'/>"), "names two users");
}

/* network.xml: what its text does not show. */
static void
test_network_details (void)
{
  struct error err = ERROR_INIT;
  CLEANUP_FREE char *xml = NULL;
  struct secret *password = secret_new ("sesame", 6, &err);
  const struct input_request request = { .password = password };
  const struct location *location;
  struct guest *guest;
  size_t len;

  xml = data_read ("libvirtxml/network.xml", &len);
  guest = parse (xml, len, &request, &err);
  assert (guest != NULL && guest->disks.len == 8);

  location = &guest->disks.ptr[0].location;
  assert (location->kind == LOCATION_CURL && location->password == NULL);
  assert (location->params.len == 0);

  location = &guest->disks.ptr[1].location;
  assert (strcmp (location->user, "mig rator") == 0);
  assert (strcmp (secret_reveal (location->password), "sesame") == 0);
  assert (argv_contains (&location->params, "sslverify=false"));
  assert (argv_contains (&location->params, "timeout=2000"));
  assert (location->cookie_params.len == 1);
  assert (strcmp (location->cookie_params.ptr[0],
                  "cookie=session=topsecret-1; path=\"/a b\"") == 0);

  assert (strcmp (guest->disks.ptr[2].location.user, "old") == 0);

  location = &guest->disks.ptr[3].location;
  assert (location->kind == LOCATION_SSH && location->port == 2222);
  assert (strcmp (location->host, "::1") == 0);
  assert (strcmp (location->path, "/srv/100%d disk.img") == 0);
  assert (strcmp (location->agent_socket, "/run/agent.sock") == 0);
  assert (argv_contains (&location->params, "identity=/root/.ssh/id 1"));
  assert (argv_contains (&location->params,
                         "known-hosts=/root/.ssh/known_hosts"));
  assert (argv_contains (&location->params, "timeout=30"));
  guest_free (guest);
  secret_free (password);
}

static void
test_vmware_details (void)
{
  struct error err = ERROR_INIT;
  CLEANUP_FREE char *xml = NULL;
  struct guest *guest;
  size_t len;

  xml = data_read ("libvirtxml/vmware.xml", &len);
  guest = parse (xml, len, &no_request, &err);
  assert (guest != NULL);
  assert (strcmp (guest->vmware.moref, "vm-1042") == 0);
  assert (strcmp (guest->vmware.datacenter, "Folder/Datacenter") == 0);
  guest_free (guest);
}

static uint64_t
memory_of (const char *xml)
{
  struct error err = ERROR_INIT;
  struct guest *guest = parse (xml, strlen (xml), &no_request, &err);
  uint64_t memory;

  assert (guest != NULL);
  memory = guest->memory;
  guest_free (guest);
  return memory;
}

static void
test_memory_units (void)
{
  assert (memory_of (GUEST ("<memory> 3\n</memory>")) == 3072);
  assert (memory_of (GUEST ("<memory unit='b'>3</memory>")) == 3);
  assert (memory_of (GUEST ("<memory unit='bytes'>3</memory>")) == 3);
  assert (memory_of (GUEST ("<memory unit='KB'>3</memory>")) == 3000);
  assert (memory_of (GUEST ("<memory unit='k'>3</memory>")) == 3072);
  assert (memory_of (GUEST ("<memory unit='MiB'>3</memory>")) == 3145728);
  assert (memory_of (GUEST ("<memory unit='G'>1</memory>")) == 1073741824);
  assert (memory_of (GUEST ("<memory unit='TB'>1</memory>")) ==
          UINT64_C (1000000000000));
  assert (memory_of (GUEST ("")) == 0);
}

/* -if is stronger than what the XML says. */
/* libvirt names the drives of each of VMware's buses from sda on. */
static void
test_same_target_other_bus (void)
{
  static const char xml[] =
    DISK ("<disk><source file='x'/><target dev='sda' bus='scsi'/></disk>"
          "<disk><source file='y'/><target dev='sda' bus='sata'/></disk>"
          "<disk device='cdrom'><target dev='sdb' bus='sata'/></disk>"
          "<disk><source file='z'/><target dev='sdb' bus='scsi'/></disk>");
  CLEANUP_ERROR struct error err = ERROR_INIT;
  struct guest *guest = parse (xml, strlen (xml), &no_request, &err);

  assert (guest != NULL && guest->disks.len == 3);
  assert (guest->disks.ptr[0].bus == BUS_SCSI);
  assert (guest->disks.ptr[1].bus == BUS_SATA);
  assert (strcmp (guest->disks.ptr[2].location.path, "z") == 0);
  assert (guest->removables.ptr[0].slot == 1);
  guest_free (guest);
  refused (DISK ("<disk><source file='x'/><target dev='sda'/></disk>\n"
                 "<disk><source file='y'/>"
                 "<target dev='sda' bus='scsi'/></disk>"),
           "line 5: two disks have the target 'sda'");
}

static void
test_format (void)
{
  static const char xml[] =
    DISK ("<disk><driver type='qcow2'/><source file='x'/></disk>");
  const struct input_request request = { .format = "raw" };
  struct error err = ERROR_INIT;
  struct guest *guest = parse (xml, strlen (xml), &request, &err);

  assert (guest != NULL);
  assert (strcmp (guest->disks.ptr[0].format, "raw") == 0);
  guest_free (guest);
}

int
main (void)
{
  test_refused ();
  test_refused_disks ();
  test_refused_networks ();
  test_network_details ();
  test_vmware_details ();
  test_memory_units ();
  test_same_target_other_bus ();
  test_format ();
  return EXIT_SUCCESS;
}
