/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Preloaded into the command: V2V_TEST_DEFINE says what happens to it, or to
 * the process in which it calls libvirt, before or after libvirt is asked to
 * define a guest: "before kill" and "after kill" (of the command), "before
 * term", "before lost" and "after lost" (of that process).  With "remove
 * NAME" the command is killed before it removes the file of that name.
 */

#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef void *(*define_fn) (void *conn, const char *xml);

extern void *virDomainDefineXML (void *conn, const char *xml);

static void
happen (const char *when)
{
  const char *what = getenv ("V2V_TEST_DEFINE");

  if (what == NULL || strncmp (what, when, strlen (when)) != 0)
    return;
  what += strlen (when);
  if (strcmp (what, "kill") == 0) {
    kill (getppid (), SIGKILL);
    pause ();
  }
  if (strcmp (what, "term") == 0)
    kill (getppid (), SIGTERM);
  if (strcmp (what, "lost") == 0)
    _exit (EXIT_FAILURE);
}

void *
virDomainDefineXML (void *conn, const char *xml)
{
  define_fn real;
  void *ret;

  *(void **) &real = dlsym (RTLD_NEXT, "virDomainDefineXML");
  happen ("before ");
  ret = real (conn, xml);
  happen ("after ");
  return ret;
}

typedef int (*unlinkat_fn) (int dir_fd, const char *path, int flags);

extern int unlinkat (int dir_fd, const char *path, int flags);

int
unlinkat (int dir_fd, const char *path, int flags)
{
  const char *what = getenv ("V2V_TEST_DEFINE");
  unlinkat_fn real;

  *(void **) &real = dlsym (RTLD_NEXT, "unlinkat");
  if (what != NULL && strncmp (what, "remove ", 7) == 0 &&
      strcmp (what + 7, path) == 0) {
    kill (getpid (), SIGKILL);
    pause ();
  }
  return real (dir_fd, path, flags);
}
