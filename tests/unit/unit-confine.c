/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What a child gets is what its description says: the descriptors, the
 * directory, and the files that its rules allow.  Where the kernel has no
 * Landlock it may open the others, too.
 */

#include <config.h>

#undef NDEBUG
#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "io/confine.h"
#include "io/subprocess.h"

/* There, so that "allowed" and "refused" can be told from "not there". */
static char dir[] = "/tmp/unit-confine.XXXXXX";

static char *
path_of (const char *name)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  char *path = format (&err, "%s/%s", dir, name);

  assert (path != NULL);
  return path;
}

static void
make_file (const char *name)
{
  CLEANUP_FREE char *path = path_of (name);
  FILE *fp = fopen (path, "w");

  assert (fp != NULL && fputs (name, fp) != EOF && fclose (fp) == 0);
}

/* What the shell makes of SCRIPT, which is started as SPEC says. */
static int
status_of (struct subprocess_spec spec, const char *script)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  struct argv argv = { .ptr = NULL };
  struct child child = CHILD_INIT;
  int status;

  assert (argv_append (&argv, "sh", &err) == 0 &&
          argv_append (&argv, "-c", &err) == 0 &&
          argv_append (&argv, script, &err) == 0 &&
          argv_append (&argv, dir, &err) == 0);
  spec.argv = &argv;
  spec.stderr_fd = STDERR_FILENO;
  if (subprocess_start (&spec, &child, &err) == -1) {
    fprintf (stderr, "%s\n", err.message);
    abort ();
  }
  status = status_to_exit (child_reap (&child));
  argv_reset (&argv);
  return status;
}

/* The child's $0 is the directory. */
static int
confined_status (const struct confine *confine, const char *script)
{
  struct subprocess_spec spec = SUBPROCESS_SPEC (NULL);

  spec.confine = confine;
  return status_of (spec, script);
}

static void
allow_programs (struct confine *confine)
{
  static const char *const dirs[] = { "/usr", "/bin", "/lib", "/lib64" };
  CLEANUP_ERROR struct error err = ERROR_INIT;

  for (size_t i = 0; i < ARRAY_LEN (dirs); i++)
    assert (confine_path (confine, dirs[i], CONFINE_RUN, &err) == 0);
  assert (confine_path (confine, "/etc/ld.so.cache", CONFINE_READ,
                        &err) == 0);
  assert (confine_path (confine, "/dev/null", CONFINE_WRITE, &err) == 0);
}

static void
allow (struct confine *confine, const char *name, unsigned allow)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  CLEANUP_FREE char *path = path_of (name);

  assert (confine_path (confine, path, allow, &err) == 0);
}

static void
test_rules (void)
{
  CLEANUP_CONFINE struct confine confine = { .rules = NULL };

  allow_programs (&confine);
  allow (&confine, "read", CONFINE_READ);
  allow (&confine, "written", CONFINE_WRITE);
  allow (&confine, "made", CONFINE_MAKE);
  allow (&confine, "none", CONFINE_READ);
  assert (confined_status (&confine, "exit 7") == 7);
  assert (confined_status (&confine, "cat $0/read") == 0);
  assert (confined_status (&confine, "cat $0/link") == 0);
  assert (confined_status (&confine, "echo a > $0/written") == 0);
  assert (confined_status (&confine, "echo a > $0/made/a && cat $0/made/a && "
                           "rm $0/made/a") == 0);
  if (confine_abi () < 1)
    return;
  assert (confined_status (&confine, "cat $0/other") == 1);
  assert (confined_status (&confine, "cat $0/elsewhere") == 1);
  assert (confined_status (&confine, "ls $0") != 0);
  assert (confined_status (&confine, "! (echo a >> $0/read)") == 0);
  assert (confined_status (&confine, "! (echo a > $0/another)") == 0);
  assert (confined_status (&confine, "rm -f $0/read") == 1);
  assert (confined_status (&confine, "cat /etc/passwd") == 1);
  assert (confined_status (&confine, "exec 3>&2; ls /proc/self/fd") != 0);
}

/* What a link leads to is allowed as a file; a directory's files are not. */
static void
test_file_and_list (void)
{
  CLEANUP_CONFINE struct confine confine = { .rules = NULL };

  if (confine_abi () < 1)
    return;
  allow_programs (&confine);
  allow (&confine, "link", CONFINE_FILE);
  allow (&confine, "list", CONFINE_LIST);
  allow (&confine, "tree", CONFINE_FILE);
  allow (&confine, "other", CONFINE_LIST);
  assert (confined_status (&confine, "cat $0/link && ls $0/list") == 0);
  assert (confined_status (&confine, "cat $0/list/file") == 1);
  assert (confined_status (&confine, "cat $0/tree/file") == 1);
  assert (confined_status (&confine, "cat $0/other") == 1);
}

/* A program finds the libraries that are beside it, and those only. */
static void
test_prefix (void)
{
  CLEANUP_CONFINE struct confine confine = { .rules = NULL };
  CLEANUP_ERROR struct error err = ERROR_INIT;
  CLEANUP_FREE char *program = path_of ("x/bin/program");

  allow_programs (&confine);
  assert (confine_libraries_of (&confine, program, &err) == 0);
  assert (confine_libraries_of (&confine, "/program", &err) == 0);
  assert (confined_status (&confine, "cat $0/x/lib/file $0/x/lib64/file")
          == 0);
  if (confine_abi () < 1)
    return;
  assert (confined_status (&confine, "cat $0/x/etc/file") == 1);
  confine_reset (&confine);
  allow_programs (&confine);
  assert (confine_libraries_of (&confine, dir, &err) == 0);
  assert (confined_status (&confine, "cat $0/x/lib/file") == 1);
}

/* libnss-libvirt, which finds guests by their names, is rarely installed. */
static void
test_name_service (void)
{
  CLEANUP_CONFINE struct confine confine = { .rules = NULL };
  CLEANUP_ERROR struct error err = ERROR_INIT;
  bool found = false;

  assert (confine_programs (&confine, NULL, &err) == 0);
  for (size_t i = 0; i < confine.len; i++)
    found = found || strcmp (confine.rules[i].path,
                             "/var/lib/libvirt/dnsmasq") == 0;
  assert (found);
}

static void
test_swapped_name (void)
{
  CLEANUP_CONFINE struct confine confine = { .rules = NULL };
  CLEANUP_ERROR struct error err = ERROR_INIT;
  CLEANUP_FREE char *path = path_of ("swapped"), *old = path_of ("kept");
  CLEANUP_FD int fd = -1;

  make_file ("swapped");
  fd = open (path, O_RDONLY|O_CLOEXEC);
  assert (fd != -1);
  allow_programs (&confine);
  assert (confine_fd (&confine, fd, CONFINE_READ, &err) == 0);
  assert (confined_status (&confine, "cat $0/swapped") == 0);
  assert (rename (path, old) == 0);
  make_file ("swapped");
  assert (confined_status (&confine, "cat $0/kept") == 0);
  if (confine_abi () >= 1)
    assert (confined_status (&confine, "cat $0/swapped") == 1);
}

/* Not even those that we have on these numbers ourselves are in the way. */
static void
test_descriptors (void)
{
  CLEANUP_FREE char *a = path_of ("read"), *b = path_of ("other");
  CLEANUP_FD int first = open (a, O_RDONLY|O_CLOEXEC);
  CLEANUP_FD int second = open (b, O_RDONLY|O_CLOEXEC);
  CLEANUP_FD int in = open (dir, O_PATH|O_DIRECTORY|O_CLOEXEC);
  const int passed[] = { second, first, second };
  struct subprocess_spec spec = SUBPROCESS_SPEC (NULL);

  assert (first != -1 && second != -1 && in != -1);
  spec.passed_fds = passed;
  spec.n_passed = 3;
  spec.cwd_fd = in;
  assert (status_of (spec, "test \"$PWD\" = \"$0\" && cat read && "
                     "test \"$(cat <&4)\" = other && "
                     "test \"$(cat <&5)\" = read && test -e /dev/fd/6 && "
                     "! test -e /dev/fd/3 && ! test -e /dev/fd/7") == 0);
}

static void
test_privileges (void)
{
  struct subprocess_spec spec = SUBPROCESS_SPEC (NULL);

  assert (status_of (spec, "grep '^NoNewPrivs:.1$' /proc/self/status") == 0);
  spec.is_users_command = true;
  assert (status_of (spec, "grep '^NoNewPrivs:.0$' /proc/self/status") == 0);
}

int
main (void)
{
  CLEANUP_FREE char *made = NULL, *link = NULL;

  assert (mkdtemp (dir) != NULL);
  made = path_of ("made");
  link = path_of ("link");
  make_file ("read");
  make_file ("written");
  make_file ("other");
  assert (mkdir (made, 0700) == 0 && symlink ("read", link) == 0);
  free (link);
  link = path_of ("elsewhere");
  assert (symlink ("/etc/passwd", link) == 0);

  {
    struct subprocess_spec spec = SUBPROCESS_SPEC (NULL);

    assert (status_of (spec, "cd $0 && mkdir list tree x && cd x && "
                       "mkdir bin lib lib64 etc && cd .. && "
                       "tee list/file tree/file x/bin/program x/lib/file "
                       "x/lib64/file x/etc/file <read") == 0);
  }
  test_rules ();
  test_file_and_list ();
  test_prefix ();
  test_name_service ();
  test_swapped_name ();
  test_descriptors ();
  test_privileges ();
  {
    struct subprocess_spec spec = SUBPROCESS_SPEC (NULL);

    assert (status_of (spec, "rm -r \"$0\"") == 0);
  }
  return 0;
}
