/* SPDX-License-Identifier: GPL-2.0-or-later */

/* -i vmx: a .vmx file and the disks that it names, both local or both on
 * an ESXi host that is reached by ssh.
 *
 * limit or default        value  reason
 * ----------------------  -----  -----------------------------------------
 * size of a .vmx          4 MiB  seen: 10 KiB
 * memSize                 32 MiB VMware's own default
 * numvcpus                1      VMware's own default
 */

#include <config.h>

#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/beneath.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/events.h"
#include "base/i18n.h"
#include "base/parse.h"
#include "guest/datastore.h"
#include "guest/guest.h"
#include "input/input.h"
#include "input/vmx/vmx-local.h"
#include "input/vmx/vmx.h"
#include "io/reader.h"

static int
refuse_snapshot (const char *path, struct error *err)
{
  error_set (err, REASON_SNAPSHOT,
             _("%s belongs to a snapshot and holds only a part of the disk"),
             path);
  error_hint (err, _("delete the VM's snapshots, or consolidate its disks, "
                     "in VMware and try again"));
  return -1;
}

/* What the host's own disks are: those of other datastores have absolute
 * names in a .vmx file.
 */
static bool
is_on_datastore (const char *file)
{
  static const char volumes[] = "/vmfs/volumes/";
  const size_t len = strlen (file);

  return strncmp (file, volumes, sizeof volumes - 1) == 0 && len > 5 &&
    strcasecmp (file + len - 5, ".vmdk") == 0;
}

/* Is FILE, an absolute name, below the folder that the file at VMX is in? */
static bool
is_in_folder_of (const char *vmx, const char *file)
{
  const char *slash = strrchr (vmx, '/');
  const size_t len = slash == NULL ? 0 : (size_t) (slash + 1 - vmx);

  return len > 0 && strncmp (vmx, file, len) == 0;
}

/* Only the name can be looked at: the host has the file. */
static int
check_remote_name (const struct vmx_folder *folder, const char *file,
                   struct error *err)
{
  CLEANUP_FREE char *plain = beneath_plain_name (file + strspn (file, "/"),
                                                 *file != '/');

  if (plain == NULL && errno == ENOMEM)
    return error_nomem (err);
  if (plain != NULL && (*file != '/' || is_on_datastore (file) ||
                        is_in_folder_of (folder->vmx, file)))
    return 0;
  if (!folder->allow_outside)
    return vmx_refuse_outside (folder, file, err);
  vmx_say_outside (folder, file);
  return 0;
}

/* A disk can keep the name of a snapshot after the snapshots were
 * consolidated.  It has a flat file then, which a snapshot's delta has not.
 */
static int
check_snapshot (const struct input_request *request, const struct disk *disk,
                const char *descriptor, struct error *err)
{
  CLEANUP_ERROR struct error failed = ERROR_INIT;
  CLEANUP_READER struct reader *reader = NULL;

  if (!datastore_path_is_snapshot (descriptor))
    return 0;
  reader = request->open_location (request->open_data, &disk->location,
                                   &failed);
  if (reader != NULL)
    return 0;
  if (failed.reason == REASON_NOT_FOUND)
    return refuse_snapshot (descriptor, err);
  error_move (err, &failed);
  return -1;
}

static int
locate_remote (const struct vmx_folder *folder, const char *file,
               struct disk *disk, struct error *err)
{
  const struct input_request *request = folder->request;
  CLEANUP_FREE char *descriptor = NULL;

  if (check_remote_name (folder, file, err) == -1 ||
      location_parse (request->sources->ptr[0], &disk->location, err) == -1)
    return -1;
  descriptor = input_path_beside (folder->vmx, file, err);
  if (descriptor == NULL)
    return -1;
  free (disk->location.path);
  disk->location.path = vmx_flat_path (descriptor, err);
  if (disk->location.path == NULL)
    return -1;
  if (location_default_password (&disk->location, request->password,
                                 err) == -1 ||
      check_snapshot (request, disk, descriptor, err) == -1)
    return -1;
  return alloc_set (&disk->format, "raw", err);
}

static int
locate_disks (struct vmx_folder *folder, bool remote, const struct argv *files,
              struct guest *guest, struct error *err)
{
  const char *format = folder->request->format;

  for (size_t i = 0; i < guest->disks.len; i++) {
    struct disk *disk = &guest->disks.ptr[i];
    int r;

    folder->disk = (int) i;
    r = remote ? locate_remote (folder, files->ptr[i], disk, err)
      : vmx_locate_local (folder, files->ptr[i], disk, err);
    if (r == -1 || (format != NULL && disk->location.kind != LOCATION_VMDK &&
                    alloc_set (&disk->format, format, err) == -1)) {
      err->disk = (int) i;
      return -1;
    }
  }
  return 0;
}

/* The folder is that of the file itself, where VMX is a link. */
static int
find_disks (const struct input_request *request, const struct location *vmx,
            const struct argv *files, struct guest *guest, struct error *err)
{
  const char *value = argv_value (request->options, "allow-outside");
  const bool remote = vmx->kind == LOCATION_SSH;
  struct vmx_folder folder = {
    .request = request, .vmx = vmx->path, .dir = BENEATH_INIT,
  };
  CLEANUP_FREE char *name = NULL;
  int r;

  if (value != NULL && parse_bool ("-io allow-outside", value,
                                   &folder.allow_outside, err) == -1)
    return -1;
  if (!remote && beneath_open_parent (vmx->path, &folder.dir, &name,
                                      err) == -1)
    return -1;
  r = locate_disks (&folder, remote, files, guest, err);
  beneath_reset (&folder.dir);
  return r;
}

/* Check that -it and SOURCE go together. */
static int
check_source (const struct input_request *request,
              const struct location *vmx, struct error *err)
{
  const char *source = request->sources->ptr[0];
  const bool ssh = vmx->kind == LOCATION_SSH;

  if (request->transport != NULL && !ssh) {
    error_set (err, REASON_USAGE, _("-it ssh needs an ssh:// URI, not %s"),
               source);
    error_hint (err, _("such as ssh://root@esxi.example.com/vmfs/volumes/"
                       "datastore1/guest/guest.vmx"));
    return -1;
  }
  if (!ssh && vmx->kind != LOCATION_FILE) {
    error_set (err, REASON_USAGE,
               _("-i vmx reads local files and ssh:// URIs, not %s"), source);
    error_hint (err, _("copy it to this host first, with the guest's disks"));
    return -1;
  }
  if (vmx->path == NULL || *vmx->path == '\0' || strcmp (vmx->path, "/") == 0)
    return error_set (err, REASON_USAGE, _("%s names no .vmx file"),
                      source);
  return 0;
}

static int
fill_guest (const struct input_request *request, struct location *vmx,
            struct guest *guest, struct error *err)
{
  size_t len;
  CLEANUP_FREE char *text =
    input_text (input_open (request, request->sources->ptr[0], vmx, err),
                vmx->path, VMX_SIZE_MAX, &len, err);
  CLEANUP_ARGV struct argv files = { .ptr = NULL };
  CLEANUP_ARGV struct argv warnings = { .ptr = NULL };

  if (text == NULL ||
      vmx_read (text, len, vmx->path, guest, &files, &warnings, err) == -1)
    return -1;
  for (size_t i = 0; i < warnings.len; i++)
    events_say (request->events, EVENT_WARNING, -1, "%s", warnings.ptr[i]);
  return find_disks (request, vmx, &files, guest, err);
}

static int
read_vmx (const struct input_request *request, struct guest *guest,
          struct error *err)
{
  __attribute__ ((cleanup (location_reset))) struct location vmx =
    { .path = NULL };

  if (location_parse (request->sources->ptr[0], &vmx, err) == -1 ||
      check_source (request, &vmx, err) == -1)
    return -1;
  return fill_guest (request, &vmx, guest, err);
}

static const struct input_option vmx_options[] = {
  { "allow-outside", N_("true: disks may be outside the .vmx's folder"),
    "true|false" },
  { .name = NULL }
};

const struct input_ops input_vmx = {
  .name = "vmx",
  .one_source = N_("-i vmx needs one SOURCE: a .vmx file or an ssh:// URI"),
  .login = input_url_login,
  .transports = { "ssh" },
  .options = vmx_options,
  .read = read_vmx,
};
