/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Opens files below a directory, whatever is done to the names meanwhile.
 * What a name leads to is looked up once, in the call that opens it: a name
 * that was checked before could be another file's by then.  What may be opened
 * at all, and what a user is told, is left to the callers.
 */

#include <config.h>

#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/alloc.h"
#include "base/beneath.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"

/* openat2(2), since Linux 5.6; headers may be older than the kernel. */
#ifndef SYS_openat2
#define SYS_openat2 437
#endif
#define NO_MAGICLINKS UINT64_C (0x02)
#define NO_SYMLINKS UINT64_C (0x04)
#define BENEATH UINT64_C (0x08)

struct how {
  uint64_t flags, mode, resolve;
};

/* The kernel cannot tell whether ".." leads out while directories are renamed,
 * and says EAGAIN.
 */
#define ATTEMPTS 16

/*--- Directories. ---*/

enum reason
beneath_reason (void)
{
  return errno == ENOENT || errno == ENOTDIR ? REASON_NOT_FOUND
    : errno == EACCES || errno == EPERM ? REASON_AUTH : REASON_READ;
}

static int
cannot_open (const char *path, struct error *err)
{
  return error_errno (err, beneath_reason (), _("cannot open %s"), path);
}

int
beneath_open_directory (const char *path, struct beneath *ret,
                        struct error *err)
{
  char *real = realpath (path, NULL);

  ret->fd = real == NULL ? -1 : open (real, O_PATH|O_DIRECTORY|O_CLOEXEC);
  if (ret->fd == -1) {
    cannot_open (path, err);
    free (real);
    return -1;
  }
  if (strcmp (real, "/") == 0)
    *real = '\0';
  ret->path = real;
  return 0;
}

int
beneath_open_parent (const char *path, struct beneath *ret, char **name,
                     struct error *err)
{
  CLEANUP_FREE char *real = realpath (path, NULL);
  char *slash;
  int r;

  if (real == NULL)
    return cannot_open (path, err);
  slash = strrchr (real, '/');
  *name = alloc_copy (slash + 1, err);
  if (*name == NULL)
    return -1;
  *slash = '\0';
  r = beneath_open_directory (slash == real ? "/" : real, ret, err);
  if (r == -1) {
    free (*name);
    *name = NULL;
  }
  return r;
}

void
beneath_reset (struct beneath *dir)
{
  close_fd (&dir->fd);
  free (dir->path);
  dir->path = NULL;
}

/*--- Names. ---*/

/* Append one component to OUT, which begins at START. */
static char *
append (char *out, const char *start, const char *part, size_t len)
{
  if (out != start)
    *out++ = '/';
  return (char *) mempcpy (out, part, len);
}

/* Where the last component between START and OUT begins, without its slash. */
static char *
without_last (char *start, char *out)
{
  char *slash = memrchr (start, '/', (size_t) (out - start));

  return slash == NULL ? start : slash;
}

static char *
fail (int error)
{
  errno = error;
  return NULL;
}

char *
beneath_plain_name (const char *name, bool up)
{
  CLEANUP_FREE char *clean = malloc (strlen (name) + 1);
  char *out = clean;

  if (clean == NULL)
    return NULL;
  if (*name == '/')
    return fail (EXDEV);
  for (const char *part = name; *part != '\0';) {
    const size_t len = strcspn (part, "/");

    if (len == 2 && strncmp (part, "..", 2) == 0) {
      if (!up || out == clean)
        return fail (EXDEV);
      out = without_last (clean, out);
    }
    else if (len > 0 && !(len == 1 && *part == '.'))
      out = append (out, clean, part, len);
    part += len + (part[len] == '/');
  }
  *out = '\0';
  return out == clean ? fail (ENOENT) : STEAL (clean);
}

/* PATH without the directory's, or NULL. */
static const char *
below (const struct beneath *dir, const char *path)
{
  const size_t len = strlen (dir->path);

  return strncmp (path, dir->path, len) == 0 && path[len] == '/'
    ? path + len + strspn (path + len, "/") : NULL;
}

/* Where the name leads through links, if that is in the directory. */
static char *
follow (const struct beneath *dir, const char *name)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_FREE char *path = format (&ignored, "%s/%s", dir->path, name);
  CLEANUP_FREE char *real = path == NULL ? NULL : realpath (path, NULL);
  const char *inside = real == NULL ? NULL : below (dir, real);

  if (path == NULL)
    return fail (ENOMEM);
  return inside == NULL || *inside == '\0' ? fail (EXDEV) : strdup (inside);
}

/* The absolute NAME as seen from the directory, whichever links its folder is
 * reached through: an ESXi host's /vmfs/volumes/DATASTORE is always one.
 */
static char *
seen_from (const struct beneath *dir, const char *name)
{
  const char *inside = below (dir, name), *slash = strrchr (name, '/');
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_FREE char *folder = NULL, *real = NULL, *path = NULL;

  if (inside != NULL)
    return strdup (inside);
  folder = strndup (name, (size_t) (slash + 1 - name));
  if (folder == NULL)
    return NULL;
  real = realpath (folder, NULL);
  if (real == NULL)
    return fail (errno == ENOMEM ? ENOMEM : EXDEV);
  path = format (&ignored, "%s%s", real, slash);
  if (path == NULL)
    return fail (ENOMEM);
  inside = below (dir, path);
  return inside == NULL ? fail (EXDEV) : strdup (inside);
}

char *
beneath_name (const struct beneath *dir, const char *name)
{
  CLEANUP_FREE char *relative = *name == '/' ? seen_from (dir, name)
                                             : strdup (name);
  CLEANUP_FREE char *plain = relative == NULL ? NULL
    : beneath_plain_name (relative, true);
  CLEANUP_FD int fd = -1;

  if (plain == NULL)
    return NULL;
  fd = beneath_open (dir, plain, O_PATH);
  return fd == -1 && errno == ELOOP ? follow (dir, plain) : STEAL (plain);
}

/*--- Opening. ---*/

static bool
is_link (int fd)
{
  struct stat st;

  return fstat (fd, &st) == 0 && S_ISLNK (st.st_mode);
}

/* The folder NAME, which is LEN bytes long, in the folder AT. */
static int
open_folder (int at, const char *name, size_t len)
{
  CLEANUP_FREE char *part = strndup (name, len);
  CLEANUP_FD int fd = -1;

  if (part == NULL)
    return -1;
  fd = openat (at, part, O_PATH|O_NOFOLLOW|O_CLOEXEC);
  if (fd == -1 || !is_link (fd))
    return STEAL_FD (fd);
  errno = ELOOP;
  return -1;
}

/* walk.c goes such steps, too, but it judges the links that it finds, and
 * follows them; here there are none, and no "..".
 */
int
beneath_open_in_steps (const struct beneath *dir, const char *name, int flags)
{
  CLEANUP_FD int at = -1, fd = -1;
  size_t len;

  for (; name[len = strcspn (name, "/")] != '\0'; name += len + 1) {
    const int next = open_folder (at == -1 ? dir->fd : at, name, len);

    if (next == -1)
      return -1;
    close_fd (&at);
    at = next;
  }
  fd = openat (at == -1 ? dir->fd : at, name, flags|O_NOFOLLOW|O_CLOEXEC);
  /* With O_PATH the link itself is opened. */
  if (fd == -1 || (flags & O_PATH) == 0 || !is_link (fd))
    return STEAL_FD (fd);
  errno = ELOOP;
  return -1;
}

/* Older filters of system calls answer EPERM for those that they do not know
 * (Docker before 20.10).
 */
int
beneath_open (const struct beneath *dir, const char *name, int flags)
{
  struct how how = {
    /* As the library's open adds it on 32 bits; not allowed with O_PATH. */
    .flags = (uint64_t) (flags|O_CLOEXEC|
                         ((flags & O_PATH) != 0 ? 0 : O_LARGEFILE)),
    .resolve = BENEATH|NO_SYMLINKS|NO_MAGICLINKS,
  };
  long fd = -1;

  for (unsigned i = 0; i < ATTEMPTS && fd == -1; i++) {
    fd = syscall (SYS_openat2, dir->fd, name, &how, sizeof how);
    if (fd == -1 && errno != EAGAIN)
      break;
  }
  return fd == -1 && (errno == ENOSYS || errno == EPERM)
    ? beneath_open_in_steps (dir, name, flags) : (int) fd;
}
