/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The kernel does not say whose an OFD lock is (its owner is an open file,
 * which several processes may have), and shows -1 in /proc/locks.  But each
 * process's fdinfo lists the locks of its open files.
 */

#include <config.h>

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "io/lock-holder.h"

struct wanted {
  struct stat st;               /* of the file */
  unsigned long long first, last;
};

/* lock:	1: OFDLCK ADVISORY  READ -1 fe:00:1073855 100 101 */
static bool
line_matches (const char *line, const struct wanted *wanted)
{
  unsigned long long start, end = ULLONG_MAX;
  char last[32];

  if (sscanf (line, "lock: %*s %*s %*s %*s %*s %*s %llu %31s", &start,
              last) != 2)
    return false;
  if (strcmp (last, "EOF") != 0 && sscanf (last, "%llu", &end) != 1)
    return false;
  return start <= wanted->last && end >= wanted->first;
}

/* NAME is a descriptor in the directory /proc/PID/fd. */
static bool
fd_matches (const char *pid, const char *name, const struct wanted *wanted)
{
  CLEANUP_FCLOSE FILE *fp = NULL;
  char path[64], line[256];
  struct stat st;

  snprintf (path, sizeof path, "/proc/%.16s/fd/%.16s", pid, name);
  if (stat (path, &st) == -1 || st.st_dev != wanted->st.st_dev ||
      st.st_ino != wanted->st.st_ino)
    return false;
  snprintf (path, sizeof path, "/proc/%.16s/fdinfo/%.16s", pid, name);
  fp = fopen (path, "re");
  while (fp != NULL && fgets (line, sizeof line, fp) != NULL)
    if (line_matches (line, wanted))
      return true;
  return false;
}

static bool
process_matches (const char *pid, const struct wanted *wanted)
{
  const struct dirent *entry;
  bool found = false;
  char path[64];
  DIR *dir;

  snprintf (path, sizeof path, "/proc/%.16s/fd", pid);
  dir = opendir (path);
  while (dir != NULL && !found && (entry = readdir (dir)) != NULL)
    found = isdigit ((unsigned char) entry->d_name[0]) &&
      fd_matches (pid, entry->d_name, wanted);
  if (dir != NULL)
    closedir (dir);
  return found;
}

/* The line, or what is before a NUL byte, of /proc/PID/FILE. */
static void
read_text (const char *pid, const char *file, char *text, int size)
{
  CLEANUP_FCLOSE FILE *fp = NULL;
  char path[64];

  snprintf (path, sizeof path, "/proc/%.16s/%s", pid, file);
  fp = fopen (path, "re");
  if (fp == NULL || fgets (text, size, fp) == NULL)
    text[0] = '\0';
  text[strcspn (text, "\n")] = '\0';
}

/* The kernel keeps 15 bytes of a program's name; its command line has more. */
static char *
describe (const char *pid)
{
  char comm[16], command[PATH_MAX];
  const char *slash;
  char *name, *ret;

  read_text (pid, "comm", comm, sizeof comm);
  read_text (pid, "cmdline", command, sizeof command);
  slash = strrchr (command, '/');
  name = slash != NULL ? command + (slash - command) + 1 : command;
  if (comm[0] == '\0' || strncmp (name, comm, strlen (comm)) != 0)
    name = comm[0] != '\0' ? comm : strcpy (command, "?");
  /* A name is what the process likes to be called. */
  for (char *p = name; *p != '\0'; p++)
    if (!isprint ((unsigned char) *p))
      *p = '?';
  return asprintf (&ret, "%.64s, PID %s", name, pid) == -1 ? NULL : ret;
}

char *
lock_holder (int fd, unsigned long long first, unsigned long long last)
{
  struct wanted wanted = { .first = first, .last = last };
  const struct dirent *entry;
  char *ret = NULL;
  DIR *dir;

  if (fstat (fd, &wanted.st) == -1)
    return NULL;
  dir = opendir ("/proc");
  while (dir != NULL && ret == NULL && (entry = readdir (dir)) != NULL)
    if (isdigit ((unsigned char) entry->d_name[0]) &&
        atol (entry->d_name) != getpid () &&
        process_matches (entry->d_name, &wanted))
      ret = describe (entry->d_name);
  if (dir != NULL)
    closedir (dir);
  return ret;
}

int
lock_held_by_run (int fd, unsigned long long byte, const char *what,
                  struct error *err)
{
  CLEANUP_FREE char *holder = lock_holder (fd, byte, byte);

  if (holder != NULL)
    error_set (err, REASON_TARGET_BUSY, _("another run is writing to %s (%s)"),
               what, holder);
  else
    error_set (err, REASON_TARGET_BUSY, _("another run is writing to %s"),
               what);
  error_hint (err, _("wait until it has ended"));
  return -1;
}
