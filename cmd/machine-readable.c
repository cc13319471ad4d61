/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <config.h>

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>

#include <json-c/json.h>

#include "cleanup.h"
#include "error.h"
#include "i18n.h"
#include "machine-readable.h"
#include "parse.h"

/* How often a writer that waits for its reader looks for signals. */
#define PATIENCE_MS 200

int
named_fd (const char *option, const char *number, int *ret,
          struct error *err)
{
  uint64_t value;
  int flags;

  if (parse_uint (option, number, 0, INT_MAX, &value, err) == -1)
    return -1;
  flags = fcntl ((int) value, F_GETFL);
  if (flags == -1)
    return error_errno (err, REASON_USAGE, "%s%s", option, number);
  if ((flags & O_ACCMODE) == O_RDONLY)
    return error_set (err, REASON_USAGE,
                      _("%s%s: this descriptor is open for reading only"),
                      option, number);
  if (value > STDERR_FILENO &&
      fcntl ((int) value, F_SETFD, FD_CLOEXEC) == -1)
    return error_errno (err, REASON_USAGE, "%s%s", option, number);
  *ret = (int) value;
  return 0;
}

static int
open_path (struct machine *machine, const char *path, struct error *err)
{
  machine->fd = open (path, O_WRONLY|O_CREAT|O_TRUNC|O_NOCTTY|O_CLOEXEC,
                      0666);
  machine->is_ours = true;
  return machine->fd != -1 ? 0
    : error_errno (err, REASON_WRITE, "--machine-readable=file:%s", path);
}

int
machine_open (struct machine *machine, const char *stream, struct error *err)
{
  if (stream == NULL || strcmp (stream, "stream:stdout") == 0)
    machine->fd = STDOUT_FILENO;
  else if (strcmp (stream, "stream:stderr") == 0)
    machine->fd = STDERR_FILENO;
  else if (strncmp (stream, "fd:", 3) == 0)
    return named_fd ("--machine-readable=fd:", stream + 3, &machine->fd, err);
  else if (strncmp (stream, "file:", 5) == 0)
    return open_path (machine, stream + 5, err);
  else
    return error_set (err, REASON_USAGE,
                      _("--machine-readable: '%s' is none of fd:N, file:PATH, "
                        "stream:stdout, stream:stderr"), stream);
  return 0;
}

static bool
must_end (void)
{
  sigset_t pending;

  /* They are blocked: the supervisor reads them, once it is its turn. */
  return sigpending (&pending) == 0 &&
    (sigismember (&pending, SIGINT) == 1 ||
     sigismember (&pending, SIGTERM) == 1 ||
     sigismember (&pending, SIGHUP) == 1);
}

/* Wait until FD takes PIPE_BUF bytes. */
static int
wait_for_room (int fd)
{
  struct pollfd pollfd = { .fd = fd, .events = POLLOUT };

  while (poll (&pollfd, 1, PATIENCE_MS) == 0)
    if (must_end ())
      return -1;
  return 0;
}

int
patient_write (int fd, const char *text, size_t len)
{
  while (len > 0) {
    ssize_t n;

    if (wait_for_room (fd) == -1)
      return -1;
    n = write (fd, text, len < PIPE_BUF ? len : PIPE_BUF);
    if (n == -1 && errno != EINTR && errno != EAGAIN)
      return -1;
    if (n > 0) {
      text += n;
      len -= (size_t) n;
    }
  }
  return 0;
}

void
machine_print (struct machine *machine, json_object *object)
{
  CLEANUP_FREE char *line = NULL;
  const char *text;
  int len;

  if (machine->fd == -1 || object == NULL)
    return;
  text = json_object_to_json_string_ext (object, JSON_C_TO_STRING_PLAIN|
                                         JSON_C_TO_STRING_NOSLASHESCAPE);
  len = text == NULL ? -1 : asprintf (&line, "%s\n", text);
  if (len == -1)
    line = NULL;
  else if (patient_write (machine->fd, line, (size_t) len) == -1)
    machine_close (machine);
}

void
machine_close (struct machine *machine)
{
  if (machine->is_ours)
    close_if_open (machine->fd);
  *machine = (struct machine) MACHINE_INIT;
}
