/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <config.h>

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "clock.h"
#include "error.h"
#include "i18n.h"
#include "log.h"
#include "write-file.h"

/* What waits for a slow reader. */
#define WAITING_MAX (1 << 20)
/* How long the last lines may take. */
#define CLOSE_MS 5000

struct log {
  int fd;
  bool is_file;                 /* which takes everything at once */
  char *waiting;
  size_t len;                   /* of it */
  unsigned long left_out;       /* lines */
};

/* A FIFO is opened for reading too, or its opening would wait for a reader,
 * or fail for want of one.
 */
static int
open_path (const char *path, bool *is_file)
{
  struct stat st;

  *is_file = stat (path, &st) == -1 || S_ISREG (st.st_mode);
  if (*is_file)
    return open (path, O_WRONLY|O_CREAT|O_TRUNC|O_APPEND|O_CLOEXEC, 0666);
  return open (path, (S_ISFIFO (st.st_mode) ? O_RDWR : O_WRONLY)|O_NONBLOCK|
               O_NOCTTY|O_CLOEXEC);
}

struct log *
log_open (const char *path, struct error *err)
{
  struct log *log = calloc (1, sizeof *log);

  if (log == NULL) {
    error_nomem (err);
    return NULL;
  }
  log->fd = open_path (path, &log->is_file);
  if (log->fd == -1) {
    error_errno (err, REASON_WRITE, "--log %s", path);
    log_close (log);
    return NULL;
  }
  return log;
}

/* Keep TEXT for later.  False: there is no room. */
static bool
keep (struct log *log, const char *text, size_t len)
{
  if (len > WAITING_MAX - log->len)
    return false;
  if (log->waiting == NULL) {
    log->waiting = malloc (WAITING_MAX);
    if (log->waiting == NULL)
      return false;
  }
  memcpy (log->waiting + log->len, text, len);
  log->len += len;
  return true;
}

/* How much of TEXT the reader takes now. */
static size_t
offer (const struct log *log, const char *text, size_t len)
{
  size_t taken = 0;

  while (taken < len) {
    const ssize_t n = write (log->fd, text + taken, len - taken);

    if (n == -1 && errno == EINTR)
      continue;
    if (n <= 0)
      break;
    taken += (size_t) n;
  }
  return taken;
}

static void
offer_waiting (struct log *log)
{
  const size_t taken = offer (log, log->waiting, log->len);

  log->len -= taken;
  memmove (log->waiting, log->waiting + taken, log->len);
}

static void
mention_left_out (struct log *log)
{
  CLEANUP_FREE char *text = NULL;
  int len;

  if (log->left_out == 0)
    return;
  len = asprintf (&text, NGETTEXT ("(%lu line was left out: nobody read it)\n",
                                   "(%lu lines were left out: nobody read "
                                   "them)\n", log->left_out), log->left_out);
  if (len == -1)
    text = NULL;
  else if (keep (log, text, (size_t) len))
    log->left_out = 0;
}

void
log_write (struct log *log, const char *line, size_t len)
{
  size_t taken = 0;

  if (log->is_file) {
    /* That the log's disk is full does not stop a migration. */
    full_write (log->fd, line, len);
    return;
  }
  if (log->len > 0)
    offer_waiting (log);
  if (log->len == 0 && log->left_out == 0)
    taken = offer (log, line, len);
  if (taken == len)
    return;
  /* A pipe that is read takes more than this at a time. */
  if (log->len < WAITING_MAX - WAITING_MAX / 32)
    mention_left_out (log);
  /* The rest of a line that has begun is never left out. */
  if (log->left_out > 0 || !keep (log, line + taken, len - taken))
    log->left_out++;
}

void
log_close (struct log *log)
{
  const int64_t until_ms = clock_ms () + CLOSE_MS;

  if (log == NULL)
    return;
  mention_left_out (log);
  while (log->len > 0 && clock_ms () < until_ms) {
    struct pollfd pollfd = { .fd = log->fd, .events = POLLOUT };

    if (poll (&pollfd, 1, (int) (until_ms - clock_ms ())) <= 0)
      break;
    offer_waiting (log);
  }
  close_if_open (log->fd);
  free (log->waiting);
  free (log);
}
