/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Opens the stream of --machine-readable and writes lines to it until its
 * reader has gone.  outlet.c deals with slow readers, report-json.c makes the
 * lines.
 */

#include <config.h>

#include <fcntl.h>
#include <limits.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/outfile.h"
#include "base/parse.h"
#include "machine-readable.h"
#include "overwrite.h"

/* How long the end of the run waits for a slow reader. */
#define READER_TIMEOUT_MS 10000

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
open_path (struct outlet *machine, const char *path, struct error *err)
{
  if (overwrite_refuse_guests ("--machine-readable", path, err) == -1)
    return -1;
  machine->fd = outfile_open (path, 0666, OUTFILE_FIFO_WAIT, err);
  machine->is_ours = true;
  if (machine->fd != -1)
    return 0;
  error_wrap (err, "--machine-readable");
  return -1;
}

int
machine_open (struct outlet *machine, const char *stream, struct error *err)
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
                      _("--machine-readable: '%s' is not one of fd:N, "
                        "file:PATH, stream:stdout, stream:stderr"), stream);
  return 0;
}

void
machine_print (struct outlet *machine, const char *line, bool dispensable)
{
  enum outlet_result result;

  if (machine->fd == -1 || (dispensable && !outlet_is_empty (machine)))
    return;
  result = outlet_put (machine, line, strlen (line));
  if (result == OUTLET_FULL &&
      (result = outlet_finish (machine, READER_TIMEOUT_MS)) == OUTLET_OK)
    result = outlet_put (machine, line, strlen (line));
  if (result != OUTLET_OK)
    outlet_close (machine, 0);
}

int
machine_close (struct outlet *machine)
{
  return outlet_close (machine, READER_TIMEOUT_MS) == OUTLET_FULL ? -1 : 0;
}
