/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What can be done about a file that is not read as a disk, as far as it
 * depends on where the file is, and on the installed nbdkit.  What is always
 * so is said in lib/image.
 */

#include <config.h>

#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "guest/guest.h"
#include "image/image.h"
#include "image/vmdk.h"
#include "input/input-request.h"
#include "launch/inspect-internal.h"
#include "launch/named-path.h"
#include "launch/plan.h"
#include "nbdkit/caps.h"

/* It would not help to allow it.  Of a descriptor that is said already. */
static void
hint_copy (const struct image *image, const struct location *location,
           struct error *err)
{
  if (err->reason != REASON_UNTRUSTED_IMAGE || vmdk_is_descriptor (image) ||
      named_paths_known (image, location))
    return;
  free (err->hint);
  err->hint = NULL;
  error_hint (err, _("copy the image and the file into a directory of this "
                     "host"));
}

/* What is compressed can also be read through a filter of nbdkit's, if that is
 * installed, but not through the same one twice.
 */
static void
hint_filter (const struct image *image, const struct plan *plan,
             const struct nbdkit_caps *caps, struct error *err)
{
  static const struct { const char *filter, *hint; } filters[] = {
    { "bzip2", N_("or add -io filter=bzip2") },
    { "gzip", N_("or add -io filter=gzip") },
    { "lzip", N_("or add -io filter=lzip") },
    { "xz", N_("or add -io filter=xz") },
  };
  const char *found = image_format_name (image);

  if (source_option (&plan->request, "filter") != NULL)
    return;
  for (size_t i = 0; i < ARRAY_LEN (filters); i++)
    if (strcmp (found, filters[i].filter) == 0 &&
        nbdkit_caps_has_filter (caps, found))
      error_add_hint (err, _(filters[i].hint));
}

/* Can the input that the hint names read the file where it is? */
static bool
is_read_there (const struct location *location, const char *format)
{
  const bool ssh = location->kind == LOCATION_SSH;

  if (strcmp (format, "ova") == 0)
    return ssh || (location->kind == LOCATION_CURL &&
                   strncasecmp (location->uri, "http", 4) == 0);
  return ssh && strcmp (format, "vmx") == 0;
}

static void
hint_at_copy (const struct location *location, const struct image *image,
              struct error *err)
{
  static const char *const formats[] = { "libvirt-xml", "ova", "ovf", "vmx" };
  const char *found = image_format_name (image);

  for (size_t i = 0; i < ARRAY_LEN (formats); i++)
    if (strcmp (found, formats[i]) == 0 && !is_read_there (location, found))
      error_add_hint (err, _("it has to be copied to this host first, an OVF "
                             "and a .vmx file with their disks"));
}

/* No server has just sent it. */
static void
hint_page (const struct image *image, struct error *err)
{
  if (err->reason != REASON_UNSUPPORTED ||
      strcmp (image_format_name (image), "html") != 0)
    return;
  free (err->hint);
  err->hint = NULL;
  error_hint (err, _("a server may have sent it in place of the disk: look at "
                     "it, and download the disk again"));
}

static void
add_named (const char *hint, const char *name, struct error *err)
{
  CLEANUP_FREE char *text = NULL;

  if (asprintf (&text, hint, name) == -1) {
    text = NULL;
    return;
  }
  error_add_hint (err, text);
}

/* A descriptor of one file of plain sectors: that file is the disk itself.  It
 * is beside the descriptor, if it is anywhere.
 */
static void
hint_at_flat (const struct disk *disk, const struct image *image,
              struct error *err)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  const struct image_file *file = image->files.ptr;
  const char *path = location_local_path (&disk->location);
  CLEANUP_FREE char *flat = NULL;

  if (!vmdk_is_descriptor (image) || image->has_parent ||
      image->files.len != 1 ||
      file->kind != IMAGE_FILE_FLAT || file->name == NULL ||
      file->offset != 0 || strchr (file->name, '/') != NULL)
    return;
  if (path == NULL) {
    add_named (_("or give the disk itself, %s, with -if raw"), file->name,
               err);
    return;
  }
  flat = input_path_beside (path, file->name, &ignored);
  if (flat == NULL)
    return;
  if (access (flat, F_OK) == 0)
    add_named (_("or give the disk itself, %s, with -if raw"), flat, err);
  else
    add_named (_("%s does not exist: copy it there first"), flat, err);
}

void
inspect_hint (const struct disk *disk, const struct plan *plan,
              const struct image *image, const struct nbdkit_caps *caps,
              struct error *err)
{
  hint_copy (image, &disk->location, err);
  hint_filter (image, plan, caps, err);
  if (plan->source->remote)
    hint_at_copy (plan->location, image, err);
  else
    hint_page (image, err);
  hint_at_flat (disk, image, err);
  if (image_is_container (image) && !disk->format_given)
    error_add_hint (err, _("if its bytes really are the disk, add -if raw"));
}
