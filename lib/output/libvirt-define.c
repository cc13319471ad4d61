/* SPDX-License-Identifier: GPL-2.0-or-later */

/* libvirt's storage pools and guests for -o libvirt.  When each of this is
 * asked for is left to output-libvirt.c.
 */

#include <config.h>

#include "base/error.h"
#include "base/i18n.h"
#include "output/libvirt-define.h"

int
libvirt_refuse_remote (const char *host, struct error *err)
{
  if (host == NULL || host[0] == '\0')
    return 0;
  error_set (err, REASON_USAGE,
             _("-o libvirt defines guests of this host only, not of %s"),
             host);
  error_hint (err, _("copy with -o disk, bring the files to that host, and "
                     "define NAME.xml there; or run this program there"));
  return -1;
}

#ifndef HAVE_LIBVIRT

static int
is_missing (struct error *err)
{
  error_set (err, REASON_UNSUPPORTED,
             _("this program was built without libvirt"));
  error_hint (err, _("build it again with libvirt's development package "
                     "(Debian: libvirt-dev, Fedora: libvirt-devel), or "
                     "use -o disk, and then 'virsh define NAME.xml'"));
  return -1;
}

char *
libvirt_pool_dir (const struct libvirt_define *define __attribute__ ((unused)),
                  struct supervisor *supervisor __attribute__ ((unused)),
                  struct error *err)
{
  is_missing (err);
  return NULL;
}

int
libvirt_has_guest (const struct libvirt_define *define
                   __attribute__ ((unused)),
                   struct supervisor *supervisor __attribute__ ((unused)),
                   struct error *err)
{
  return is_missing (err);
}

int
libvirt_define (const struct libvirt_define *define __attribute__ ((unused)),
                struct supervisor *supervisor __attribute__ ((unused)),
                struct error *err)
{
  return is_missing (err);
}

int
libvirt_refresh (const struct libvirt_define *define __attribute__ ((unused)),
                 struct supervisor *supervisor __attribute__ ((unused)),
                 struct error *err)
{
  return is_missing (err);
}

#else /* HAVE_LIBVIRT */

#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/uri.h"
#include "base/visible.h"
#include "base/xml.h"
#include "io/isolated.h"
#include "io/libvirt.h"

/* A libvirtd that was stopped takes connections, and says nothing. */
static char *
call (char *(*fn) (const void *data, struct error *),
      const struct libvirt_define *define, struct supervisor *supervisor,
      struct error *err)
{
  return isolated_call ("libvirt", fn, define, define->timeout_s, supervisor,
                        err);
}

/*--- Connections. ---*/

static void
set_connect_error (const struct libvirt_define *define, struct error *err)
{
  static const char *const list[] = { "pool-list", "--all", NULL };

  libvirt_error (define->shown != NULL ? define->shown
                 : _("libvirt's default connection"), err);
  error_wrap (err, _("cannot connect to libvirt"));
  libvirt_hint_virsh (define->shown, list, err);
}

/* Without -oc it is found out here which connection it is. */
static int
check_local (virConnectPtr conn, struct error *err)
{
  CLEANUP_FREE char *uri = virConnectGetURI (conn);
  CLEANUP_URI struct uri_parts parts = { .scheme = NULL };

  if (uri == NULL)
    return libvirt_error ("virConnectGetURI", err);
  return uri_parse (uri, &parts, err) == -1 ? -1
    : libvirt_refuse_remote (parts.host, err);
}

static virConnectPtr
open_connection (const struct libvirt_define *define, struct error *err)
{
  CLEANUP_VIR_CONNECT virConnectPtr conn = NULL;

  libvirt_silence ();
  conn = virConnectOpen (define->connect);
  if (conn == NULL) {
    set_connect_error (define, err);
    return NULL;
  }
  return check_local (conn, err) == -1 ? NULL : STEAL (conn);
}

/*--- Pools. ---*/

static void
set_no_pool (const struct libvirt_define *define, struct error *err)
{
  static const char *const list[] = { "pool-list", "--all", NULL };

  error_set (err, REASON_NOT_FOUND, _("libvirt has no storage pool '%s'"),
             define->pool);
  if (strchr (define->pool, '/') != NULL)
    error_hint (err, _("-os is the name of a pool here; -o disk is for "
                       "directories"));
  else
    libvirt_hint_virsh (define->shown, list, err);
}

/* A pool's name may look like the UUID of another. */
static virStoragePoolPtr
find_pool (virConnectPtr conn, const struct libvirt_define *define,
           struct error *err)
{
  virStoragePoolPtr pool = virStoragePoolLookupByName (conn, define->pool);

  if (pool == NULL && virGetLastErrorCode () != VIR_ERR_NO_STORAGE_POOL) {
    libvirt_error (define->pool, err);
    return NULL;
  }
  if (pool == NULL)
    pool = virStoragePoolLookupByUUIDString (conn, define->pool);
  if (pool == NULL)
    set_no_pool (define, err);
  return pool;
}

static int
check_active (virStoragePoolPtr pool, const struct libvirt_define *define,
              struct error *err)
{
  const char *const start[] = { "pool-start", define->pool, NULL };
  const int active = virStoragePoolIsActive (pool);

  if (active == -1)
    return libvirt_error (define->pool, err);
  if (active == 1)
    return 0;
  error_set (err, REASON_WRITE, _("the storage pool '%s' is not active"),
             define->pool);
  libvirt_hint_virsh (define->shown, start, err);
  return -1;
}

/* Pools that are directories, whatever is mounted there. */
static bool
is_directory (const char *type)
{
  static const char *const types[] = { "dir", "fs", "netfs" };

  for (size_t i = 0; i < ARRAY_LEN (types); i++)
    if (strcmp (type, types[i]) == 0)
      return true;
  return false;
}

static char *
dir_of_xml (const char *text, const struct libvirt_define *define,
            struct error *err)
{
  CLEANUP_XML struct xml *xml = xml_parse (text, strlen (text), define->pool,
                                           err);
  CLEANUP_FREE char *type = NULL;
  CLEANUP_FREE char *path = NULL;

  if (xml == NULL ||
      xml_string (xml, xml_root (xml), "./@type", &type, err) == -1 ||
      xml_string (xml, xml_root (xml), "./target/path", &path, err) == -1)
    return NULL;
  if (type != NULL && path != NULL && is_directory (type))
    return STEAL (path);
  error_set (err, REASON_UNSUPPORTED,
             _("the storage pool '%s' is no directory (its type is %s)"),
             define->pool, type != NULL ? type : "?");
  error_hint (err, _("give the name of a pool of type dir; on a volume of "
                     "another one -o device writes"));
  return NULL;
}

/* It would refuse the guest, after all that was copied. */
static int
check_kvm (virConnectPtr conn, const struct libvirt_define *define,
           struct error *err)
{
  CLEANUP_ERROR struct error why = ERROR_INIT;
  CLEANUP_FREE char *xml =
    virConnectGetDomainCapabilities (conn, NULL, define->arch, NULL, "kvm", 0);

  if (xml != NULL || virGetLastErrorCode () == VIR_ERR_NO_SUPPORT)
    return 0;
  libvirt_error (define->arch, &why);
  error_set (err, REASON_UNSUPPORTED, "%s", why.message);
  error_wrap (err, _("libvirt cannot run such a guest with KVM here"));
  error_hint (err, _("see what this host can do: virt-host-validate qemu"));
  return -1;
}

static char *
find_dir (const void *data, struct error *err)
{
  const struct libvirt_define *define = data;
  CLEANUP_VIR_CONNECT virConnectPtr conn = open_connection (define, err);
  CLEANUP_VIR_POOL virStoragePoolPtr pool = NULL;
  CLEANUP_FREE char *xml = NULL;

  if (conn == NULL || check_kvm (conn, define, err) == -1)
    return NULL;
  pool = find_pool (conn, define, err);
  if (pool == NULL || check_active (pool, define, err) == -1)
    return NULL;
  xml = virStoragePoolGetXMLDesc (pool, 0);
  if (xml == NULL) {
    libvirt_error (define->pool, err);
    return NULL;
  }
  return dir_of_xml (xml, define, err);
}

char *
libvirt_pool_dir (const struct libvirt_define *define,
                  struct supervisor *supervisor, struct error *err)
{
  return call (find_dir, define, supervisor, err);
}

/* Texts that a child answers. */
#define YES "yes"
#define NO "no"

static char *
refresh (const void *data, struct error *err)
{
  const struct libvirt_define *define = data;
  CLEANUP_VIR_CONNECT virConnectPtr conn = open_connection (define, err);
  CLEANUP_VIR_POOL virStoragePoolPtr pool = NULL;

  if (conn == NULL)
    return NULL;
  pool = find_pool (conn, define, err);
  if (pool == NULL)
    return NULL;
  if (virStoragePoolRefresh (pool, 0) == 0)
    return alloc_copy (YES, err);
  libvirt_error (define->pool, err);
  return NULL;
}

int
libvirt_refresh (const struct libvirt_define *define,
                 struct supervisor *supervisor, struct error *err)
{
  CLEANUP_FREE char *answer = call (refresh, define, supervisor, err);

  return answer != NULL ? 0 : -1;
}

/*--- Guests. ---*/

static char *
look_for_guest (const void *data, struct error *err)
{
  const struct libvirt_define *define = data;
  CLEANUP_VIR_CONNECT virConnectPtr conn = open_connection (define, err);
  CLEANUP_VIR_DOMAIN virDomainPtr domain = NULL;

  if (conn == NULL)
    return NULL;
  domain = virDomainLookupByName (conn, define->guest);
  if (domain != NULL)
    return alloc_copy (YES, err);
  if (virGetLastErrorCode () == VIR_ERR_NO_DOMAIN)
    return alloc_copy (NO, err);
  libvirt_error (define->guest, err);
  return NULL;
}

int
libvirt_has_guest (const struct libvirt_define *define,
                   struct supervisor *supervisor, struct error *err)
{
  CLEANUP_FREE char *answer = call (look_for_guest, define, supervisor, err);

  return answer == NULL ? -1 : strcmp (answer, YES) == 0;
}

/* Whatever libvirt's reason is, the source is not to blame for it. */
static int
cannot_define (const struct libvirt_define *define, struct error *err)
{
  CLEANUP_ERROR struct error why = ERROR_INIT;

  libvirt_error (define->guest, &why);
  error_set (err, REASON_WRITE, "%s", why.message);
  error_wrap (err, _("libvirt did not define the guest"));
  return -1;
}

static char *
define_guest (const void *data, struct error *err)
{
  const struct libvirt_define *define = data;
  CLEANUP_VIR_CONNECT virConnectPtr conn = open_connection (define, err);
  CLEANUP_VIR_DOMAIN virDomainPtr domain = NULL;

  if (conn == NULL)
    return NULL;
  domain = virDomainDefineXML (conn, define->xml);
  if (domain != NULL)
    return alloc_copy (YES, err);
  cannot_define (define, err);
  return NULL;
}

int
libvirt_define (const struct libvirt_define *define,
                struct supervisor *supervisor, struct error *err)
{
  CLEANUP_FREE char *answer = call (define_guest, define, supervisor, err);

  return answer != NULL ? 0 : -1;
}

#endif /* HAVE_LIBVIRT */
