/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Looks at an overlay after a user's command, which may do with it whatever
 * qemu-img can do: flatten it, give it another backing file, put another
 * image in its place.  What can be copied is told apart from what cannot;
 * how it is read then is left to overlay.c.
 */

#include <config.h>

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/events.h"
#include "base/i18n.h"
#include "base/ownership.h"
#include "context.h"
#include "image/image.h"
#include "io/reader.h"
#include "io/supervisor.h"
#include "launch/overlay-look.h"
#include "qemu/qemu-img.h"
#include "settings.h"

#define LOOK_AGAIN_MS 200

/* Say what the command may do instead; returns -1. */
static int
hint_at_flattening (struct error *err)
{
  error_hint (err, _("a command may write to the overlay, or replace it with "
                     "a standalone qcow2 image, such as \"qemu-img convert "
                     "-O qcow2\" makes"));
  return -1;
}

/* Modes do not count: nobody else enters the private directory. */
static bool
is_ours (const struct overlay_look *look, struct stat st)
{
  CLEANUP_FD int fd = open (look->dir, O_PATH|O_DIRECTORY|O_CLOEXEC);

  st.st_mode &= (mode_t) ~022;
  return fd != -1 && ownership_problem (fd, &st) == NULL;
}

/* It may be another file than the one that we made, with the same name; but
 * nobody else may be able to write to it while it is copied.
 */
static int
check_file (const struct overlay_look *look, const char *path,
            struct error *err)
{
  struct stat st;

  if (lstat (path, &st) == -1) {
    error_errno (err, REASON_CONVERT, errno == ENOENT
                 ? _("the command has removed the overlay %s")
                 : _("cannot inspect the overlay %s"), path);
    return hint_at_flattening (err);
  }
  if (!S_ISREG (st.st_mode)) {
    error_set (err, REASON_CONVERT,
               _("the command has replaced the overlay %s with something "
                 "that is not a regular file"), path);
    return hint_at_flattening (err);
  }
  if (st.st_nlink != 1 || !is_ours (look, st)) {
    error_set (err, REASON_CONVERT, st.st_nlink != 1
               ? _("the overlay %s has another hard link, under which it "
                   "could be changed")
               : _("the command has given the overlay %s to another user"),
                path);
    error_hint (err, _("the command must leave a file that belongs to this "
                       "user and has no other hard links"));
    return -1;
  }
  return 0;
}

static int
examine (const char *path, struct image *ret, struct error *err)
{
  CLEANUP_READER struct reader *reader = reader_file_new (path, err);

  return reader == NULL ? -1 : image_examine (reader, path, NULL, ret, err);
}

static bool
is_qcow2 (const struct image *image)
{
  return strcmp (image_format_name (image), "qcow2") == 0;
}

static int
call_damaged (const char *path, struct error *err)
{
  err->reason = REASON_CONVERT;
  error_wrap (err, _("the overlay %s is damaged"), path);
  return hint_at_flattening (err);
}

/* qemu opens a data file even to print its name, so this comes first.  Whether
 * the image is whole is looked at last, when nothing writes to it.
 */
static int
check_header (const char *path, struct error *err)
{
  CLEANUP_IMAGE struct image image = { .format = NULL };

  if (examine (path, &image, err) == -1)
    return err->reason == REASON_UNSUPPORTED ? call_damaged (path, err) : -1;
  if (!is_qcow2 (&image))
    error_set (err, REASON_CONVERT,
               _("the overlay %s is no longer a qcow2 image"), path);
  else if (image_find_file (&image, "data-file") != NULL)
    error_set (err, REASON_UNTRUSTED_IMAGE,
               _("the command has replaced the overlay %s with an image that "
                 "keeps its data in another file"), path);
  else if ((image.state & IMAGE_ENCRYPTED) != 0)
    error_set (err, REASON_CONVERT,
               _("the command has encrypted the overlay %s"), path);
  else if ((image.state & (IMAGE_CORRUPT|IMAGE_DIRTY)) != 0) {
    error_set (err, REASON_CONVERT, (image.state & IMAGE_CORRUPT) != 0
               ? _("qemu has marked the overlay %s as corrupt")
               : _("the program that wrote to the overlay %s has not closed "
                   "it"), path);
    error_hint (err, _("its data may be incomplete: did a program that the "
                       "command ran crash?"));
    return -1;
  }
  else
    return 0;
  return hint_at_flattening (err);
}

static int
read_info (const struct overlay_look *look, const char *path,
           const struct launch_context *context, struct image_info *ret,
           struct error *err)
{
  const struct qemu_img qemu = qemu_img_of (context, look->index);

  if (qemu_img_info (&qemu, path, "qcow2", ret, err) == 0)
    return 0;
  return err->reason == REASON_UNSUPPORTED ? call_damaged (path, err) : -1;
}

/* Is NAME the backing file's name as an earlier run of ours wrote it, with
 * the socket in another directory?
 */
static bool
is_of_earlier_run (const struct overlay_look *look, const char *name)
{
  const char *socket = strstr (look->backing, look->socket);
  const char *end;
  size_t before, tail;

  if (socket == NULL)
    return false;
  /* From the socket's own name on both are the same. */
  end = socket + (strrchr (look->socket, '/') - look->socket);
  before = (size_t) (socket - look->backing);
  tail = strlen (end);
  return strlen (name) >= before + tail &&
    strncmp (name, look->backing, before) == 0 && name[before] == '/' &&
    strcmp (name + strlen (name) - tail, end) == 0;
}

static int
check_backing (const struct overlay_look *look, const char *path,
               const struct image_info *info, struct error *err)
{
  const bool same_name = info->backing != NULL &&
    (strcmp (info->backing, look->backing) == 0 ||
     (look->earlier_run && is_of_earlier_run (look, info->backing)));

  if (info->backing == NULL ||
      (same_name && info->backing_format != NULL &&
       strcmp (info->backing_format, look->backing_format) == 0))
    return 0;
  error_set (err, REASON_UNTRUSTED_IMAGE,
             _("the command has given the overlay %s another backing file, "
               "%s (format %s)"), path, info->backing,
             info->backing_format != NULL ? info->backing_format : "?");
  return hint_at_flattening (err);
}

/* A program that the command has left in the background may still write. */
static int
check_inside (const struct overlay_look *look, const char *path,
              const struct launch_context *context, struct error *err)
{
  const struct qemu_img qemu = qemu_img_of (context, look->index);
  const unsigned timeout_s = context->settings->stall_timeout_s;
  const int64_t deadline_ms = clock_ms () + INT64_C (1000) * timeout_s;
  int r;

  while ((r = qemu_img_check (&qemu, look->dir, look->name, err)) == 1) {
    if (timeout_s != 0 && clock_ms () >= deadline_ms)
      return error_set (err, REASON_CONVERT,
                        _("the command has ended, but %u seconds later a "
                          "program still writes to the overlay %s"),
                        timeout_s, path);
    if (supervisor_pause (context->supervisor, LOOK_AGAIN_MS, err) == -1)
      return -1;
  }
  return r == -1 && err->reason == REASON_CONVERT ? call_damaged (path, err)
                                                  : r;
}

int
overlay_look (const struct overlay_look *look,
              const struct launch_context *context,
              struct overlay_found *ret, struct error *err)
{
  CLEANUP_FREE char *path = format (err, "%s/%s", look->dir, look->name);
  CLEANUP_IMAGE_INFO struct image_info info = { .format = NULL };

  if (path == NULL || check_file (look, path, err) == -1 ||
      check_header (path, err) == -1 ||
      read_info (look, path, context, &info, err) == -1 ||
      check_backing (look, path, &info, err) == -1 ||
      check_inside (look, path, context, err) == -1)
    return -1;
  ret->whole = info.backing == NULL;
  ret->virtual_size = info.virtual_size;
  return 0;
}

int
overlay_file_is_whole (const char *path, bool *ret, struct error *err)
{
  CLEANUP_IMAGE struct image image = { .format = NULL };

  if (examine (path, &image, err) == -1)
    return -1;
  if (!is_qcow2 (&image))
    return error_set (err, REASON_READ, _("%s is not a qcow2 image"), path);
  *ret = image_find_file (&image, "backing") == NULL;
  return 0;
}
