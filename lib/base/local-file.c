/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Opens the files and devices that are read, and looks whether their names
 * still lead to them.  Reading is left to io/reader.c and to the copy.
 */

#include <config.h>

#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/beneath.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/local-file.h"
#include "base/suggest.h"

/* O_NONBLOCK: opening a FIFO returns at once; regular files and block devices
 * do not know the flag.
 */
#define FLAGS (O_RDONLY|O_NONBLOCK|O_NOCTTY|O_CLOEXEC)

static struct local_file *
new_file (char *path, struct error *err)
{
  struct local_file *file = path == NULL ? NULL
    : alloc_zero (sizeof *file, err);

  if (file == NULL) {
    free (path);
    return NULL;
  }
  file->fd = -1;
  file->path = path;
  return file;
}

static int
look (struct local_file *file, bool device_too, struct error *err)
{
  struct stat st;
  off_t end;

  if (fstat (file->fd, &st) == -1)
    return error_errno (err, REASON_READ, _("cannot open %s"), file->path);
  file->is_block = S_ISBLK (st.st_mode);
  if (!S_ISREG (st.st_mode) && !(device_too && file->is_block))
    return error_set (err, device_too ? REASON_UNSUPPORTED
                                      : REASON_UNTRUSTED_IMAGE,
                      device_too
                      ? _("%s is neither a file nor a block device")
                      : _("%s is not a regular file"), file->path);
  end = lseek (file->fd, 0, SEEK_END);
  if (end == -1)
    return error_errno (err, REASON_READ, _("cannot read %s"), file->path);
  file->size = (uint64_t) end;
  return 0;
}

bool
local_file_raise_limit (void)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) == -1 ||
      limit.rlim_cur >= limit.rlim_max)
    return false;
  limit.rlim_cur = limit.rlim_max;
  return setrlimit (RLIMIT_NOFILE, &limit) == 0;
}

/* Open NAME in DIR; NULL: it is a path of the user's. */
static int
open_once (const struct beneath *dir, const char *name)
{
  int fd;

  do
    fd = dir == NULL ? open (name, FLAGS) : beneath_open (dir, name, FLAGS);
  while (fd == -1 && errno == EMFILE && local_file_raise_limit ());
  return fd;
}

static int
open_failed (const struct local_file *file, struct error *err)
{
  error_errno (err, beneath_reason (), _("cannot open %s"), file->path);
  if (err->reason == REASON_NOT_FOUND)
    suggest_file (file->path, err);
  return -1;
}

struct local_file *
local_file_open (const char *path, struct error *err)
{
  CLEANUP_LOCAL_FILE struct local_file *file =
    new_file (alloc_copy (path, err), err);

  if (file == NULL)
    return NULL;
  file->fd = open_once (NULL, path);
  if (file->fd == -1) {
    open_failed (file, err);
    return NULL;
  }
  return look (file, true, err) == 0 ? STEAL (file) : NULL;
}

struct local_file *
local_file_open_beneath (const struct beneath *dir, const char *name,
                         struct error *err)
{
  CLEANUP_LOCAL_FILE struct local_file *file =
    new_file (format (err, "%s/%s", dir->path, name), err);

  if (file == NULL)
    return NULL;
  file->fd = open_once (dir, name);
  if (file->fd == -1 && (errno == ELOOP || errno == EXDEV))
    error_set (err, REASON_UNTRUSTED_IMAGE,
               _("%s was replaced by a symbolic link"), file->path);
  else if (file->fd == -1)
    open_failed (file, err);
  else if (look (file, false, err) == 0)
    return STEAL (file);
  return NULL;
}

struct local_file *
local_file_dup (const struct local_file *file, struct error *err)
{
  struct local_file *ret = new_file (alloc_copy (file->path, err), err);

  if (ret == NULL)
    return NULL;
  ret->is_block = file->is_block;
  ret->size = file->size;
  ret->fd = fcntl (file->fd, F_DUPFD_CLOEXEC, 0);
  if (ret->fd != -1)
    return ret;
  error_errno (err, REASON_INTERNAL, "dup: %s", file->path);
  local_file_free (ret);
  return NULL;
}

void
local_file_free (struct local_file *file)
{
  if (file == NULL)
    return;
  close_if_open (file->fd);
  free (file->path);
  free (file);
}

void
local_files_free (struct local_files *files)
{
  for (size_t i = 0; i < files->len; i++)
    local_file_free (files->ptr[i]);
  local_files_reset (files);
}

/* A device can have several names. */
bool
local_file_is (const struct local_file *file, const struct stat *st)
{
  struct stat opened;

  if (fstat (file->fd, &opened) == -1)
    return false;
  return S_ISBLK (opened.st_mode)
    ? S_ISBLK (st->st_mode) && st->st_rdev == opened.st_rdev
    : st->st_dev == opened.st_dev && st->st_ino == opened.st_ino;
}

bool
local_file_is_at (const struct local_file *file, const char *path)
{
  struct stat named;

  return stat (path, &named) == 0 && local_file_is (file, &named);
}

int
local_file_check_name (const struct local_file *file, struct error *err)
{
  if (local_file_is_at (file, file->path))
    return 0;
  error_set (err, REASON_SOURCE_CHANGED,
             _("%s is no longer the file that was opened: it was replaced "
               "or removed during the run"), file->path);
  error_hint (err, _("nothing may write to the source during the copy: shut "
                     "down the guest, and start again"));
  return -1;
}
