/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Fetching a guest's domain XML from libvirt.  What the XML says is read in
 * input/domain, and where the disks can be reached from here is decided in
 * input-libvirt.c.
 */

#include <config.h>

#include "base/error.h"
#include "base/i18n.h"
#include "input/libvirt-guest.h"

#ifndef HAVE_LIBVIRT

char *
libvirt_guest_xml (const struct libvirt_request *request
                   __attribute__ ((unused)),
                   struct supervisor *supervisor __attribute__ ((unused)),
                   struct error *err)
{
  error_set (err, REASON_UNSUPPORTED,
             _("this program was built without libvirt"));
  error_hint (err, _("build it again with libvirt's development package "
                     "(Debian: libvirt-dev, Fedora: libvirt-devel), or "
                     "save the output of 'virsh dumpxml' and use "
                     "-i libvirtxml"));
  return NULL;
}

#else /* HAVE_LIBVIRT */

#include <string.h>

#include "base/cleanup.h"
#include "base/memstream.h"
#include "base/secret.h"
#include "io/isolated.h"
#include "io/libvirt.h"

/* As many names as a hint lists; a vCenter has thousands. */
#define NAMES_SHOWN 8

/* What the callback needs, and which question it could not answer. */
struct login {
  const struct libvirt_request *request;
  bool lacks_user, lacks_password;
};

static const char *
answer (struct login *login, int type)
{
  const struct libvirt_request *request = login->request;

  if (type == VIR_CRED_PASSPHRASE || type == VIR_CRED_NOECHOPROMPT) {
    login->lacks_password = request->password == NULL;
    return request->password == NULL ? NULL
      : secret_reveal (request->password);
  }
  login->lacks_user = request->user == NULL;
  return request->user;
}

/* libvirt's callback; the results belong to libvirt then.  -1: give up. */
static int
answer_all (virConnectCredentialPtr creds, unsigned n, void *data)
{
  for (unsigned i = 0; i < n; i++) {
    const char *text = answer (data, creds[i].type);

    if (text == NULL)
      return -1;
    creds[i].result = strdup (text);
    if (creds[i].result == NULL)
      return -1;
    creds[i].resultlen = (unsigned) strlen (text);
  }
  return 0;
}

static void
hint_virsh (const struct libvirt_request *request, struct error *err)
{
  static const char *const list[] = { "list", "--all", NULL };

  libvirt_hint_virsh (request->connect != NULL ? request->shown : NULL, list,
                      err);
}

static void
hint_at_connection (const struct libvirt_request *request, struct error *err)
{
  switch (err->reason) {
  case REASON_AUTH:
    error_hint (err, _("check the user in the URI, and the password (-ip "
                       "FILE) or, with ssh, the key in ssh-agent"));
    break;
  case REASON_HOST_KEY:
    error_hint (err, _("connect once with ssh and check the key, so that "
                       "it gets into known_hosts"));
    break;
  case REASON_TLS:
    error_hint (err, _("install the server's CA certificate, or add "
                       "?no_verify=1 to the URI where that is safe"));
    break;
  default:
    hint_virsh (request, err);
  }
}

static void
set_connect_error (const struct login *login, struct error *err)
{
  const char *shown = login->request->shown;

  if (login->lacks_password) {
    error_set (err, REASON_AUTH, _("%s asks for a password"), shown);
    error_hint (err, _("put it into a file and use -ip FILE"));
    return;
  }
  if (login->lacks_user) {
    error_set (err, REASON_AUTH, _("%s asks for a user name"), shown);
    error_hint (err, _("write it into the URI, as in esx://USER@HOST"));
    return;
  }
  libvirt_error (shown, err);
  error_wrap (err, _("cannot connect to libvirt"));
  hint_at_connection (login->request, err);
}

/* A read-only connection suffices, and libvirt leaves secrets out of the XML
 * there.
 */
static virConnectPtr
open_connection (const struct libvirt_request *request, struct error *err)
{
  int types[] = {
    VIR_CRED_AUTHNAME, VIR_CRED_USERNAME, VIR_CRED_PASSPHRASE,
    VIR_CRED_NOECHOPROMPT,
  };
  struct login login = { .request = request };
  virConnectAuth auth = {
    .credtype = types, .ncredtype = ARRAY_LEN (types), .cb = answer_all,
    .cbdata = &login,
  };
  virConnectPtr conn;

  libvirt_silence ();
  conn = virConnectOpenAuth (request->connect, &auth, VIR_CONNECT_RO);
  if (conn == NULL)
    set_connect_error (&login, err);
  return conn;
}

/* "a, b, c and 4 more", in the hint. */
static void
hint_at_names (virDomainPtr *domains, int n, struct error *err)
{
  CLEANUP_FREE char *names = NULL;
  size_t len;
  FILE *fp = n > 0 ? open_memstream (&names, &len) : NULL;

  if (fp == NULL)
    return;
  for (int i = 0; i < n && i < NAMES_SHOWN; i++) {
    const char *name = virDomainGetName (domains[i]);

    fprintf (fp, "%s%s", i > 0 ? ", " : "", name != NULL ? name : "?");
  }
  if (n > NAMES_SHOWN)
    fprintf (fp, _(" and %d more"), n - NAMES_SHOWN);
  if (memstream_close (fp, &names) == 0)
    error_hint (err, _("the guests there are: %s"), names);
}

static void
set_not_found (virConnectPtr conn, const struct libvirt_request *request,
               struct error *err)
{
  virDomainPtr *domains = NULL;
  const int n = virConnectListAllDomains (conn, &domains, 0);

  error_set (err, REASON_NOT_FOUND, _("%s has no guest '%s'"),
             request->shown, request->guest);
  hint_at_names (domains, n, err);
  if (n == 0)
    error_hint (err, _("there are no guests at all; is this the right "
                       "URI?"));
  for (int i = 0; i < n; i++)
    virDomainFree (domains[i]);
  free (domains);
}

/* A guest's name may look like another guest's UUID, so that names come first.
 */
static virDomainPtr
find_domain (virConnectPtr conn, const struct libvirt_request *request,
             struct error *err)
{
  virDomainPtr domain = virDomainLookupByName (conn, request->guest);

  if (domain == NULL && virGetLastErrorCode () != VIR_ERR_NO_DOMAIN) {
    libvirt_error (request->guest, err);
    return NULL;
  }
  if (domain == NULL)
    domain = virDomainLookupByUUIDString (conn, request->guest);
  if (domain == NULL)
    set_not_found (conn, request, err);
  return domain;
}

/* The disks of a running guest would change while they are copied. */
static int
check_state (virDomainPtr domain, const struct libvirt_request *request,
             struct error *err)
{
  int state, ignored;

  if (virDomainGetState (domain, &state, &ignored, 0) == -1)
    return libvirt_error (request->guest, err);
  switch (state) {
  case VIR_DOMAIN_RUNNING:
  case VIR_DOMAIN_BLOCKED:
  case VIR_DOMAIN_PAUSED:
  case VIR_DOMAIN_SHUTDOWN:
  case VIR_DOMAIN_PMSUSPENDED:
    break;
  default:
    return 0;
  }
  if (request->may_be_running)
    return 0;
  error_set (err, REASON_UNSUPPORTED,
             _("the guest '%s' is running or paused"), request->guest);
  error_hint (err, _("shut it down ('virsh shutdown' does) and wait until it "
                     "is off"));
  return -1;
}

static char *
fetch_xml (const void *data, struct error *err)
{
  const struct libvirt_request *request = data;
  CLEANUP_VIR_CONNECT virConnectPtr conn = open_connection (request, err);
  CLEANUP_VIR_DOMAIN virDomainPtr domain = NULL;
  char *xml;

  if (conn == NULL)
    return NULL;
  domain = find_domain (conn, request, err);
  if (domain == NULL || check_state (domain, request, err) == -1)
    return NULL;
  xml = virDomainGetXMLDesc (domain, 0);
  if (xml == NULL)
    libvirt_error (request->guest, err);
  return xml;
}

/* libvirt may wait for minutes for a server, and its esx driver crashes on
 * some answers (HostCpuIdInfo without all its registers, in 9.0).
 */
char *
libvirt_guest_xml (const struct libvirt_request *request,
                   struct supervisor *supervisor, struct error *err)
{
  char *xml;

  if (supervisor == NULL)
    return fetch_xml (request, err);
  xml = isolated_call ("libvirt", fetch_xml, request, 0, supervisor, err);
  if (xml == NULL && err->reason == REASON_READ)
    error_hint (err, _("see what 'virsh -c URI dumpxml GUEST' says; its "
                       "output is what -i libvirtxml reads"));
  return xml;
}

#endif /* HAVE_LIBVIRT */
