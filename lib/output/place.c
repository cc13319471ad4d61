/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Compares where disks are.  Nothing is locked here (place-lock.c), and an NBD
 * export is not compared with the file that its server may have open.
 */

#include <config.h>

#include <fcntl.h>
#include <linux/loop.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/uri.h"
#include "guest/location.h"
#include "output/place.h"

#define NBD_PORT 10809

/*--- NBD exports. ---*/

/* A socket is known by its inode, where it exists. */
static char *
place_of_socket (const struct uri_parts *parts, struct error *err)
{
  CLEANUP_FREE char *socket = parts->query == NULL ? NULL
    : uri_query_value (parts->query, "socket", err);
  const char *export = parts->path != NULL ? parts->path : "";
  struct stat st;

  if (error_is_set (err))
    return NULL;
  export += strspn (export, "/");
  return socket != NULL && stat (socket, &st) == 0
    ? format (err, "socket %ju:%ju %s", (uintmax_t) st.st_dev,
              (uintmax_t) st.st_ino, export)
    : format (err, "socket %s %s", socket != NULL ? socket : "", export);
}

char *
place_of_uri (const char *uri, struct error *err)
{
  CLEANUP_URI struct uri_parts parts = { .scheme = NULL };
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  const char *export;

  /* libnbd may accept URIs that libcurl cannot parse. */
  if (uri_parse (uri, &parts, &ignored) == -1)
    return alloc_copy (uri, err);
  if (strstr (parts.scheme, "+unix") != NULL)
    return place_of_socket (&parts, err);
  if (parts.host == NULL || strncasecmp (parts.scheme, "nbd", 3) != 0)
    return alloc_copy (uri, err);
  for (char *p = parts.host; *p != '\0'; p++)
    if (*p >= 'A' && *p <= 'Z')
      *p = (char) (*p - 'A' + 'a');
  export = parts.path != NULL ? parts.path : "";
  /* With TLS and without it is the same export. */
  return format (err, "nbd %s:%u %s", parts.host,
                 parts.port != 0 ? parts.port : NBD_PORT,
                 export[0] == '/' ? export + 1 : export);
}

bool
place_same_uri (const char *a, const char *b)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_FREE char *place_a = place_of_uri (a, &ignored);
  CLEANUP_FREE char *place_b = place_of_uri (b, &ignored);

  return place_a != NULL && place_b != NULL && strcmp (place_a, place_b) == 0;
}

/*--- Files and devices. ---*/

/* The file under a loop device takes its place. */
static void
look_under_loop (const char *path, struct stat *st)
{
  CLEANUP_FD int fd = open (path, O_RDONLY|O_CLOEXEC|O_NONBLOCK|O_NOCTTY);
  struct loop_info64 info;

  if (fd == -1 || ioctl (fd, LOOP_GET_STATUS64, &info) == -1)
    return;
  st->st_mode = S_IFREG;
  st->st_dev = info.lo_device;
  st->st_ino = info.lo_inode;
}

static bool
look (const char *path, struct stat *st)
{
  if (stat (path, st) == -1)
    return false;
  if (S_ISBLK (st->st_mode))
    look_under_loop (path, st);
  return true;
}

static bool
same_file (const struct stat *a, const struct stat *b)
{
  if (S_ISBLK (a->st_mode) || S_ISBLK (b->st_mode))
    return S_ISBLK (a->st_mode) && S_ISBLK (b->st_mode) &&
      a->st_rdev == b->st_rdev;
  return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* Two loop devices may have different parts of a file. */
static bool
same_path (const char *a, const char *b)
{
  struct stat st_a, st_b;

  if (stat (a, &st_a) == -1 || stat (b, &st_b) == -1)
    return false;
  if (S_ISBLK (st_a.st_mode) && S_ISBLK (st_b.st_mode))
    return same_file (&st_a, &st_b);
  return look (a, &st_a) && look (b, &st_b) && same_file (&st_a, &st_b);
}

bool
place_same (const struct location *a, const struct location *b)
{
  const char *path_a = location_local_path (a);
  const char *path_b = location_local_path (b);
  const char *uri_a = location_nbd_uri (a), *uri_b = location_nbd_uri (b);

  if (path_a != NULL && path_b != NULL)
    return same_path (path_a, path_b);
  return uri_a != NULL && uri_b != NULL && place_same_uri (uri_a, uri_b);
}

static bool
same_parent (const char *a, const char *b)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  const char *slash_a = strrchr (a, '/'), *slash_b = strrchr (b, '/');
  const char *name_a = slash_a != NULL ? slash_a + 1 : a;
  const char *name_b = slash_b != NULL ? slash_b + 1 : b;
  CLEANUP_FREE char *dir_a = format (&ignored, "%.*s.", (int) (name_a - a),
                                     a);
  CLEANUP_FREE char *dir_b = format (&ignored, "%.*s.", (int) (name_b - b),
                                     b);

  return strcmp (name_a, name_b) == 0 && dir_a != NULL && dir_b != NULL &&
    same_path (dir_a, dir_b);
}

bool
place_same_name (const char *a, const char *b)
{
  return same_path (a, b) || same_parent (a, b);
}
