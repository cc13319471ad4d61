/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The guard is a fork of this process that reads messages from a socket: a
 * letter and up to three texts, each ended by a NUL byte, and with them the
 * directory that a file is in.  The other end's end is our end, however we
 * came to it, so that there is one way of cleaning up: after an orderly end
 * there is just little left to do.  The list of files is left to
 * guard-files.c.
 */

#include <config.h>

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "base/alloc.h"
#include "base/argv.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "io/descriptors.h"
#include "io/guard-files.h"
#include "io/guard.h"
#include "io/leftover.h"
#include "io/owner.h"

#define MESSAGE_MAX (2 * PATH_MAX)

struct guard {
  pid_t pid;
  int fd;
};

union control {                 /* aligned as recvmsg wants it */
  char buf[CMSG_SPACE (sizeof (int))];
  struct cmsghdr align;
};

/* A file is told with its directory DIR_FD, other things with -1. */
static void
send_message (struct guard *guard, char type, int dir_fd, const char *name,
              const char *id, const char *lock)
{
  struct iovec texts[] = {
    { .iov_base = &type, .iov_len = 1 },
    { .iov_base = (char *) name, .iov_len = strlen (name) + 1 },
    { .iov_base = (char *) id, .iov_len = strlen (id) + 1 },
    { .iov_base = (char *) lock, .iov_len = strlen (lock) + 1 },
  };
  union control control = { .buf = "" };
  struct msghdr message = {
    .msg_iov = texts, .msg_iovlen = ARRAY_LEN (texts),
  };

  if (guard == NULL)
    return;
  if (dir_fd != -1) {
    struct cmsghdr *header;

    message.msg_control = control.buf;
    message.msg_controllen = sizeof control.buf;
    header = CMSG_FIRSTHDR (&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN (sizeof (int));
    memcpy (CMSG_DATA (header), &dir_fd, sizeof dir_fd);
  }
  /* Messages are few, and sent from where their texts are: also without
   * memory the guard must know.  If it has died there is nothing better to do
   * than to go on.
   */
  while (sendmsg (guard->fd, &message, MSG_NOSIGNAL) == -1 && errno == EINTR)
    ;
}

static void
announce (struct guard *guard, char type, int dir_fd, const char *name,
          const char *lock)
{
  char id[FILE_ID_MAX];

  guarded_identify (dir_fd, *lock != '\0' ? lock : name, id);
  send_message (guard, type, dir_fd, name, id, lock);
}

void
guard_at (struct guard *guard, int dir_fd, const char *name)
{
  announce (guard, '+', dir_fd, name, "");
}

void
guard_at_unless (struct guard *guard, int dir_fd, const char *name,
                 int unless_dir_fd, const char *unless)
{
  send_message (guard, '?', unless_dir_fd, unless, "", "");
  announce (guard, '*', dir_fd, name, "");
}

void
guard_empty_at (struct guard *guard, int dir_fd, const char *name)
{
  announce (guard, '/', dir_fd, name, "");
}

void
guard_name_at (struct guard *guard, int dir_fd, const char *name,
               const char *lock)
{
  announce (guard, '!', dir_fd, name, lock);
}

void
guard_forget_at (struct guard *guard, int dir_fd, const char *name)
{
  send_message (guard, '-', dir_fd, name, "", "");
}

void
guard_dir_unless (struct guard *guard, const char *path, int unless_dir_fd,
                  const char *unless)
{
  CLEANUP_FD int dir_fd = open (path, O_PATH|O_DIRECTORY|O_NOFOLLOW|O_CLOEXEC);
  CLEANUP_FD int fd = dir_fd == -1 ? -1
    : openat (dir_fd, "..", O_PATH|O_DIRECTORY|O_CLOEXEC);

  if (fd != -1)
    guard_at_unless (guard, fd, strrchr (path, '/') + 1, unless_dir_fd,
                     unless);
}

void
guard_processes (struct guard *guard, const char *dir)
{
  send_message (guard, '=', -1, dir, "", "");
}

/*--- In the guard. ---*/

struct message {
  char type;
  int dir_fd;                   /* the receiver's, or -1 */
  const char *name, *id, *lock; /* in TEXT */
  char text[MESSAGE_MAX];
};

/* -1: the sender has ended. */
static int
receive (int fd, struct message *ret)
{
  struct iovec iov = {
    .iov_base = ret->text, .iov_len = sizeof ret->text - 3
  };
  union control control;
  struct msghdr message = {
    .msg_iov = &iov, .msg_iovlen = 1,
    .msg_control = control.buf, .msg_controllen = sizeof control.buf,
  };
  const struct cmsghdr *header;
  ssize_t n;

  do
    n = recvmsg (fd, &message, MSG_CMSG_CLOEXEC);
  while (n == -1 && errno == EINTR);
  if (n <= 0)
    return -1;
  memset (ret->text + n, '\0', 3); /* three texts, whatever came */
  ret->type = ret->text[0];
  ret->name = ret->text + 1;
  ret->id = ret->name + strlen (ret->name) + 1;
  ret->lock = ret->id + strlen (ret->id) + 1;
  ret->dir_fd = -1;
  header = CMSG_FIRSTHDR (&message);
  if (header != NULL && header->cmsg_type == SCM_RIGHTS)
    memcpy (&ret->dir_fd, CMSG_DATA (header), sizeof ret->dir_fd);
  return 0;
}

static void
take_file (struct guarded *guarded, const struct message *message, int dir_fd)
{
  struct guarded_file file = {
    .dir_fd = dir_fd,
    .how = message->type == '/' ? GUARDED_EMPTY
      : message->type == '!' ? GUARDED_NAME : GUARDED_FILE,
    .spared = message->type == '*',
    .name = strdup (message->name),
    .lock = message->type == '!' ? strdup (message->lock) : NULL,
  };

  snprintf (file.id, sizeof file.id, "%s", message->id);
  guarded_add (guarded, &file);
}

static void
handle_message (struct guarded *guarded, struct argv *markers,
                const struct message *message)
{
  struct error ignored = ERROR_INIT;
  const int dir_fd = guarded_take_dir (guarded, message->dir_fd);

  switch (message->type) {
  case '+':
  case '*':
  case '/':
  case '!':
    if (dir_fd != -1)
      take_file (guarded, message, dir_fd);
    break;
  case '-':
    guarded_forget (guarded, dir_fd, message->name);
    break;
  case '?':
    free (guarded->unless);
    guarded->unless = strdup (message->name);
    guarded->unless_fd = guarded->unless != NULL ? dir_fd : -1;
    break;
  case '=':
    argv_appendf (markers, &ignored, "%s=%s", LEFTOVER_VARIABLE,
                  message->name);
    break;
  }
}

static void
guard_main (int fd)
{
  struct guarded guarded = { .unless_fd = -1 };
  struct argv markers = { .ptr = NULL }; /* V2VDIR=... */
  struct message message;

  while (receive (fd, &message) == 0)
    handle_message (&guarded, &markers, &message);
  if (markers.len > 0)
    leftover_end (&markers);
  guarded_remove_all (&guarded);
  guarded_reset (&guarded);
  argv_reset (&markers);
  close (fd);
}

/* The guard must outlive us: it leaves our session, where signals of the
 * terminal end everything, and holds none of our files open but *FD.
 */
static void
detach (int *fd)
{
  sigset_t all;

  prctl (PR_SET_NAME, "v2v-guard");
  setsid ();
  sigfillset (&all);
  sigprocmask (SIG_BLOCK, &all, NULL);
  if (chdir ("/") == -1)
    return;
  for (int i = STDIN_FILENO; i <= STDERR_FILENO; i++) {
    close (i);
    if (open ("/dev/null", O_RDWR) == -1)
      return;
  }
  if (dup2 (*fd, STDERR_FILENO + 1) == -1)
    return;
  *fd = STDERR_FILENO + 1;
  close_descriptors (*fd + 1, false);
}

struct guard *
guard_new (struct error *err)
{
  struct guard *guard = alloc_zero (sizeof *guard, err);
  int fds[2];

  if (guard == NULL)
    return NULL;
  if (socketpair (AF_UNIX, SOCK_SEQPACKET|SOCK_CLOEXEC, 0, fds) == -1) {
    error_errno (err, REASON_INTERNAL, "socketpair");
    free (guard);
    return NULL;
  }
  fflush (NULL);                /* or both would print what is buffered */
  guard->pid = fork ();
  if (guard->pid == 0) {
    close (fds[1]);
    detach (&fds[0]);
    free (guard);
    guard_main (fds[0]);
    _exit (0);
  }
  close (fds[0]);
  guard->fd = fds[1];
  if (guard->pid == -1) {
    error_errno (err, REASON_INTERNAL, "fork");
    close (guard->fd);
    free (guard);
    return NULL;
  }
  return guard;
}

void
guard_free (struct guard *guard)
{
  if (guard == NULL)
    return;
  close (guard->fd);
  while (waitpid (guard->pid, NULL, 0) == -1 && errno == EINTR)
    ;
  free (guard);
}
