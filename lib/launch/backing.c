/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The image under an overlay: refusing one that names other files, before
 * qemu-img or qemu opens those, and naming the image to qemu.  The overlay
 * itself is made in launch/overlay.c; what a VMDK is, image/vmdk.c knows.
 */

#include <config.h>

#include <string.h>

#include <json-c/json.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/json.h"
#include "context.h"
#include "guest/guest.h"
#include "image/qcow2.h"
#include "image/vmdk.h"
#include "io/reader.h"
#include "launch/backing.h"
#include "launch/launch.h"
#include "qemu/qemu-img.h"

static int
refuse_named_file (const char *file, struct error *err)
{
  error_set (err, REASON_UNTRUSTED_IMAGE,
             _("the image names another file, %s: a guest could make this "
               "host read any file that way"), file);
  error_hint (err, _("if you trust the image, allow it with -io "
                     "allow-backing=true"));
  return -1;
}

static json_object *
string_object (const char *key, const char *value)
{
  json_object *object = json_object_new_object ();

  json_add (&object, key, json_object_new_string (value));
  return object;
}

/* The image's backing file, or null.  The image's own name of it makes no
 * sense to qemu when the image comes over NBD, so both are spelled out.  One
 * that had none when it was looked at has none for qemu either, which looks
 * again each time that it opens it: a server may give another answer then.
 */
static void
add_backing (json_object **image, const struct image_info *info)
{
  json_object *backing, *file;

  if (info->backing == NULL) {
    json_add_null (image, "backing");
    return;
  }
  backing = string_object ("driver", info->backing_format);
  file = string_object ("driver", "file");
  json_add (&file, "filename", json_object_new_string (info->backing));
  json_add (&backing, "file", file);
  json_add (image, "backing", backing);
}

/* "json:...": the image that nbdkit serves. */
static char *
json_name (const struct launched_disk *disk, const struct image_info *info,
           struct error *err)
{
  json_object *image = string_object ("driver", info->format);
  json_object *nbd = string_object ("driver", "nbd");
  json_object *server = string_object ("type", "unix");
  const char *text;
  char *ret = NULL;

  json_add (&server, "path", json_object_new_string (disk->socket));
  json_add (&nbd, "server", server);
  json_add (&image, "file", nbd);
  add_backing (&image, info);
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

static int
refuse_qcow2_data_file (struct reader *reader, struct error *err)
{
  struct qcow2_header header;

  if (qcow2_read_header (reader, &header, err) == -1)
    return -1;
  return !header.has_data_file ? 0
    : error_set (err, REASON_UNTRUSTED_IMAGE,
                 _("the image keeps its data in another file that it "
                   "names"));
}

static int
refuse_vmdk_files (struct reader *reader, struct error *err)
{
  CLEANUP_VMDK struct vmdk vmdk = { .file = NULL };

  if (vmdk_refuse_descriptor (reader, _("the image"), err) == -1 ||
      vmdk_probe (reader, _("the image"), &vmdk, err) == -1)
    return -1;
  /* qemu, told that it is a VMDK, takes any text for a descriptor. */
  if (vmdk.kind == VMDK_NONE)
    return error_set (err, REASON_UNSUPPORTED, _("the image is not a VMDK"));
  return 0;
}

/* qemu-img opens these files before it prints their names: it would wait for
 * ever for a FIFO, opening a device may have effects, and a URI leads to a
 * server that the maker of the image has chosen.
 */
static int
refuse_files (const struct launched_disk *disk, const char *format,
              const struct launch_context *context, struct error *err)
{
  CLEANUP_READER struct reader *reader = NULL;

  if (disk->disk->allow_backing)
    return 0;
  reader = reader_nbd_new (disk->uri, disk->plan.source->open_timeout_s,
                           context->supervisor, err);
  if (reader == NULL)
    return -1;
  if (strcmp (format, "vmdk") == 0)
    return refuse_vmdk_files (reader, err);
  return strcmp (format, "qcow2") == 0
    ? refuse_qcow2_data_file (reader, err) : 0;
}

int
backing_inspect (const struct launched_disk *disk, unsigned index,
                 const struct launch_context *context,
                 struct image_info *info, struct error *err)
{
  const char *format = disk->disk->format;
  const struct qemu_img qemu = qemu_img_of (context, index);

  if (refuse_files (disk, format, context, err) == -1 ||
      qemu_img_info (&qemu, disk->uri, format, info, err) == -1) {
    CLEANUP_FREE char *what = location_describe (&disk->disk->location, err);

    error_wrap (err, _("cannot open %s"), what != NULL ? what : "");
    if (strcmp (format, "raw") != 0 && err->reason == REASON_UNSUPPORTED)
      error_hint (err, _("is '%s' really the image's format?  check with "
                         "qemu-img info, and give the right one with -if "
                         "FORMAT"), format);
    return -1;
  }
  if (info->backing != NULL && !disk->disk->allow_backing)
    return refuse_named_file (info->backing, err);
  return 0;
}

char *
backing_name (const struct launched_disk *disk,
              const struct image_info *info, struct error *err)
{
  if (info->format != NULL &&
      (info->backing == NULL || info->backing_format != NULL))
    return json_name (disk, info, err);
  return alloc_copy (disk->uri, err);
}
