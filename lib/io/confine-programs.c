/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What programs of all kinds open: themselves, libraries, locales, TLS's
 * certificates, name service.  Whatever is not installed on a host is left
 * out when a child is started, so that each distribution's names can stand
 * here.
 */

#include <config.h>

#include <dirent.h>
#include <fnmatch.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/argv.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "io/confine.h"

/* Programs and what they load.  (The last two are where Nix and Guix have
 * them.)
 */
static const char *const programs[] = {
  "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32",
  "/nix/store", "/gnu/store", NULL
};

/* By name: /etc also has passwords, and /etc/ssl and /etc/pki private keys. */
static const char *const settings[] = {
  /* The loader, and the C library. */
  "/etc/ld.so.cache", "/etc/ld.so.preload", "/etc/localtime",
  "/etc/locale.alias", "/etc/locale.conf", "/etc/timezone",
  /* Name service.  systemd and others have resolv.conf be a link to these. */
  "/etc/nsswitch.conf", "/etc/host.conf", "/etc/hosts", "/etc/gai.conf",
  "/etc/resolv.conf", "/run/systemd/resolve", "/run/NetworkManager",
  "/run/resolvconf", "/run/connman", "/etc/services", "/etc/protocols",
  "/etc/passwd", "/etc/group", "/var/lib/sss/mc", "/run/nscd",
  "/var/lib/libvirt/dnsmasq",   /* libnss-libvirt's guests */
  /* TLS. */
  "/etc/ssl/certs", "/etc/ssl/cert.pem", "/etc/ssl/ca-bundle.pem",
  "/etc/ssl/openssl.cnf", "/etc/ssl/openssl.cnf.d", "/etc/ssl/openssl.d",
  "/etc/ssl/engines.d", "/etc/ssl/engdef.d", "/etc/ssl/fipsmodule.cnf",
  "/etc/pki/tls/certs", "/etc/pki/tls/cert.pem", "/etc/pki/tls/openssl.cnf",
  "/etc/pki/tls/openssl.d", "/etc/pki/tls/fips_local.cnf",
  "/etc/pki/tls/ct_log_list.cnf", "/etc/pki/ca-trust", "/etc/ca-certificates",
  "/var/lib/ca-certificates", "/etc/crypto-policies", "/etc/gnutls",
  "/etc/gcrypt", "/etc/pkcs11", "/etc/krb5.conf", "/etc/krb5.conf.d",
  /* What libraries look at as they are loaded. */
  "/etc/selinux", "/sys/fs/selinux", "/proc/filesystems", "/proc/mounts",
  "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/version",
  "/proc/sys/crypto", "/proc/sys/vm/overcommit_memory",
  "/proc/sys/kernel/random", "/sys/devices/system/cpu",
  "/sys/devices/system/node", "/sys/kernel/mm/transparent_hugepage", NULL
};

/* Where curl, OpenSSL and GnuTLS of the distributions look for the CAs that
 * are trusted.  An administrator may have each be a link to a file that is kept
 * anywhere.
 */
static const char *const bundles[] = {
  "/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/certs/ca-bundle.crt",
  "/etc/ssl/cert.pem", "/etc/ssl/ca-bundle.pem", "/etc/pki/tls/cert.pem",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/pki/tls/certs/ca-bundle.trust.crt",
  "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
  "/etc/pki/ca-trust/extracted/openssl/ca-bundle.trust.crt",
  "/etc/ca-certificates/extracted/tls-ca-bundle.pem",
  "/etc/ca-certificates/extracted/ca-bundle.trust.crt",
  "/var/lib/ca-certificates/ca-bundle.pem",
  "/usr/local/share/certs/ca-root-nss.crt", NULL
};

static const char *const devices[] = {
  "/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", NULL
};

/* Variables that name files, or lists of files. */
static const char *const variables[] = {
  "LD_LIBRARY_PATH=", "LD_PRELOAD=", "GCONV_PATH=", "LOCPATH=", "TZDIR=",
  "OPENSSL_CONF=", "OPENSSL_MODULES=", "OPENSSL_ENGINES=", "SSL_CERT_FILE=",
  "SSL_CERT_DIR=", "CURL_CA_BUNDLE=", "GNUTLS_SYSTEM_PRIORITY_FILE=",
  "KRB5_CONFIG=", "HOSTALIASES=", NULL
};

static int
allow_list (struct confine *confine, const char *const *paths, unsigned allow,
            struct error *err)
{
  for (; *paths != NULL; paths++)
    if (confine_path (confine, *paths, allow, err) == -1)
      return -1;
  return 0;
}

/* Between colons, or as in LD_PRELOAD blanks. */
static int
allow_named (struct confine *confine, const char *names, struct error *err)
{
  while (*names != '\0') {
    const size_t len = strcspn (names, ": ");
    CLEANUP_FREE char *name = format (err, "%.*s", (int) len, names);

    if (name == NULL ||
        (len > 0 && confine_path (confine, name, CONFINE_RUN, err) == -1))
      return -1;
    names += len + (names[len] != '\0');
  }
  return 0;
}

static int
allow_variable (struct confine *confine, const char *setting,
                struct error *err)
{
  for (size_t i = 0; variables[i] != NULL; i++) {
    const size_t len = strlen (variables[i]);

    if (strncmp (setting, variables[i], len) == 0)
      return allow_named (confine, setting + len, err);
  }
  return 0;
}

/* ld.so.conf(5): directories, one a line.  Lines of other kinds name no file
 * from the root on.
 */
static int
allow_directories (struct confine *confine, const char *path,
                   struct error *err)
{
  CLEANUP_FCLOSE FILE *fp = fopen (path, "re");
  CLEANUP_FREE char *line = NULL;
  size_t size = 0;

  while (fp != NULL && getline (&line, &size, fp) != -1) {
    line[strcspn (line, " \t\n#")] = '\0';
    if (*line == '/' && confine_path (confine, line, CONFINE_RUN, err) == -1)
      return -1;
  }
  return 0;
}

#define LD_CONFIG "/etc/ld.so.conf"

/* Libraries that the loader finds in places of the administrator's choice,
 * such as below /opt.  (glob would end us where there is no memory: glibc
 * 2.36's frees twice what it has then.)
 */
static int
allow_libraries (struct confine *confine, struct error *err)
{
  int r = allow_directories (confine, LD_CONFIG, err);
  DIR *dir = r == 0 ? opendir (LD_CONFIG ".d") : NULL;
  const struct dirent *entry;

  if (dir == NULL)
    return r;
  while (r == 0 && (entry = readdir (dir)) != NULL) {
    CLEANUP_FREE char *path = format (err, LD_CONFIG ".d/%s", entry->d_name);

    if (path == NULL)
      r = -1;
    else if (fnmatch ("*.conf", entry->d_name, FNM_PERIOD) == 0)
      r = allow_directories (confine, path, err);
  }
  closedir (dir);
  return r;
}

int
confine_programs (struct confine *confine, const struct argv *env,
                  struct error *err)
{
  if (allow_list (confine, programs, CONFINE_RUN, err) == -1 ||
      allow_list (confine, settings, CONFINE_READ, err) == -1 ||
      allow_list (confine, bundles, CONFINE_FILE, err) == -1 ||
      allow_list (confine, devices, CONFINE_WRITE, err) == -1 ||
      allow_libraries (confine, err) == -1)
    return -1;
  for (char **p = environ; *p != NULL; p++)
    if (allow_variable (confine, *p, err) == -1)
      return -1;
  for (size_t i = 0; env != NULL && i < env->len; i++)
    if (allow_variable (confine, env->ptr[i], err) == -1)
      return -1;
  return 0;
}

/* Is INNER the directory OUTER, or in it?  Both are as realpath has them. */
static bool
is_below (const char *inner, const char *outer)
{
  const size_t len = strlen (outer);

  return strncmp (inner, outer, len) == 0 &&
    (inner[len] == '/' || inner[len] == '\0');
}

/* "/home/alice", whoever runs this. */
static bool
is_home (const char *real)
{
  static const char homes[] = "/home/";
  const size_t len = sizeof homes - 1;

  return strncmp (real, homes, len) == 0 && strchr (real + len, '/') == NULL;
}

bool
confine_is_narrow (const char *dir)
{
  CLEANUP_FREE char *real = realpath (dir, NULL);
  const char *home = getenv ("HOME");
  CLEANUP_FREE char *real_home = home != NULL ? realpath (home, NULL) : NULL;
  struct stat st;

  if (real == NULL || stat (real, &st) == -1)
    return false;
  return S_ISDIR (st.st_mode) && (st.st_mode & S_ISVTX) == 0 &&
    strchr (real + 1, '/') != NULL && !is_home (real) &&
    (real_home == NULL || !is_below (real_home, real));
}

int
confine_libraries_of (struct confine *confine, const char *program,
                      struct error *err)
{
  static const char *const dirs[] = { "lib", "lib64" };
  CLEANUP_FREE char *real = realpath (program, NULL);
  char *slash = real != NULL ? strrchr (real, '/') : NULL;

  /* The program's name, and "bin". */
  for (int i = 0; i < 2 && slash != NULL; i++) {
    *slash = '\0';
    slash = strrchr (real, '/');
  }
  if (slash == NULL || !confine_is_narrow (real))
    return 0;
  for (size_t i = 0; i < ARRAY_LEN (dirs); i++) {
    CLEANUP_FREE char *dir = format (err, "%s/%s", real, dirs[i]);

    if (dir == NULL || confine_path (confine, dir, CONFINE_RUN, err) == -1)
      return -1;
  }
  return 0;
}
