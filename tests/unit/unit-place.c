/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Which names are of one disk, and which only look like it. */

#include <config.h>

#undef NDEBUG
#include <assert.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "guest/location.h"
#include "output/place.h"

static bool
same_uri (const char *a, const char *b)
{
  const struct location x = { .kind = LOCATION_NBD, .uri = (char *) a };
  const struct location y = { .kind = LOCATION_NBD, .uri = (char *) b };

  assert (place_same (&x, &y) == place_same (&y, &x));
  return place_same (&x, &y);
}

static bool
same_path (const char *a, const char *b)
{
  const struct location x = { .kind = LOCATION_FILE, .path = (char *) a };
  const struct location y = { .kind = LOCATION_FILE, .path = (char *) b };

  assert (place_same (&x, &y) == place_same (&y, &x));
  return place_same (&x, &y);
}

static void
test_uris (void)
{
  assert (same_uri ("nbd://host/a", "nbd://HOST:10809/a"));
  assert (same_uri ("nbd://host", "nbd://host/"));
  assert (same_uri ("nbd://host/a", "nbds://user@host/a?tls-verify-peer=1"));
  assert (same_uri ("nbd://host/a%20b", "nbd://host/a%20%62"));
  assert (same_uri ("nbd://[::1]/a", "nbd://[::1]:10809/a"));
  assert (!same_uri ("nbd://host/a", "nbd://host/A"));
  assert (!same_uri ("nbd://host/a", "nbd://host/b"));
  assert (!same_uri ("nbd://host/a", "nbd://host:10810/a"));
  assert (!same_uri ("nbd://host/a", "nbd://other/a"));
  assert (!same_uri ("nbd+unix:///?socket=/no/a", "nbd+unix:///?socket=/no/b"));
  assert (!same_uri ("nbd+unix:///a?socket=/no", "nbd+unix:///b?socket=/no"));
  assert (same_uri ("nbd+unix:///a?socket=/no", "nbds+unix:///a?socket=/no"));
  assert (same_uri ("nbd+unix:///", "nbd+unix:///"));
  /* A URI that libcurl does not take is the same as itself. */
  assert (same_uri ("nbd://[", "nbd://["));
  assert (!same_uri ("nbd://[", "nbd://]"));
}

static void
test_sockets (void)
{
  const struct sockaddr_un addr = { AF_UNIX, "sock" };
  CLEANUP_FD int fd = socket (AF_UNIX, SOCK_STREAM, 0);

  assert (bind (fd, (const struct sockaddr *) &addr, sizeof addr) == 0);
  assert (symlink ("sock", "link") == 0);
  assert (same_uri ("nbd+unix:///a?socket=sock", "nbd+unix:///a?socket=link"));
  assert (!same_uri ("nbd+unix:///a?socket=sock",
                     "nbd+unix:///b?socket=link"));
}

static void
make (const char *path)
{
  close (open (path, O_WRONLY|O_CREAT, 0600));
}

static void
test_paths (void)
{
  make ("f1");
  make ("f2");
  assert (mkdir ("dir", 0700) == 0);
  assert (link ("f1", "dir/hard") == 0 && symlink ("../f1", "dir/soft") == 0);
  assert (same_path ("f1", "f1") && same_path ("f1", "dir/hard"));
  assert (same_path ("./dir/soft", "dir/hard") && !same_path ("f1", "f2"));
  assert (!same_path ("none", "none"));

  assert (place_same_name ("none", "./none"));
  assert (place_same_name ("dir/none", "dir/../dir/none"));
  assert (place_same_name ("f1", "dir/soft"));
  assert (!place_same_name ("none", "dir/none"));
  assert (!place_same_name ("none", "none2"));
  assert (!place_same_name ("nodir/none", "none"));
}

int
main (void)
{
  char dir[] = "/tmp/unit-place-XXXXXX";

  assert (mkdtemp (dir) != NULL && chdir (dir) == 0);
  test_uris ();
  test_sockets ();
  test_paths ();
  assert (unlink ("dir/hard") == 0 && unlink ("dir/soft") == 0 &&
          rmdir ("dir") == 0 && unlink ("f1") == 0 && unlink ("f2") == 0 &&
          unlink ("sock") == 0 && unlink ("link") == 0 && rmdir (dir) == 0);
  return 0;
}
