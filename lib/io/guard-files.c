/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The guard's list of files, and removing them.  Each file is removed below
 * the directory that was open when it was announced, and only if it still is
 * that file: what another user has put in the place of a directory of ours is
 * never looked into.  What the guard is told, and when it removes, is left to
 * guard.c.
 */

#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "io/guard-files.h"
#include "io/owner.h"

static void
identify (int fd, const char *name, int flags, char ret[FILE_ID_MAX])
{
  struct statx st;

  if (statx (fd, name, flags, STATX_INO|STATX_BTIME, &st) == -1)
    ret[0] = '\0';
  else
    snprintf (ret, FILE_ID_MAX, "%u:%u:%" PRIu64 ":%" PRId64 ".%09u",
              st.stx_dev_major, st.stx_dev_minor, (uint64_t) st.stx_ino,
              (st.stx_mask & STATX_BTIME) != 0
              ? (int64_t) st.stx_btime.tv_sec : 0,
              (st.stx_mask & STATX_BTIME) != 0 ? st.stx_btime.tv_nsec : 0);
}

void
guarded_identify (int dir_fd, const char *name, char ret[FILE_ID_MAX])
{
  identify (dir_fd, name, AT_SYMLINK_NOFOLLOW, ret);
}

/* Many files are in one directory, which need not be open many times. */
int
guarded_take_dir (struct guarded *guarded, int fd)
{
  struct guarded_dir dir = { .fd = fd };
  struct stat st;

  if (fd == -1)
    return -1;
  if (fstat (fd, &st) == 0) {
    dir.dev = st.st_dev;
    dir.ino = st.st_ino;
    for (size_t i = 0; i < guarded->dirs.len; i++)
      if (guarded->dirs.ptr[i].dev == dir.dev &&
          guarded->dirs.ptr[i].ino == dir.ino) {
        close (fd);
        return guarded->dirs.ptr[i].fd;
      }
    if (guarded_dirs_append (&guarded->dirs, dir) == 0)
      return fd;
  }
  close (fd);
  return -1;
}

static void
free_file (struct guarded_file *file)
{
  free (file->name);
  free (file->lock);
}

static bool
forget (struct guarded *guarded, int dir_fd, const char *name, bool *spared)
{
  struct guarded_list *files = &guarded->files;

  for (size_t i = 0; i < files->len; i++)
    if (files->ptr[i].dir_fd == dir_fd &&
        strcmp (files->ptr[i].name, name) == 0) {
      *spared = files->ptr[i].spared;
      free_file (&files->ptr[i]);
      /* In order: see guarded_remove_all. */
      memmove (files->ptr + i, files->ptr + i + 1,
               (--files->len - i) * sizeof *files->ptr);
      return true;
    }
  return false;
}

void
guarded_forget (struct guarded *guarded, int dir_fd, const char *name)
{
  bool ignored;

  forget (guarded, dir_fd, name, &ignored);
}

/* A file that is made again, under the name of one that we were told of, has
 * another identity.
 */
void
guarded_add (struct guarded *guarded, struct guarded_file *file)
{
  bool spared;

  if (file->name != NULL &&
      forget (guarded, file->dir_fd, file->name, &spared))
    file->spared |= spared;
  if (file->name == NULL || guarded_list_append (&guarded->files, *file) == -1)
    free_file (file);
}

/*--- Removing. ---*/

/* FD is the file whose identity FILE has. */
static void
remove_file (const struct guarded_file *file, int fd)
{
  switch (file->how) {
  case GUARDED_FILE:
    owner_remove_at (file->dir_fd, file->name, fd);
    break;
  case GUARDED_EMPTY:
    unlinkat (file->dir_fd, file->name, AT_REMOVEDIR);
    break;
  case GUARDED_NAME:
    unlinkat (file->dir_fd, file->name, 0);
    break;
  }
}

/* A directory is looked into through the descriptor that was compared. */
static void
remove_if_same (const struct guarded_file *file)
{
  CLEANUP_FD int fd = openat (file->dir_fd, file->how == GUARDED_NAME
                              ? file->lock : file->name,
                              O_PATH|O_NOFOLLOW|O_CLOEXEC);
  char id[FILE_ID_MAX] = "";

  if (fd != -1)
    identify (fd, "", AT_EMPTY_PATH, id);
  if (id[0] != '\0' && strcmp (id, file->id) == 0)
    remove_file (file, fd);
}

static bool
is_spared (const struct guarded *guarded, const struct guarded_file *file)
{
  struct stat st;

  return file->spared && guarded->unless_fd != -1 &&
    fstatat (guarded->unless_fd, guarded->unless, &st,
             AT_SYMLINK_NOFOLLOW) == 0;
}

void
guarded_remove_all (const struct guarded *guarded)
{
  for (size_t i = guarded->files.len; i-- > 0;)
    if (!is_spared (guarded, &guarded->files.ptr[i]))
      remove_if_same (&guarded->files.ptr[i]);
}

void
guarded_reset (struct guarded *guarded)
{
  for (size_t i = 0; i < guarded->files.len; i++)
    free_file (&guarded->files.ptr[i]);
  for (size_t i = 0; i < guarded->dirs.len; i++)
    close (guarded->dirs.ptr[i].fd);
  guarded_list_reset (&guarded->files);
  guarded_dirs_reset (&guarded->dirs);
  free (guarded->unless);
}
