/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Finds the files that an image names: those of this host, as qemu finds them
 * when it opens the image itself.  Whether they may be opened was decided
 * before, in inspect.c.
 */

#include <config.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/json.h"
#include "image/image.h"
#include "io/confine.h"
#include "io/reader.h"
#include "launch/launch.h"
#include "launch/named-file.h"
#include "launch/named-path.h"
#include "qemu/qemu-files.h"

static int
refuse_name (const struct launched_disk *disk, const char *name,
             struct error *err)
{
  CLEANUP_FREE char *what = location_describe (disk->plan.location, err);

  error_set (err, REASON_UNSUPPORTED,
             _("%s refers to the file %s, which cannot be located from here"),
             what != NULL ? what : "", name);
  error_hint (err, _("copy the image and the file into a directory of this "
                     "host"));
  return -1;
}

/* An image that is not a file of this host means no file of this host, not even
 * by a name from the root on.
 */
static char *
find_path (const struct launched_disk *disk, const char *name,
           struct error *err)
{
  CLEANUP_FREE char *dir = named_path_directory (disk->plan.location, err);
  char *path = dir == NULL ? NULL : named_path (dir, name, err);

  if (path == NULL && !error_is_set (err))
    refuse_name (disk, named_path_plain (name), err);
  return path;
}

/* A file that ends early reads as zeroes there. */
static int
check (const struct image_file *file, struct named_file *found,
       struct error *err)
{
  struct stat st;
  uint64_t size;

  if (stat (found->path, &st) == -1 || access (found->path, R_OK) == -1)
    return error_errno (err, errno == ENOENT ? REASON_NOT_FOUND : REASON_READ,
                        _("cannot open %s, which the image names"),
                        found->path);
  found->is_block = S_ISBLK (st.st_mode);
  if (!found->is_block && !S_ISREG (st.st_mode))
    return error_set (err, REASON_UNSUPPORTED,
                      _("%s, which the image names, is neither a file nor a "
                        "block device"), found->path);
  size = (uint64_t) st.st_size;
  if (found->is_block || size >= file->length)
    return 0;
  return error_set (err, REASON_UNSUPPORTED,
                    _("%s, which the image names, is incomplete: %" PRIu64 " "
                      "bytes are missing"), found->path,
                    file->length - size);
}

int
named_file_find (const struct launched_disk *disk, const char *option,
                 struct named_file *ret, struct error *err)
{
  const struct image_file *file = image_find_file (&disk->image, option);

  if (file == NULL)
    return 0;
  ret->path = find_path (disk, file->name != NULL ? file->name : "", err);
  return ret->path == NULL ? -1 : check (file, ret, err);
}

/*--- What qemu may open. ---*/

/* An image names another one, which names another one: in no more steps than
 * this, as qemu opens all of them.
 */
#define CHAIN_MAX 200

/* What the chain of an image consists of. */
struct chain {
  struct argv paths;            /* files of this host */
  bool network;                 /* and something that qemu gets elsewhere */
};

static void
chain_reset (struct chain *chain)
{
  argv_reset (&chain->paths);
}

static int allow_names (const struct image *image, const char *dir,
                        struct chain *chain, struct error *err);

/* Whether it can be opened and is an image is for qemu to say. */
static int
allow_names_in (const char *path, struct chain *chain, struct error *err)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_READER struct reader *reader = reader_file_new (path, &ignored);
  CLEANUP_IMAGE struct image image = { .format = NULL };
  CLEANUP_FREE char *dir = NULL;

  if (reader == NULL ||
      image_examine (reader, path, NULL, &image, &ignored) == -1)
    return 0;
  dir = alloc_copy (path, err);
  if (dir == NULL)
    return -1;
  strrchr (dir, '/')[1] = '\0';
  return allow_names (&image, dir, chain, err);
}

static int
allow_path (const char *path, struct chain *chain, struct error *err)
{
  if (argv_contains (&chain->paths, path) || chain->paths.len == CHAIN_MAX)
    return 0;
  return argv_append (&chain->paths, path, err) == -1 ? -1
    : allow_names_in (path, chain, err);
}

/* Is it one of qemu's drivers that open connections, or "DRIVER:..." or
 * "DRIVER+TRANSPORT:..."?
 */
static bool
is_network (const char *name)
{
  static const char *const drivers[] = {
    "ftp", "ftps", "gluster", "http", "https", "iscsi", "iser", "nbd", "nfs",
    "rbd", "ssh",
  };
  const size_t len = strcspn (name, ":+");

  for (size_t i = 0; i < ARRAY_LEN (drivers); i++)
    if (strlen (drivers[i]) == len && strncmp (name, drivers[i], len) == 0)
      return true;
  return false;
}

static bool
ends_with (const char *text, const char *end)
{
  const size_t len = strlen (text), end_len = strlen (end);

  return len >= end_len && strcmp (text + len - end_len, end) == 0;
}

/* NAME as the image in DIR (which may be NULL: nowhere) names it, but not in
 * qemu's own options.
 */
static int
allow_plain_name (const char *name, const char *dir, struct chain *chain,
                  struct error *err)
{
  CLEANUP_FREE char *path = named_path (dir, name, err);

  if (path != NULL)
    return allow_path (path, chain, err);
  if (is_network (name) && !named_path_is_file (name))
    chain->network = true;
  return error_is_set (err) ? -1 : 0;
}

/* "filename", "file.filename" and so on; here relative names do not start from
 * the image, and qemu works where there are no images.
 */
static int
allow_option (const char *key, const char *value, struct chain *chain,
              struct error *err)
{
  if (ends_with (key, "driver") && is_network (value))
    chain->network = true;
  if (!ends_with (key, "filename"))
    return 0;
  return allow_plain_name (value, NULL, chain, err);
}

/* What qemu's own options (-blockdev) name, which are in each other. */
static int
allow_options (json_object *options, struct chain *chain, struct error *err)
{
  if (json_object_get_type (options) != json_type_object)
    return 0;
  json_object_object_foreach (options, key, value) {
    if (json_object_get_type (value) == json_type_string
        ? allow_option (key, json_object_get_string (value), chain, err) == -1
        : allow_options (value, chain, err) == -1)
      return -1;
  }
  return 0;
}

/* NAME as the image in DIR (which may be NULL: nowhere) names it. */
static int
allow_name (const char *name, const char *dir, struct chain *chain,
            struct error *err)
{
  if (strncmp (name, "json:", 5) == 0) {
    CLEANUP_JSON json_object *options = json_tokener_parse (name + 5);

    return allow_options (options, chain, err);
  }
  return allow_plain_name (name, dir, chain, err);
}

static int
allow_names (const struct image *image, const char *dir, struct chain *chain,
             struct error *err)
{
  for (size_t i = 0; i < image->files.len; i++) {
    const char *name = image->files.ptr[i].name;

    if (name != NULL && allow_name (name, dir, chain, err) == -1)
      return -1;
  }
  return 0;
}

static int
allow_all (const struct image *image, const char *dir, struct confine *files,
           struct error *err)
{
  __attribute__ ((cleanup (chain_reset)))
  struct chain chain = { .network = false };

  if (allow_names (image, dir, &chain, err) == -1)
    return -1;
  for (size_t i = 0; i < chain.paths.len; i++)
    if (qemu_files_allow_image (files, chain.paths.ptr[i], CONFINE_READ,
                                err) == -1)
      return -1;
  if (chain.network)
    files->network = true;
  return 0;
}

int
named_file_allow (const struct launched_disk *disk, struct confine *files,
                  struct error *err)
{
  CLEANUP_FREE char *dir = disk->image.files.len == 0 ? NULL
    : named_path_directory (disk->plan.location, err);

  if (dir == NULL)
    return error_is_set (err) ? -1 : 0;
  return allow_all (&disk->image, dir, files, err);
}

/*--- An image that is written to. ---*/

/* The driver below that of the file itself: KEY is "backing.file." or
 * "data-file.".
 */
static char *
options_of (const struct image_file *file, const char *dir, const char *key,
            bool written, struct confine *files, struct error *err)
{
  CLEANUP_NAMED_FILE struct named_file found = { .path = NULL };
  CLEANUP_FREE char *doubled = NULL;

  if (file == NULL)
    return alloc_copy ("", err);
  found.path = file->name == NULL ? NULL : named_path (dir, file->name, err);
  if (found.path == NULL) {
    error_set (err, REASON_UNSUPPORTED,
               _("%s refers to the file %s, which cannot be located from "
                 "here"), dir, file->name != NULL ? file->name : "");
    return NULL;
  }
  if (check (file, &found, err) == -1 ||
      (written && qemu_files_allow_image (files, found.path, CONFINE_WRITE,
                                          err) == -1))
    return NULL;
  doubled = escape_doubled (found.path, ',', err);
  return doubled == NULL ? NULL
    : format (err, ",%sdriver=%s,%sfilename=%s", key,
              found.is_block ? "host_device" : "file", key, doubled);
}

char *
named_file_options (const struct image *image, const char *path,
                    struct confine *files, struct error *err)
{
  CLEANUP_FREE char *dir = strndup (path, (size_t) (strrchr (path, '/') + 1 -
                                                    path));
  CLEANUP_FREE char *backing = NULL;
  CLEANUP_FREE char *data = NULL;

  if (dir == NULL) {
    error_nomem (err);
    return NULL;
  }
  if (allow_all (image, dir, files, err) == -1)
    return NULL;
  backing = options_of (image_find_file (image, "backing"), dir,
                        "backing.file.", false, files, err);
  data = backing == NULL ? NULL
    : options_of (image_find_file (image, "data-file"), dir, "data-file.",
                  true, files, err);
  return data == NULL ? NULL : format (err, "%s%s", backing, data);
}

void
named_file_reset (struct named_file *file)
{
  free (file->path);
  file->path = NULL;
}
