/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Guests through the libvirt library and its test driver. */

#include <config.h>

#undef NDEBUG
#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/secret.h"
#include "input/input-libvirt.h"
#include "input/input.h"
#include "io/supervisor.h"

static struct guest *
read_guest (const char *connect, const char *name, const char *password,
            struct error *err)
{
  CLEANUP_ARGV struct argv sources = { .len = 0 };
  struct secret *secret = NULL;
  struct input_request request = { .sources = &sources, .connect = connect };
  struct guest *guest;

  assert (argv_append (&sources, name, err) == 0);
  if (password != NULL)
    secret = secret_new (password, strlen (password), err);
  request.password = secret;
  guest = input_read (&input_libvirt, &request, err);
  secret_free (secret);
  return guest;
}

static void
refused (const char *connect, const char *name, const char *password,
         enum reason reason, const char *message, const char *hint)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;

  assert (read_guest (connect, name, password, &err) == NULL);
  if (err.reason != reason || strstr (err.message, message) == NULL ||
      err.hint == NULL || strstr (err.hint, hint) == NULL) {
    fprintf (stderr, "%s: %s: %s (%s)\n", connect, reason_name (err.reason),
             err.message, err.hint);
    abort ();
  }
}

/* A guest with one disk in a file, or on a block device, of CONNECT's host.
 */
static int
reach (const char *connect, bool block, struct location *ret,
       struct error *err)
{
  struct secret *password = secret_new ("sesame", 6, err);
  const struct input_request request = {
    .connect = connect, .password = password,
  };
  struct guest *guest = guest_new (err);
  struct location *location = &guest_add_disk (guest, err)->location;
  int r;

  location->path = strdup ("/images/a b%.img");
  location->path_is_block = block;
  r = libvirt_reach_disks (&request, guest, err);
  if (r == 0) {
    *ret = *location;
    *location = (struct location) { .kind = LOCATION_FILE };
  }
  guest_free (guest);
  secret_free (password);
  return r;
}

static void
test_reach_ssh (void)
{
  struct error err = ERROR_INIT;
  struct location location;

  assert (reach ("xen+ssh://adm@[fe80::1]:2222/", false, &location,
                 &err) == 0);
  assert (location.kind == LOCATION_SSH);
  assert (strcmp (location.host, "fe80::1") == 0);
  assert (strcmp (location.user, "adm") == 0);
  assert (location.port == 2222);
  assert (strcmp (location.path, "/images/a b%.img") == 0);
  assert (strcmp (secret_reveal (location.password), "sesame") == 0);
  location_reset (&location);

  assert (reach ("xen+ssh://xen.example.com", false, &location, &err) == 0);
  assert (location.user == NULL && location.port == 0);
  assert (!location.path_is_block);
  location_reset (&location);

  assert (reach ("xen+ssh://root@h/", true, &location, &err) == 0);
  assert (location.kind == LOCATION_SSH && location.path_is_block);
  location_reset (&location);
}

static void
unreachable (const char *connect, const char *words)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  struct location location;

  assert (reach (connect, false, &location, &err) == -1);
  assert (err.reason == REASON_UNSUPPORTED);
  assert (err.disk == 0);
  assert (strstr (err.message, words) != NULL);
}

static void
test_reach (void)
{
  static const char *const local[] = {
    NULL, "qemu:///system", "xen:///", "test:///default",
    "qemu+unix:///system",
  };
  struct error err = ERROR_INIT;
  struct location location;

  for (size_t i = 0; i < ARRAY_LEN (local); i++) {
    assert (reach (local[i], i % 2 == 0, &location, &err) == 0);
    assert (location.kind == LOCATION_FILE && location.host == NULL);
    location_reset (&location);
  }
  unreachable ("qemu+tls://h/system", "is on h");
  unreachable ("esx://root@h/", "is not of the form");
}

/* A disk of the guest vm-42 on a VMware server. */
static int
reach_vmware (const char *connect, const char *transport,
              const char *datacenter, struct location *ret, struct error *err)
{
  struct secret *password = secret_new ("sesame", 6, err);
  const struct input_request request = {
    .connect = connect, .transport = transport, .password = password,
  };
  struct guest *guest = guest_new (err);
  struct location *location = &guest_add_disk (guest, err)->location;
  int r;

  location->path = strdup ("[ds] vm/vm.vmdk");
  guest->vmware.moref = strdup ("vm-42");
  if (datacenter != NULL)
    guest->vmware.datacenter = strdup (datacenter);
  r = libvirt_reach_disks (&request, guest, err);
  if (r == 0) {
    *ret = *location;
    *location = (struct location) { .kind = LOCATION_FILE };
  }
  guest_free (guest);
  secret_free (password);
  return r;
}

static void
test_vmware (void)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  struct location location;

  assert (reach_vmware ("vpx://d%5cu@vc:8443/DC/esx?no_verify=1&proxy=p:80",
                        NULL, "DC", &location, &err) == 0);
  assert (location.kind == LOCATION_VCENTER);
  assert (strcmp (location.user, "d\\u") == 0);
  assert (strcmp (location.uri, "https://vc:8443/folder/vm/vm-flat.vmdk"
                  "?dcPath=DC&dsName=ds") == 0);
  assert (argv_contains (&location.params, "sslverify=false"));
  assert (argv_contains (&location.params, "proxy=p:80"));
  location_reset (&location);

  assert (reach_vmware ("esx://h?no_verify=0", NULL, NULL, &location,
                        &err) == 0);
  assert (strstr (location.uri, "dcPath=ha-datacenter&") != NULL);
  assert (location.user == NULL && location.params.len == 0);
  location_reset (&location);

  assert (reach_vmware ("vpx://u@vc/DC/esx", "vddk", NULL, &location,
                        &err) == 0);
  assert (location.kind == LOCATION_VDDK);
  assert (strcmp (location.host, "vc") == 0);
  assert (strcmp (location.moref, "vm-42") == 0);
  assert (strcmp (secret_reveal (location.password), "sesame") == 0);
  location_reset (&location);

  assert (reach_vmware ("vpx://u@vc/DC/esx", NULL, NULL, &location,
                        &err) == -1);
  assert (strstr (err.message, "datacenter") != NULL);
  error_reset (&err);
  assert (reach_vmware ("vpx://u@vc/DC/esx", "ssh", "DC", &location,
                        &err) == -1);
  assert (err.reason == REASON_USAGE);
}

/* A VMware server that is not there: libvirt is not even asked. */
static void
test_endpoint (void)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  CLEANUP_ARGV struct argv sources = { .len = 0 };
  struct supervisor *supervisor = supervisor_new (&err);
  const struct input_request request = {
    .sources = &sources, .connect = "vpx://root@127.0.0.1:1/dc/host",
    .supervisor = supervisor,
  };

  assert (supervisor != NULL);
  assert (argv_append (&sources, "x", &err) == 0);
  assert (input_read (&input_libvirt, &request, &err) == NULL);
  assert (err.reason == REASON_UNREACHABLE);
  assert (strncmp (err.message, "cannot connect to 127.0.0.1: ", 29) == 0);
  supervisor_free (supervisor);
}

#ifdef HAVE_LIBVIRT

static char dir[] = "/tmp/unit-input-libvirt-XXXXXX";

/* A description of a host for test://, with what AUTH says of logins. */
static char *
write_host (const char *name, const char *auth)
{
  char *path, *uri;
  FILE *fp;

  assert (asprintf (&path, "%s/%s", dir, name) != -1);
  fp = fopen (path, "w");
  assert (fp != NULL);
  fprintf (fp, "<node>%s\n<domain type='test'><name>g 1</name>"
           "<memory>65536</memory><os><type>hvm</type></os>"
           "<devices><disk type='file'><source file='/g 1.img'/>"
           "<target dev='vda'/></disk></devices></domain></node>\n", auth);
  assert (fclose (fp) == 0);
  assert (asprintf (&uri, "test://%s", path) != -1);
  free (path);
  return uri;
}

static void
remove_host (const char *uri)
{
  assert (unlink (strchr (uri, '/') + 2) == 0);
}

static void
test_name_and_uuid (void)
{
  static const char *const names[] = {
    "test", "6695eb01-f6a4-8304-79aa-97f2502e193f",
  };
  struct error err = ERROR_INIT;

  for (size_t i = 0; i < ARRAY_LEN (names); i++) {
    struct guest *guest = read_guest ("test:///default", names[i], NULL,
                                      &err);

    assert (guest != NULL);
    assert (strcmp (guest->name, "test") == 0);
    assert (guest->disks.len == 1);
    assert (guest->disks.ptr[0].location.kind == LOCATION_FILE);
    assert (strcmp (guest->disks.ptr[0].location.path,
                    "/guest/diskimage1") == 0);
    guest_free (guest);
  }
}

static void
test_password (void)
{
  CLEANUP_FREE char *uri =
    write_host ("login", "<auth><user password='sesame'>u</user></auth>");
  CLEANUP_FREE char *uri2 =
    write_host ("user", "<auth><user>u</user></auth>");
  struct error err = ERROR_INIT;
  struct guest *guest;

  /* The driver asks for a user, and a file's URI has none. */
  refused (uri, "g 1", "sesame", REASON_AUTH, "asks for a user name", "USER@");
  guest = read_guest (uri2, "g 1", NULL, &err);
  assert (guest == NULL);
  error_reset (&err);
  remove_host (uri);
  remove_host (uri2);
}

static void
test_file (void)
{
  CLEANUP_FREE char *uri = write_host ("plain", "");
  struct error err = ERROR_INIT;
  struct guest *guest = read_guest (uri, "g 1", NULL, &err);

  assert (guest != NULL);
  assert (strcmp (guest->disks.ptr[0].location.path, "/g 1.img") == 0);
  guest_free (guest);
  refused (uri, "g2", NULL, REASON_NOT_FOUND, "no guest 'g2'", ": g 1");
  remove_host (uri);
}

int
main (void)
{
  /* As in the command: libvirt writes to an ssh that may be dead already. */
  signal (SIGPIPE, SIG_IGN);
  test_reach ();
  test_reach_ssh ();
  test_vmware ();
  test_endpoint ();
  assert (mkdtemp (dir) != NULL);
  test_name_and_uuid ();
  test_file ();
  test_password ();
  refused ("test:///default", "nosuch", NULL, REASON_NOT_FOUND,
           "test:///default has no guest 'nosuch'", "there are: test");
  refused ("nonsense", "x", NULL, REASON_USAGE, "not a libvirt URI",
           "qemu:///system");
  refused ("esx://root@127.0.0.1:1/", "x", NULL, REASON_AUTH,
           "asks for a password", "-ip");
  refused ("esx://127.0.0.1:1/", "x", "sesame", REASON_AUTH,
           "asks for a user name", "USER@");
  refused ("esx://root@127.0.0.1:1/", "x", "sesame", REASON_UNREACHABLE,
           "cannot connect to libvirt", "virsh");
  refused ("xen+ssh://root@127.0.0.1:1/", "x", NULL, REASON_UNREACHABLE,
           "cannot connect to libvirt", "virsh");
  assert (rmdir (dir) == 0);
  return EXIT_SUCCESS;
}

#else /* HAVE_LIBVIRT */

int
main (void)
{
  test_reach ();
  test_reach_ssh ();
  test_endpoint ();
  refused ("test:///default", "test", NULL, REASON_UNSUPPORTED,
           "without libvirt", "libvirt-dev");
  return EXIT_SUCCESS;
}

#endif /* HAVE_LIBVIRT */
