/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Judges what image-examine.c and the formats have found: may this be read as
 * a disk?  Each way in which it may not has its message and says what to do.
 */

#include <config.h>

#include <inttypes.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "image/image-format.h"

static int
refuse_container (const struct image *image, const char *name,
                  struct error *err)
{
  error_set (err, REASON_UNSUPPORTED, _("%s is %s, not a disk"), name,
             _(image->format->what));
  error_hint (err, "%s", _(image->format->instead));
  return -1;
}

/* A qcow2 image names its backing file, and qemu can be allowed to open it;
 * what other formats say of a parent is no file name that qemu would follow.
 */
static int
refuse_parent (const struct image *image, const char *name, struct error *err)
{
  if (image->parent != NULL)
    error_set (err, REASON_SNAPSHOT,
               _("%s belongs to a snapshot and holds only what differs from "
                 "its parent, %s"), name, image->parent);
  else
    error_set (err, REASON_SNAPSHOT,
               _("%s belongs to a snapshot and holds only a part of the "
                 "disk"), name);
  error_hint (err, "%s", image->format->parent_hint != NULL
              ? _(image->format->parent_hint)
              : _("delete the VM's snapshots, or export the VM, where it "
                  "runs, and use the resulting file"));
  return -1;
}

static int
refuse_files (const struct image *image, const char *name, struct error *err)
{
  const char *file = image->files.ptr[0].name;

  if (file == NULL)
    error_set (err, REASON_UNTRUSTED_IMAGE,
               _("%s keeps its data in another file that it names"), name);
  else
    error_set (err, REASON_UNTRUSTED_IMAGE,
               _("%s names another file, %s: a guest could make this host "
                 "read any file that way"), name, file);
  error_hint (err, _("if you trust the image, allow it with -io "
                     "allow-backing=true"));
  return -1;
}

/* Formats that qemu encrypts: qcow2, with LUKS or AES, and qcow; or LUKS
 * alone.
 */
static int
refuse_encrypted (const struct image *image, const char *name,
                  struct error *err)
{
  error_set (err, REASON_UNSUPPORTED, _("%s is encrypted"), name);
  if (strcmp (image_format_name (image), "luks") == 0) {
    error_hint (err, _("without -if luks it is copied as it is, encrypted; or "
                       "decrypt it first: qemu-img convert --object "
                       "secret,id=key,file=PASSPHRASE --image-opts "
                       "driver=luks,key-secret=key,file.filename=IMAGE -O "
                       "qcow2 DECRYPTED"));
    return -1;
  }
  error_hint (err, _("decrypt it first, on a host with the image and its "
                     "passphrase in a file: qemu-img convert --object "
                     "secret,id=key,file=PASSPHRASE --image-opts "
                     "driver=%s,encrypt.key-secret=key,file.filename=IMAGE "
                     "-O qcow2 DECRYPTED"), image_format_name (image));
  return -1;
}

static int
refuse_log (const char *name, struct error *err)
{
  error_set (err, REASON_UNSUPPORTED,
             _("%s has changes in its log that were not yet applied to the "
               "disk: the host that wrote it was not shut down properly"),
             name);
  error_hint (err, _("replay the log in a copy of the image: qemu-img check "
                     "-r all COPY; or start and shut down the VM where it "
                     "runs"));
  return -1;
}

static int
refuse_stale (const char *name, struct error *err)
{
  error_set (err, REASON_UNSUPPORTED,
             _("%s has stale data in sectors that were never written: "
               "programs that honour its bitmaps read zeroes there, but qemu "
               "ignores them"), name);
  error_hint (err, _("use vhdimount (from libvhdi), which presents the image "
                     "as a raw disk, and read that with -if raw; or convert "
                     "it with VBoxManage clonemedium, or on the system it "
                     "came from"));
  return -1;
}

static int
refuse_short (const struct image *image, const char *name, struct error *err)
{
  error_set (err, REASON_UNSUPPORTED,
             _("%s is incomplete: at least %" PRIu64 " bytes are missing (it "
               "has %" PRIu64 " and uses %" PRIu64 ")"), name,
             image->needed - image->file_size, image->file_size,
             image->needed);
  image_hint_incomplete (err);
  return -1;
}

int
image_check (const struct image *image, const char *name, bool allow_files,
             struct error *err)
{
  if (image_is_container (image))
    return refuse_container (image, name, err);
  if (image->has_parent)
    return refuse_parent (image, name, err);
  if (image->check != NULL &&
      image->check (image, name, allow_files, err) == -1)
    return -1;
  if (image->files.len > 0 && !allow_files)
    return refuse_files (image, name, err);
  if (image->state & IMAGE_LOG)
    return refuse_log (name, err);
  if ((image->state & IMAGE_ENCRYPTED) != 0 && !image->plain)
    return refuse_encrypted (image, name, err);
  if (image->state & IMAGE_STALE)
    return refuse_stale (name, err);
  return image->needed > image->file_size ? refuse_short (image, name, err)
                                          : 0;
}

/* TEXT, which is taken, and what else the disk needs. */
static char *
add_others (const struct image *image, char *text, struct error *err)
{
  const char *file = image->files.len > 0 ? image->files.ptr[0].name : NULL;
  CLEANUP_FREE char *before = text;

  if (text != NULL && image->has_parent)
    return image->parent == NULL
      ? format (err, _("%s, with a parent"), text)
      : format (err, _("%s, with the parent %s"), text, image->parent);
  if (text != NULL && image->files.len > 0)
    return file == NULL
      ? format (err, _("%s, with another file"), text)
      : format (err, _("%s, with another file: %s"), text, file);
  return STEAL (before);
}

static const struct { unsigned state; const char *word, *what; } states[] = {
  { IMAGE_DIRTY, "dirty", N_("not closed cleanly") },
  { IMAGE_LOG, "log", N_("with changes in its log") },
  { IMAGE_CORRUPT, "corrupt", N_("marked as corrupt") },
  { IMAGE_ENCRYPTED, "encrypted", N_("encrypted") },
  { IMAGE_STALE, "stale",
    N_("with stale data in sectors that were never written") },
  { IMAGE_UNSURE, "unsure",
    N_("with sectors that were never written (not all were checked for stale "
       "data)") },
  { IMAGE_UNCHECKED, "unchecked",
    N_("not all of which could be checked to be there") },
};

int
image_state_words (const struct image *image, struct argv *ret,
                   struct error *err)
{
  for (size_t i = 0; i < ARRAY_LEN (states); i++)
    if ((image->state & states[i].state) != 0 &&
        argv_append (ret, states[i].word, err) == -1)
      return -1;
  if (image->has_parent && argv_append (ret, "parent", err) == -1)
    return -1;
  return image->needed <= image->file_size ? 0
    : argv_append (ret, "incomplete", err);
}

char *
image_describe (const struct image *image, struct error *err)
{
  const char *what = _(image->format->what);
  CLEANUP_FREE char *ret = image->variant == NULL ? alloc_copy (what, err)
    : format (err, "%s (%s)", what, image->variant);

  for (size_t i = 0; i < ARRAY_LEN (states) && ret != NULL; i++)
    if ((image->state & states[i].state) != 0) {
      CLEANUP_FREE char *before = ret;

      ret = format (err, _("%s, %s"), before, _(states[i].what));
    }
  return add_others (image, STEAL (ret), err);
}
