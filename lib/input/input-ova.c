/* SPDX-License-Identifier: GPL-2.0-or-later */

/* -i ova: an OVF and the files that it names, packed into one file.
 *
 * limit                     value    reason
 * ------------------------  -------  -------------------------------------
 * size of the .ovf          4 MiB    seen: 1 MB, with licence texts
 * files in the OVA          4096     seen: 10; each costs a read
 * unpacked size of a disk   its capacity and an eighth, or what the OVF
 *                           says if that is more: a VMDK's overhead is less
 * read for checksums, over  4 MiB a  the .ovf; disks would cross the
 * the network               file     network twice
 */

#include <config.h>

#include <sys/stat.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/events.h"
#include "base/i18n.h"
#include "guest/guest.h"
#include "input/input.h"
#include "input/ova/manifest.h"
#include "input/ova/ova.h"
#include "input/ova/ovf.h"
#include "input/ova/package.h"

#define OVF_MAX (4 << 20)

struct ova {
  struct package package;
  char *ovf_name;               /* its name in the package */
  struct ovf_disks disks;
  struct guest *guest;
};

static void
cleanup_ova (struct ova *ova)
{
  package_reset (&ova->package);
  ovf_disks_free (&ova->disks);
  free (ova->ovf_name);
}

static int
read_ovf (struct ova *ova, struct argv *warnings, struct error *err)
{
  CLEANUP_FREE char *text = NULL;
  const struct package_member *member = package_find_ovf (&ova->package, err);
  size_t len;

  if (member == NULL || alloc_set (&ova->ovf_name, member->name, err) == -1)
    return -1;
  text = input_text (package_member_open (&ova->package, member, err),
                     member->name, OVF_MAX, &len, err);
  return text == NULL ? -1
    : ovf_read (text, len, member->name,
                argv_value (ova->package.request->options, "vm"), ova->guest,
                &ova->disks, warnings, err);
}

/* If the OVF gives no name the guest is called as SOURCE. */
static int
name_guest (const struct ova *ova, struct error *err)
{
  if (ova->guest->name != NULL)
    return 0;
  ova->guest->name = input_guest_name (ova->package.source,
                                       ova->package.only_ovf != NULL
                                       ? ".ovf" : ".ova", err);
  return ova->guest->name == NULL ? -1 : 0;
}

/* Unpack the disks.  Only now is the whole package known, and whether it holds
 * a second .ovf.
 */
static int
unpack (struct ova *ova, struct error *err)
{
  if (ova_name_files (ova->ovf_name, &ova->disks, err) == -1) {
    if (ova->package.only_ovf != NULL)
      error_hint (err, _("if it is in another folder of the package, give the "
                         "directory of the whole package, with -io ovf=%s"),
                  ova->package.only_ovf);
    return -1;
  }
  for (size_t i = 0; i < ova->disks.len; i++)
    if (package_list_folders (&ova->package, &ova->disks.ptr[i].names,
                              err) == -1)
      return -1;
  /* nbdkit's split plugin joins files, not parts of one. */
  if (ova->package.reader != NULL &&
      ova_any_in_chunks (&ova->package, &ova->disks))
    ova->package.must_unpack = true;
  if (package_unpack (&ova->package, &ova->disks, err) == -1)
    return -1;
  return package_find_ovf (&ova->package, err) == NULL ? -1 : 0;
}

static int
locate_disks (struct ova *ova, struct error *err)
{
  for (size_t i = 0; i < ova->disks.len; i++)
    if (ova_locate_disk (&ova->package, &ova->disks.ptr[i],
                         &ova->guest->disks.ptr[i], err) == -1) {
      err->disk = (int) i;
      return -1;
    }
  return 0;
}

static int
read_ova (struct ova *ova, struct error *err)
{
  CLEANUP_ARGV struct argv warnings = { .ptr = NULL };

  if (read_ovf (ova, &warnings, err) == -1)
    return -1;
  for (size_t i = 0; i < warnings.len; i++)
    events_say (ova->package.request->events, EVENT_WARNING, -1, _("%s: %s"),
                ova->ovf_name, warnings.ptr[i]);
  if (name_guest (ova, err) == -1 || unpack (ova, err) == -1 ||
      manifest_check_all (&ova->package, ova->ovf_name, err) == -1)
    return -1;
  return locate_disks (ova, err);
}

static bool
is_directory (const char *path)
{
  struct stat st;

  return stat (path, &st) == 0 && S_ISDIR (st.st_mode);
}

/* List the package's members: all of them, or of an archive only those up to
 * the first .ovf file.
 */
static int
open_package (struct package *package, struct error *err)
{
  struct location *location = &package->location;

  if (location_parse (package->source, location, err) == -1)
    return -1;
  if (location->kind == LOCATION_FILE && is_directory (location->path))
    return package_list_directory (package, err);
  if (location->kind != LOCATION_FILE && location->kind != LOCATION_CURL &&
      location->kind != LOCATION_SSH)
    return error_set (err, REASON_USAGE,
                      _("-i ova reads local files, directories, and "
                        "http(s):// and ssh:// URIs, not %s"),
                      package->source);
  package->reader = input_open (package->request, package->source, location,
                                err);
  return package->reader == NULL ? -1 : package_list_file (package, err);
}

static int
ova_read (const struct input_request *request, struct guest *guest,
          struct error *err)
{
  __attribute__ ((cleanup (cleanup_ova))) struct ova ova = {
    .package = {
      .request = request, .source = request->sources->ptr[0],
      .dir = BENEATH_INIT,
    },
    .guest = guest,
  };

  return open_package (&ova.package, err) == -1 ? -1 : read_ova (&ova, err);
}

static const struct input_option ova_options[] = {
  { "ovf", N_("which .ovf file, if the package has several"), NULL },
  { "vm", N_("which VM: its ovf:id or Name, if there are several"), NULL },
  { .name = NULL }
};

const struct input_ops input_ova = {
  .name = "ova",
  .one_source = N_("-i ova needs one SOURCE: an OVA file, a directory, an "
                   ".ovf file or a URI"),
  .login = input_url_login,
  .transports = { "ssh" },
  .options = ova_options,
  .read = ova_read,
};
