/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Where libvixDiskLib is looked for, and what is wrong with it.  The plugin's
 * other parameters are in source-vddk.c.  What nbdkit reports of the library
 * depends on nbdkit's version:
 *
 * before 1.17.10   it links to the library, which it finds by LD_LIBRARY_PATH
 *                  only, and does not load without it
 * before 1.21.2    --dump-plugin does not look for it
 * before 1.29.2    --dump-plugin prints its path (vddk_dll)
 * since then       its version too (vddk_library_version)
 */

#include <config.h>

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/i18n.h"
#include "source/vddk-library.h"

#define LIBRARY "libvixDiskLib"

/* VMware's tarball has the first, very old ones the second; nbdkit also
 * looks in the directory itself.
 */
static const char *const subdirs[] = { "lib64", "lib32", "." };

/* A file of the library in DIR, or NULL. */
static char *
find_in (const char *dir)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  DIR *dp = opendir (dir);
  struct dirent *entry;
  char *ret = NULL;

  if (dp == NULL)
    return NULL;
  while (ret == NULL && (entry = readdir (dp)) != NULL)
    if (strncmp (entry->d_name, LIBRARY ".so", strlen (LIBRARY ".so")) == 0)
      ret = format (&ignored, "%s/%s", dir, entry->d_name);
  closedir (dp);
  return ret;
}

static char *
find_library (const char *libdir)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  char *ret = NULL;

  for (size_t i = 0; ret == NULL && i < ARRAY_LEN (subdirs); i++) {
    CLEANUP_FREE char *dir = format (&ignored, "%s/%s", libdir, subdirs[i]);

    if (dir == NULL)
      return NULL;
    ret = find_in (dir);
  }
  return ret;
}

static bool
is_directory (const char *parent, const char *name)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_FREE char *path = format (&ignored, "%s/%s", parent, name);
  struct stat st;

  return path != NULL && stat (path, &st) == 0 && S_ISDIR (st.st_mode);
}

/* Is LIBDIR the lib64 directory itself?  The library would be found there,
 * but not the libraries that it loads.
 */
static bool
is_subdirectory (const char *libdir)
{
  CLEANUP_FREE char *path = realpath (libdir, NULL);
  const char *base = path == NULL ? NULL : strrchr (path, '/') + 1;

  return base != NULL &&
    (strcmp (base, "lib64") == 0 || strcmp (base, "lib32") == 0);
}

int
vddk_library_check_dir (const char *libdir, struct error *err)
{
  CLEANUP_FREE char *library = NULL;

  if (is_directory (libdir, "lib64") || is_directory (libdir, "lib32"))
    return 0;
  library = find_in (libdir);
  if (library != NULL && !is_subdirectory (libdir))
    return 0;
  error_set (err, REASON_VDDK_LIBRARY,
             _("vddk-libdir: %s has no lib64 with libvixDiskLib in it"),
             libdir);
  error_hint (err, "%s", _(VDDK_LIBRARY_HINT));
  return -1;
}

void
vddk_library_describe (const struct source_request *request,
                       struct argv *env, struct argv *args,
                       struct error *err)
{
  const char *libdir = source_param (request, "libdir");

  if (libdir == NULL)
    return;
  if (argv_appendf (args, err, "libdir=%s", libdir) == -1)
    return;
  if (!nbdkit_caps_since (request->caps, 17, 10))
    argv_appendf (env, err, "LD_LIBRARY_PATH=%s%s", libdir,
                  is_directory (libdir, "lib64") ? "/lib64" : "");
}

/* VMware documents only that it logs below /tmp, and reads a configuration
 * file, which may name another directory for that.  What is here beside it is
 * what its files and traces of it have shown others; devices are for the
 * transports SAN and HotAdd, and so are /proc and /sys.
 */
void
vddk_library_allow (const struct source_request *request,
                    struct nbdkit_cmd *cmd)
{
  static const char *const read[] = {
    "/etc/vmware", "/etc/vmware-vix", "/etc/vmware-vix-disklib",
    "/etc/vmware-tools", "/etc/os-release", "/etc/lsb-release",
    "/etc/redhat-release", "/etc/debian_version", "/etc/SuSE-release",
    "/etc/machine-id", "/etc/mtab", "/etc/fstab", "/etc/hostname",
    "/var/lib/vmware", "/opt/vmware", "/sys", "/run/udev",
  };
  static const char *const write[] = {
    "/tmp", "/var/tmp", "/var/log/vmware", "/var/run/vmware", "/dev", "/proc",
  };
  const char *const named[] = {
    source_param (request, "libdir"),
    request->plugin == NULL ? NULL
      : argv_value (&request->plugin->facts, "vddk_default_libdir"),
    source_param (request, "config"),
  };
  const char *const tmpdir = getenv ("TMPDIR"), *const home = getenv ("HOME");
  CLEANUP_FREE char *in_home = home == NULL ? NULL
    : format (&cmd->failed, "%s/.vmware", home);

  for (size_t i = 0; i < ARRAY_LEN (read); i++)
    nbdkit_cmd_allow (cmd, read[i], CONFINE_READ);
  for (size_t i = 0; i < ARRAY_LEN (write); i++)
    nbdkit_cmd_allow (cmd, write[i], CONFINE_MAKE);
  for (size_t i = 0; i < ARRAY_LEN (named); i++)
    if (named[i] != NULL)
      nbdkit_cmd_allow (cmd, named[i], CONFINE_RUN);
  if (tmpdir != NULL)
    nbdkit_cmd_allow (cmd, tmpdir, CONFINE_MAKE);
  if (in_home != NULL)
    nbdkit_cmd_allow (cmd, in_home, CONFINE_MAKE);
}

static void
refuse_found (const char *library, struct error *err)
{
  error_set (err, REASON_VDDK_LIBRARY,
             _("%s is there, but nbdkit cannot load it"), library);
  error_hint (err, _("is it built for this architecture, does it find the "
                     "libraries that it needs (check with ldd), and does this "
                     "nbdkit support its version (nbdkit-vddk-plugin(1))?"));
}

/* The plugin loads without the library.  Whether it found the library is seen
 * from what --dump-plugin printed.
 */
int
vddk_library_check_plugin (const struct source_request *request,
                           struct error *err)
{
  const struct argv *facts = &request->plugin->facts;
  const char *libdir = source_param (request, "libdir");
  CLEANUP_FREE char *library = NULL;

  if (argv_value (facts, "vddk_library_version") != NULL ||
      argv_value (facts, "vddk_dll") != NULL ||
      !nbdkit_caps_since (request->caps, 21, 2))
    return 0;
  if (libdir == NULL)
    libdir = argv_value (facts, "vddk_default_libdir");
  library = libdir == NULL ? NULL : find_library (libdir);
  if (library != NULL)
    refuse_found (library, err);
  else {
    error_set (err, REASON_VDDK_LIBRARY,
               _("VMware's library libvixDiskLib was not found in %s"),
               libdir != NULL ? libdir : _("nbdkit's default directory"));
    error_hint (err, "%s", _(VDDK_LIBRARY_HINT));
  }
  return -1;
}

/* Did the plugin not load because of the library? */
static bool
names_library (const struct error *err)
{
  static const struct explanation texts[] = { VDDK_LIBRARY_EXPLANATIONS };

  for (size_t i = 0; i < err->detail.len; i++)
    for (size_t j = 0; j < ARRAY_LEN (texts); j++)
      if (strstr (err->detail.ptr[i], texts[j].text) != NULL)
        return true;
  return false;
}

void
vddk_library_explain (const struct source_request *request,
                      struct error *err)
{
  CLEANUP_ERROR struct error better = ERROR_INIT;

  if (err->reason != REASON_NBDKIT_PLUGIN || !names_library (err))
    return;
  error_set (&better, REASON_VDDK_LIBRARY,
             _("nbdkit's vddk plugin cannot use VMware's library "
               "libvixDiskLib in %s"),
             source_param_or (request, "libdir",
                              _("nbdkit's default directory")));
  error_details (&better, &err->detail);
  error_hint (&better, "%s", _(VDDK_LIBRARY_HINT));
  error_move (err, &better);
}
