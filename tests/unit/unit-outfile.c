/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Another user exchanges a name all the time while we write to it: no file but
 * that name's own is ever written to.
 */

#include <config.h>

#undef NDEBUG
#include <assert.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/outfile.h"

#define DIR "/var/tmp/unit-outfile"
#define OTHER 12345
#define ROUNDS 3000

static char dir[] = DIR ".XXXXXX";
static char shared[sizeof dir + 10], victim[sizeof dir + 10];
static char name[sizeof shared + 10];

/* The name is a file, a link to the victim, a FIFO, nothing. */
static void
exchange (void)
{
  char file[sizeof shared + 10], link[sizeof file], fifo[sizeof file];

  assert (prctl (PR_SET_PDEATHSIG, SIGKILL) == 0);
  assert (setgid (OTHER) == 0 && setuid (OTHER) == 0);
  snprintf (file, sizeof file, "%s/file", shared);
  snprintf (link, sizeof link, "%s/link", shared);
  snprintf (fifo, sizeof fifo, "%s/fifo", shared);
  umask (0);
  for (;;) {
    close (open (file, O_WRONLY|O_CREAT, 0666));
    rename (file, name);
    if (symlink (victim, link) == 0)
      rename (link, name);
    if (mkfifo (fifo, 0666) == 0)
      rename (fifo, name);
    unlink (name);
  }
}

static void
write_often (void)
{
  for (int i = 0; i < ROUNDS; i++) {
    CLEANUP_ERROR struct error err = ERROR_INIT;
    int fd;

    outfile_write (name, "written", 7, &err);
    error_reset (&err);
    outfile_clear (name, &err);
    error_reset (&err);
    fd = outfile_open (name, 0600, OUTFILE_FIFO_ALONE, &err);
    if (fd != -1) {
      assert (write (fd, "opened", 6) == 6);
      close (fd);
    }
  }
}

static void
expect_precious (void)
{
  CLEANUP_FCLOSE FILE *fp = fopen (victim, "r");
  char text[20] = "";

  assert (fp != NULL && fgets (text, sizeof text, fp) != NULL);
  assert (strcmp (text, "precious") == 0);
}

static void
try_in (mode_t mode)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  pid_t pid;

  assert (chmod (shared, mode) == 0);
  assert (outfile_write (victim, "precious", 8, &err) == 0);
  pid = fork ();
  assert (pid != -1);
  if (pid == 0)
    exchange ();
  write_often ();
  assert (kill (pid, SIGKILL) == 0 && waitpid (pid, NULL, 0) == pid);
  expect_precious ();
  unlink (name);
}

int
main (void)
{
  char command[sizeof dir + 20];

  if (geteuid () != 0) {
    fprintf (stderr, "unit-outfile: skipped: needs root\n");
    return 77;
  }
  assert (mkdtemp (dir) != NULL && chmod (dir, 0755) == 0);
  snprintf (shared, sizeof shared, "%s/shared", dir);
  snprintf (victim, sizeof victim, "%s/victim", dir);
  snprintf (name, sizeof name, "%s/name", shared);
  assert (mkdir (shared, 0700) == 0);
  try_in (0777);
  try_in (01777);
  snprintf (command, sizeof command, "rm -r %s", dir);
  return system (command) == 0 ? 0 : 1;
}
