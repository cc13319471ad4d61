/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The image under an overlay, for qemu: naming it, and what qemu itself says
 * of it.  Whether it may be opened at all was decided before, in inspect.c,
 * by bytes that were kept: what could name other files qemu reads from them,
 * and never from the source, which may have become another one.  The overlay
 * itself is made in overlay.c.
 */

#include <config.h>

#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/json.h"
#include "context.h"
#include "guest/guest.h"
#include "io/confine.h"
#include "launch/backing.h"
#include "launch/inspect.h"
#include "launch/launch.h"
#include "launch/named-file.h"
#include "qemu/qemu-img.h"

#define HEAD_NAME_MAX 32

static json_object *
string_object (const char *key, const char *value)
{
  json_object *object = json_object_new_object ();

  json_add (&object, key, json_object_new_string (value));
  return object;
}

/* A file or block device of this host. */
static json_object *
local_object (const struct named_file *named)
{
  json_object *file = string_object ("driver", named->is_block
                                     ? "host_device" : "file");

  json_add (&file, "filename", json_object_new_string (named->path));
  return file;
}

/* The data file; and, where INFO is not NULL, the backing file, or null.  The
 * image's own names of them make no sense to qemu when the image comes over
 * NBD, so they are spelled out.  An image that had no backing file when it was
 * looked at has none for qemu either, which looks again each time that it
 * opens it: a server may give another answer then.
 */
static int
add_files (const struct launched_disk *disk, const struct image_info *info,
           json_object **image, struct error *err)
{
  CLEANUP_NAMED_FILE struct named_file data = { .path = NULL };
  CLEANUP_NAMED_FILE struct named_file named = { .path = NULL };
  json_object *backing;

  if (named_file_find (disk, "data-file", &data, err) == -1)
    return -1;
  if (data.path != NULL)
    json_add (image, "data-file", local_object (&data));
  if (info == NULL)
    return 0;
  if (named_file_find (disk, "backing", &named, err) == -1)
    return -1;
  if (named.path == NULL) {
    json_add_null (image, "backing");
    return 0;
  }
  backing = json_object_new_object ();
  if (info->backing_format != NULL) /* otherwise qemu finds it out */
    json_add (&backing, "driver",
              json_object_new_string (info->backing_format));
  json_add (&backing, "file", local_object (&named));
  json_add (image, "backing", backing);
  return 0;
}

static json_object *
nbd_object (const char *socket)
{
  json_object *nbd = string_object ("driver", "nbd");
  json_object *server = string_object ("type", "unix");

  json_add (&server, "path", json_object_new_string (socket));
  json_add (&nbd, "server", server);
  return nbd;
}

/* In the overlays' directory; qemu runs there. */
static void
head_name (const struct launched_disk *disk, char ret[HEAD_NAME_MAX])
{
  snprintf (ret, HEAD_NAME_MAX, "%s-head.qcow2", disk->name);
}

/* What nbdkit serves, and over it what was kept. */
static json_object *
served_object (const struct launched_disk *disk)
{
  char name[HEAD_NAME_MAX];
  const struct named_file kept = { .path = name };
  json_object *head;

  if (disk->image.head.len == 0)
    return nbd_object (disk->socket);
  head_name (disk, name);
  head = string_object ("driver", "qcow2");
  json_add (&head, "file", local_object (&kept));
  json_add (&head, "backing", nbd_object (disk->socket));
  return head;
}

/* "json:...": the image that nbdkit serves.  INFO NULL: only the image itself
 * will be opened.
 */
static char *
json_name (const struct launched_disk *disk, const struct image_info *info,
           struct error *err)
{
  const struct image *served = &disk->image;
  json_object *image = string_object ("driver", image_driver (served));
  const char *text;
  char *ret = NULL;

  json_add (&image, "file", served_object (disk));
  if (served->qemu_option != NULL)
    json_add (&image, served->qemu_option,
              json_object_new_string (served->qemu_value));
  if (add_files (disk, info, &image, err) == -1) {
    json_object_put (image);
    return NULL;
  }
  text = image == NULL ? NULL
    : json_object_to_json_string_ext (image, JSON_C_TO_STRING_PLAIN|
                                      JSON_C_TO_STRING_NOSLASHESCAPE);
  if (text != NULL)
    ret = format (err, "json:%s", text);
  else
    error_nomem (err);
  json_object_put (image);
  return ret;
}

/* NULL without an error: there is no head to be kept. */
static char *
head_path (const struct launched_disk *disk, const char *dir,
           struct error *err)
{
  char name[HEAD_NAME_MAX];

  if (disk->image.head.len == 0)
    return NULL;
  head_name (disk, name);
  return format (err, "%s/%s", dir, name);
}

int
backing_keep_head (const struct launched_disk *disk, const char *dir,
                   struct error *err)
{
  CLEANUP_FREE char *path = head_path (disk, dir, err);

  if (path == NULL)
    return error_is_set (err) ? -1 : 0;
  return image_head_store (&disk->image, path, NULL, err);
}

int
backing_sync_head (const struct launched_disk *disk, const char *dir,
                   struct error *err)
{
  CLEANUP_FREE char *path = head_path (disk, dir, err);

  if (path == NULL)
    return error_is_set (err) ? -1 : 0;
  return file_sync (path, err);
}

int
backing_inspect (const struct launched_disk *disk, unsigned index,
                 const char *dir, const struct launch_context *context,
                 struct image_info *ret, struct error *err)
{
  struct qemu_img qemu = qemu_img_of (context, index);
  CLEANUP_CONFINE struct confine files = { .rules = NULL };
  CLEANUP_FREE char *name = json_name (disk, NULL, err);
  CLEANUP_FREE char *what = NULL;

  if (name == NULL || confine_path (&files, dir, CONFINE_READ, err) == -1 ||
      named_file_allow (disk, &files, err) == -1)
    return -1;
  qemu.files = &files;
  qemu.dir = dir;
  if (qemu_img_info (&qemu, name, NULL, ret, err) == 0)
    return ret->virtual_size > 0 ? 0 : inspect_refuse_empty (&disk->plan, err);
  what = location_describe (&disk->disk->location, err);
  error_wrap (err, _("cannot open %s"), what != NULL ? what : "");
  return -1;
}

char *
backing_name (const struct launched_disk *disk,
              const struct image_info *info, struct error *err)
{
  return disk->image.plain ? alloc_copy (disk->uri, err)
                           : json_name (disk, info, err);
}
