/* SPDX-License-Identifier: GPL-2.0-or-later */

/* KEY+0 and so on are slots: as many as the limit, and more where somebody has
 * wanted more.  KEY+queue is locked while a ticket is made, and KEY+ticket+N
 * are the tickets of those that wait.  A ticket is removed by whoever had it,
 * or, when that process has died, by the next one that finds it unlocked; slots
 * stay.  Whose turn it is to wait is left to the caller.
 *
 * No '+' is left in a key, so that no two keys have a file in common.
 */

#include <config.h>

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/uri.h"
#include "io/slots.h"

#define SLOT "+"
#define TICKET "+ticket+"

struct slots {
  int dir_fd;
  char *dir;
  char *prefix;                 /* of the names of KEY's files */
  unsigned limit;               /* WANTED, where that is more */
  unsigned wanted;
  int *fds;                     /* of the slots: -1, or ours */
  unsigned n;                   /* how many are ours */
  unsigned taken;               /* by others */
  int ticket_fd;                /* -1: none */
  uint64_t ticket;
  uint64_t before;              /* the ticket before ours; 0: none */
};

/* A name that began with a dot would be hidden. */
static char *
prefix_of (const char *key, struct error *err)
{
  const bool dot = key[0] == '.';
  CLEANUP_FREE char *rest = uri_escape (dot ? key + 1 : key, "", err);

  return rest != NULL ? format (err, "%s%s", dot ? "%2E" : "", rest) : NULL;
}

struct slots *
slots_new (const char *dir, const char *key, unsigned limit, unsigned wanted,
           struct error *err)
{
  struct slots *slots = alloc_zero (sizeof *slots, err);

  if (slots == NULL)
    return NULL;
  slots->limit = wanted > limit ? wanted : limit;
  slots->wanted = wanted;
  slots->taken = limit;
  slots->ticket_fd = -1;
  slots->dir_fd = open (dir, O_RDONLY|O_DIRECTORY|O_CLOEXEC);
  slots->dir = alloc_copy (dir, err);
  slots->prefix = prefix_of (key, err);
  slots->fds = alloc_zero (slots->limit * sizeof *slots->fds, err);
  for (unsigned i = 0; slots->fds != NULL && i < slots->limit; i++)
    slots->fds[i] = -1;
  if (slots->dir_fd == -1)
    error_errno (err, REASON_WRITE, "%s", dir);
  if (!error_is_set (err))
    return slots;
  slots_free (slots);
  return NULL;
}

static char *
ticket_name (const struct slots *slots, uint64_t number, struct error *err)
{
  return format (err, "%s" TICKET "%" PRIu64, slots->prefix, number);
}

/* Its name goes first: who finds it unlocked may remove it, too. */
static void
give_ticket_back (struct slots *slots)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_FREE char *name = NULL;

  if (slots->ticket_fd == -1)
    return;
  name = ticket_name (slots, slots->ticket, &ignored);
  if (name != NULL)
    unlinkat (slots->dir_fd, name, 0);
  close_fd (&slots->ticket_fd);
}

void
slots_free (struct slots *slots)
{
  if (slots == NULL)
    return;
  give_ticket_back (slots);
  for (unsigned i = 0; slots->fds != NULL && i < slots->limit; i++)
    close_if_open (slots->fds[i]);
  close_if_open (slots->dir_fd);
  free (slots->fds);
  free (slots->dir);
  free (slots->prefix);
  free (slots);
}

#define OPEN_FLAGS (O_NOFOLLOW|O_NONBLOCK|O_NOCTTY|O_CLOEXEC)

/* Another user's file can only be read: flock needs no more. */
static int
open_existing (const struct slots *slots, const char *name)
{
  const int fd = openat (slots->dir_fd, name, O_RDWR|OPEN_FLAGS);

  return fd != -1 || errno != EACCES ? fd
    : openat (slots->dir_fd, name, O_RDONLY|OPEN_FLAGS);
}

/* Whatever the umask, other users can lock it. */
static int
create_file (const struct slots *slots, const char *name)
{
  const int fd = openat (slots->dir_fd, name, O_RDWR|O_CREAT|OPEN_FLAGS,
                         0666);
  struct stat st;

  if (fd != -1 && fstat (fd, &st) == 0)
    fchmod (fd, (st.st_mode & 0777) | 0444);
  return fd;
}

/* Other users' processes may have made it: O_CREAT is refused then where the
 * directory has the sticky bit (fs.protected_regular).
 */
static int
open_file (const struct slots *slots, const char *name, struct error *err)
{
  int fd = open_existing (slots, name);
  struct stat st;

  if (fd == -1 && errno == ENOENT)
    fd = create_file (slots, name);
  if (fd == -1)
    return error_errno (err, REASON_WRITE, "%s/%s", slots->dir, name);
  if (fstat (fd, &st) == 0 && S_ISREG (st.st_mode))
    return fd;
  close (fd);
  return error_set (err, REASON_WRITE, _("%s/%s is not a regular file"),
                    slots->dir, name);
}

/* 1: FD is locked; 0: somebody else has it. */
static int
lock (const struct slots *slots, int fd, struct error *err)
{
  if (flock (fd, LOCK_EX|LOCK_NB) == 0)
    return 1;
  if (errno == EWOULDBLOCK)
    return 0;
  error_errno (err, REASON_WRITE, _("%s: files cannot be locked there"),
               slots->dir);
  error_hint (err, _("name a directory of a file system that has locks, with "
                     "--limit-dir DIR"));
  return -1;
}

/* Is NAME one of KEY's files of this KIND? */
static bool
is_numbered (const struct slots *slots, const char *kind, const char *name,
             uint64_t *number)
{
  const size_t len = strlen (slots->prefix);
  char *end;

  if (strncmp (name, slots->prefix, len) != 0 ||
      strncmp (name + len, kind, strlen (kind)) != 0)
    return false;
  name += len + strlen (kind);
  errno = 0;
  *number = strtoull (name, &end, 10);
  return *name >= '0' && *name <= '9' && *end == '\0' && errno == 0;
}

enum holder {
  HOLDER_OTHER,                 /* it is locked, as far as can be seen */
  HOLDER_NONE,
  HOLDER_NO_FILE,               /* it is no regular file: none of ours */
};

static enum holder
holder_of (const struct slots *slots, const char *name)
{
  CLEANUP_FD int fd = open_existing (slots, name);
  struct stat st;

  if (fd == -1)
    return errno == EACCES ? HOLDER_OTHER : HOLDER_NO_FILE;
  if (fstat (fd, &st) == -1 || !S_ISREG (st.st_mode))
    return HOLDER_NO_FILE;
  return flock (fd, LOCK_EX|LOCK_NB) == -1 ? HOLDER_OTHER : HOLDER_NONE;
}

/* One of a process that died is removed, if another user's can be. */
static bool
ticket_is_held (const struct slots *slots, const char *name)
{
  const enum holder holder = holder_of (slots, name);

  if (holder == HOLDER_NONE)
    unlinkat (slots->dir_fd, name, 0);
  return holder == HOLDER_OTHER;
}

struct others {
  uint64_t last_ticket;         /* the highest number of all */
  uint64_t before;              /* the highest below ours; 0: none */
  unsigned above;               /* slots that are taken beyond our limit:
                                   others have a higher one */
};

static void
look_at_file (const struct slots *slots, const char *name,
              struct others *others)
{
  uint64_t number;

  if (is_numbered (slots, SLOT, name, &number))
    others->above += number >= slots->limit &&
      holder_of (slots, name) == HOLDER_OTHER;
  else if (is_numbered (slots, TICKET, name, &number)) {
    if (number > others->last_ticket)
      others->last_ticket = number;
    if (slots->ticket_fd != -1 && number < slots->ticket &&
        number > others->before && ticket_is_held (slots, name))
      others->before = number;
  }
}

static int
look_at_others (const struct slots *slots, struct others *ret,
                struct error *err)
{
  const int fd = openat (slots->dir_fd, ".", O_RDONLY|O_DIRECTORY|O_CLOEXEC);
  DIR *dir = fd != -1 ? fdopendir (fd) : NULL;
  const struct dirent *entry;

  *ret = (struct others) { .last_ticket = 0 };
  if (dir == NULL) {
    error_errno (err, REASON_WRITE, "%s", slots->dir);
    close_if_open (fd);
    return -1;
  }
  while ((entry = readdir (dir)) != NULL)
    look_at_file (slots, entry->d_name, ret);
  closedir (dir);
  return 0;
}

/* The queue is locked. */
static int
make_ticket (struct slots *slots, struct error *err)
{
  CLEANUP_FREE char *name = NULL;
  CLEANUP_FD int fd = -1;
  struct others others;

  if (look_at_others (slots, &others, err) == -1)
    return -1;
  name = ticket_name (slots, others.last_ticket + 1, err);
  if (name == NULL || (fd = open_file (slots, name, err)) == -1 ||
      lock (slots, fd, err) == -1)
    return -1;
  slots->ticket = others.last_ticket + 1;
  slots->before = others.last_ticket;
  slots->ticket_fd = STEAL_FD (fd);
  return 1;
}

/* 0: somebody else is making one just now. */
static int
take_ticket (struct slots *slots, struct error *err)
{
  CLEANUP_FREE char *name = format (err, "%s+queue", slots->prefix);
  CLEANUP_FD int fd = name != NULL ? open_file (slots, name, err) : -1;
  const int r = fd != -1 ? lock (slots, fd, err) : -1;

  return r == 1 ? make_ticket (slots, err) : r;
}

static int
take_slot (struct slots *slots, unsigned i, struct error *err)
{
  CLEANUP_FREE char *name = format (err, "%s" SLOT "%u", slots->prefix, i);
  CLEANUP_FD int fd = name != NULL ? open_file (slots, name, err) : -1;
  const int r = fd != -1 ? lock (slots, fd, err) : -1;

  if (r == 1 && slots->n < slots->wanted) {
    slots->fds[i] = STEAL_FD (fd);
    slots->n++;
  }
  return r;
}

/* Others have slots beyond our limit: as many below it stay free. */
static void
give_surplus_back (struct slots *slots)
{
  for (unsigned i = slots->limit; i-- > 0;)
    if (slots->fds[i] != -1 && slots->n + slots->taken > slots->limit) {
      close_fd (&slots->fds[i]);
      slots->n--;
    }
}

/* All are tried, to see how many others have: ABOVE, and those below. */
static int
take_slots (struct slots *slots, unsigned above, struct error *err)
{
  slots->taken = above;
  for (unsigned i = 0; i < slots->limit; i++)
    if (slots->fds[i] == -1)
      switch (take_slot (slots, i, err)) {
      case -1: return -1;
      case 0: slots->taken++;
      }
  give_surplus_back (slots);
  if (slots->n < slots->wanted)
    return 0;
  give_ticket_back (slots);
  return 1;
}

/* Only the ticket before ours is looked at until it goes, whatever has become
 * of those before that one: where hundreds wait, looking at all would keep
 * whoever serves the locks busy.
 */
static int
somebody_is_before_us (struct slots *slots, struct error *err)
{
  CLEANUP_FREE char *name = ticket_name (slots, slots->before, err);

  if (name == NULL)
    return -1;
  return slots->before != 0 && ticket_is_held (slots, name);
}

int
slots_try (struct slots *slots, struct error *err)
{
  struct others others;
  int r;

  if (slots->n >= slots->wanted)
    return 1;
  r = slots->ticket_fd != -1 ? 1 : take_ticket (slots, err);
  if (r != 1)
    return r;
  r = somebody_is_before_us (slots, err);
  if (r != 0)
    return r == 1 ? 0 : -1;
  if (look_at_others (slots, &others, err) == -1)
    return -1;
  slots->before = others.before;
  return others.before != 0 ? 0 : take_slots (slots, others.above, err);
}

unsigned
slots_taken (const struct slots *slots)
{
  return slots->taken;
}
