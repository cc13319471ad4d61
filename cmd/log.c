/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Opens the file of --log and writes lines to it, without ever waiting for a
 * reader while the run goes on.  What a line says is report.c's business.
 */

#include <config.h>

#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/outfile.h"
#include "log.h"
#include "outlet.h"
#include "overwrite.h"

/* How long the reader may take for the last lines. */
#define CLOSE_MS 5000
/* It holds what a conversion says of a guest's files, and whatever the user's
 * command prints.
 */
#define LOG_MODE 0600

struct log {
  struct outlet outlet;
  unsigned long left_out;       /* lines */
};

struct log *
log_open (const char *path, struct error *err)
{
  struct log *log;

  if (overwrite_refuse_guests ("--log", path, err) == -1 ||
      overwrite_refuse_results ("--log", path, err) == -1)
    return NULL;
  log = alloc_zero (sizeof *log, err);
  if (log == NULL)
    return NULL;
  log->outlet.fd = outfile_open (path, LOG_MODE, OUTFILE_FIFO_ALONE, err);
  log->outlet.is_ours = true;
  if (log->outlet.fd == -1) {
    error_wrap (err, "--log");
    log_close (log);
    return NULL;
  }
  return log;
}

static void
mention_left_out (struct log *log)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_FREE char *text = NULL;

  if (log->left_out == 0)
    return;
  text = format (&ignored,
                 NGETTEXT ("(%lu line was left out: nobody read it)\n",
                           "(%lu lines were left out: nobody read them)\n",
                           log->left_out), log->left_out);
  if (text != NULL &&
      outlet_put (&log->outlet, text, strlen (text)) == OUTLET_OK)
    log->left_out = 0;
}

void
log_write (struct log *log, const char *line, size_t len)
{
  if (outlet_has_room (&log->outlet))
    mention_left_out (log);
  /* A log on a full disk does not stop a migration. */
  if (log->left_out > 0 ||
      outlet_put (&log->outlet, line, len) == OUTLET_FULL)
    log->left_out++;
}

void
log_close (struct log *log)
{
  if (log == NULL)
    return;
  outlet_finish (&log->outlet, CLOSE_MS);
  mention_left_out (log);
  outlet_close (&log->outlet, CLOSE_MS);
  free (log);
}
