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

#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/events.h"
#include "base/i18n.h"
#include "guest/guest.h"
#include "input/input.h"
#include "input/ova/member-name.h"
#include "input/ova/ova.h"
#include "input/ova/ovf.h"
#include "input/ova/package-archive.h"
#include "input/ova/package.h"
#include "io/reader.h"

#define OVF_MAX (4 << 20)

struct ova {
  const struct input_request *request;
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

static void
free_wants (struct package_wants *wants)
{
  for (size_t i = 0; i < wants->len; i++)
    free (wants->ptr[i].name);
  package_wants_reset (wants);
}

static const struct package_member *
find_ovf (const struct ova *ova, struct error *err)
{
  const struct package_members *members = &ova->package.members;
  const struct package_member *ret = NULL;

  for (size_t i = 0; i < members->len; i++) {
    if (!member_name_has_suffix (members->ptr[i].name, ".ovf"))
      continue;
    if (ret != NULL) {
      error_set (err, REASON_UNSUPPORTED,
                 _("%s holds more than one .ovf file: '%s' and '%s'"),
                 ova->package.source, ret->name, members->ptr[i].name);
      return NULL;
    }
    ret = &members->ptr[i];
  }
  if (ret == NULL)
    error_set (err, REASON_UNSUPPORTED, _("%s holds no .ovf file"),
               ova->package.source);
  return ret;
}

static int
read_ovf (struct ova *ova, struct argv *warnings, struct error *err)
{
  CLEANUP_READER struct reader *reader = NULL;
  CLEANUP_FREE char *text = NULL;
  const struct package_member *member = find_ovf (ova, err);
  size_t len;

  if (member == NULL)
    return -1;
  if (alloc_set (&ova->ovf_name, member->name, err) == -1)
    return -1;
  reader = package_member_open (&ova->package, member, err);
  if (reader == NULL)
    return -1;
  text = reader_slurp (reader, OVF_MAX, &len, err);
  if (text == NULL) {
    error_wrap (err, "%s", ova->ovf_name);
    return -1;
  }
  return ovf_read (text, len, ova->ovf_name, ova->guest, &ova->disks, warnings,
                   err);
}

/* If the OVF gives no name the guest is called as the OVA's file. */
static int
name_guest (struct ova *ova, struct error *err)
{
  const char *source = ova->package.source, *base = strrchr (source, '/');
  size_t len;

  if (ova->guest->name != NULL)
    return 0;
  base = base == NULL || base[1] == '\0' ? source : base + 1;
  len = strlen (base);
  if (len > 4 && strcasecmp (base + len - 4, ".ova") == 0)
    len -= 4;
  ova->guest->name = strndup (base, len);
  return ova->guest->name == NULL ? error_nomem (err) : 0;
}

static int
add_want (const struct ova *ova, const char *href, uint64_t limit,
          struct package_wants *wants, struct error *err)
{
  struct package_want want = { .limit = limit };

  want.name = member_name_resolve (ova->ovf_name, href, err);
  if (want.name == NULL)
    return -1;
  if (package_wants_append (wants, want) == -1) {
    free (want.name);
    return error_nomem (err);
  }
  return 0;
}

static int
add_wants (const struct ova *ova, const struct ovf_disk *disk,
           struct package_wants *wants, struct error *err)
{
  const uint64_t limit = ova_disk_limit (disk);
  CLEANUP_FREE char *decoded = NULL;

  if (disk->href == NULL || strstr (disk->href, "://") != NULL)
    return 0;
  decoded = ova_href_decode (disk->href, err);
  if (decoded == NULL ||
      add_want (ova, disk->href, limit, wants, err) == -1)
    return -1;
  return strcmp (decoded, disk->href) == 0 ? 0
    : add_want (ova, decoded, limit, wants, err);
}

/* Unpack the disks.  Only now is the whole package known, and whether it holds
 * a second .ovf.
 */
static int
unpack (struct ova *ova, struct error *err)
{
  __attribute__ ((cleanup (free_wants))) struct package_wants wants =
    { .ptr = NULL };

  for (size_t i = 0; i < ova->disks.len; i++)
    if (add_wants (ova, &ova->disks.ptr[i], &wants, err) == -1)
      return -1;
  if (package_unpack (&ova->package, &wants, err) == -1)
    return -1;
  return find_ovf (ova, err) == NULL ? -1 : 0;
}

static int
locate_disks (struct ova *ova, struct error *err)
{
  for (size_t i = 0; i < ova->disks.len; i++)
    if (ova_locate_disk (&ova->package, ova->ovf_name, &ova->disks.ptr[i],
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
    events_say (ova->request->events, EVENT_WARNING, -1, "%s: %s",
                ova->ovf_name, warnings.ptr[i]);
  if (name_guest (ova, err) == -1 || unpack (ova, err) == -1 ||
      ova_check_manifests (&ova->package, err) == -1)
    return -1;
  return locate_disks (ova, err);
}

static int
ova_read (const struct input_request *request, struct guest *guest,
          struct error *err)
{
  __attribute__ ((cleanup (cleanup_ova))) struct ova ova =
    { .request = request, .guest = guest };

  if (package_open (&ova.package, request, request->sources->ptr[0],
                    err) == -1)
    return -1;
  return read_ova (&ova, err);
}

const struct input_ops input_ova = {
  .name = "ova",
  .one_source = N_("-i ova needs one SOURCE: an OVA file, a directory or a "
                   "URI"),
  .transport = "ssh",
  .read = ova_read,
};
