/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Errors as values: set once where the cause is known, wrapped on the way
 * up.  Nothing here prints them; the command does, and chooses the exit
 * status.
 */

#include <config.h>

#include <assert.h>
#include <stdarg.h>
#include <string.h>

#include "base/error.h"
#include "base/i18n.h"

/* What an error says when there is no memory to say anything else. */
static char no_memory[] = "out of memory";

static const struct {
  const char *name;
  bool retryable;
} reasons[] = {
  [REASON_NONE] = { "none", false },
  [REASON_USAGE] = { "usage", false },
  [REASON_NBDKIT_MISSING] = { "nbdkit-missing", false },
  [REASON_NBDKIT_VERSION] = { "nbdkit-version", false },
  [REASON_NBDKIT_PLUGIN] = { "nbdkit-plugin", false },
  [REASON_NBDKIT_SELINUX] = { "nbdkit-selinux", false },
  [REASON_NBDKIT_CRASH] = { "nbdkit-crash", true },
  [REASON_VDDK_LIBRARY] = { "vddk-library", false },
  [REASON_AUTH] = { "auth", false },
  [REASON_NOT_FOUND] = { "not-found", false },
  [REASON_HOST_KEY] = { "host-key", false },
  [REASON_HOST_KEY_CHANGED] = { "host-key", false },
  [REASON_TLS] = { "tls", false },
  [REASON_UNREACHABLE] = { "unreachable", true },
  [REASON_TIMEOUT] = { "timeout", true },
  [REASON_STALLED] = { "stalled", true },
  [REASON_NO_RANGE] = { "no-range", false },
  [REASON_SESSION_LIMIT] = { "session-limit", true },
  [REASON_SNAPSHOT] = { "snapshot", false },
  [REASON_UNSUPPORTED] = { "unsupported", false },
  [REASON_UNTRUSTED_IMAGE] = { "untrusted-image", false },
  [REASON_SOURCE_CHANGED] = { "source-changed", false },
  [REASON_TARGET_CHANGED] = { "target-changed", false },
  [REASON_TARGET_BUSY] = { "target-busy", true },
  [REASON_SPACE] = { "space", false },
  [REASON_CONVERT] = { "convert", false },
  [REASON_READ] = { "read", true },
  [REASON_WRITE] = { "write", false },
  [REASON_VERIFY] = { "verify", false },
  [REASON_INTERRUPTED] = { "interrupted", true },
  [REASON_INTERNAL] = { "internal", false },
};

const char *
reason_name (enum reason reason)
{
  assert (reason < ARRAY_LEN (reasons));
  return reasons[reason].name;
}

bool
reason_retryable (enum reason reason)
{
  assert (reason < ARRAY_LEN (reasons));
  return reasons[reason].retryable;
}

bool
error_retryable (const struct error *err)
{
  return reason_retryable (err->reason) && !err->needs_resume;
}

static void
free_text (char *text)
{
  if (text != no_memory)
    free (text);
}

static char *
format_message (const char *fmt, va_list args)
{
  char *text;

  return vasprintf (&text, fmt, args) == -1 ? no_memory : text;
}

int
error_set (struct error *err, enum reason reason, const char *fmt, ...)
{
  va_list args;

  if (error_is_set (err))
    return -1;
  va_start (args, fmt);
  err->message = format_message (fmt, args);
  va_end (args);
  err->reason = reason;
  return -1;
}

int
error_errno (struct error *err, enum reason reason, const char *fmt, ...)
{
  const int saved_errno = errno;
  va_list args;
  char *what;

  if (error_is_set (err))
    return -1;
  va_start (args, fmt);
  what = format_message (fmt, args);
  va_end (args);
  error_set (err, reason, _("%s: %s"), what, strerror (saved_errno));
  free_text (what);
  return -1;
}

int
error_nomem (struct error *err)
{
  if (error_is_set (err))
    return -1;
  err->reason = REASON_INTERNAL;
  err->message = no_memory;
  return -1;
}

void
error_wrap (struct error *err, const char *fmt, ...)
{
  va_list args;
  char *context, *message;

  assert (error_is_set (err));
  va_start (args, fmt);
  context = format_message (fmt, args);
  va_end (args);
  if (asprintf (&message, _("%s: %s"), context, err->message) != -1) {
    free_text (err->message);
    err->message = message;
  }
  free_text (context);
}

void
error_hint (struct error *err, const char *fmt, ...)
{
  va_list args;

  if (err->hint != NULL)
    return;
  va_start (args, fmt);
  err->hint = format_message (fmt, args);
  va_end (args);
  /* That is no advice. */
  if (err->hint == no_memory)
    err->hint = NULL;
}

/* In Chinese and Japanese as well. */
static bool
is_question (const char *text)
{
  static const char *const marks[] = { "?", "\xef\xbc\x9f" };
  const size_t len = strlen (text);

  for (size_t i = 0; i < ARRAY_LEN (marks); i++)
    if (len >= strlen (marks[i]) &&
        strcmp (text + len - strlen (marks[i]), marks[i]) == 0)
      return true;
  return false;
}

void
error_add_hint (struct error *err, const char *hint)
{
  char *both;

  if (err->hint == NULL) {
    error_hint (err, "%s", hint);
    return;
  }
  if (asprintf (&both, is_question (err->hint) ? "%s  %s" : _("%s; %s"),
                err->hint, hint) == -1)
    return;
  free_text (err->hint);
  err->hint = both;
}

void
error_detail (struct error *err, const char *line)
{
  /* Without memory the detail is lost, and the error is still told. */
  (void) argv_ptrs_take (&err->detail, strdup (line));
}

void
error_details (struct error *err, const struct argv *lines)
{
  for (size_t i = 0; i < lines->len; i++)
    error_detail (err, lines->ptr[i]);
}

void
error_server (struct error *err, const char *uri)
{
  free (err->server);
  err->server = strdup (uri);   /* without it, less can be explained */
}

bool
error_is_set (const struct error *err)
{
  return err->reason != REASON_NONE;
}

void
error_copy_hint (struct error *to, const struct error *from)
{
  if (from->hint != NULL)
    error_hint (to, "%s", from->hint);
}

int
error_copy (struct error *to, const struct error *from)
{
  const int disk = to->disk;

  if (error_is_set (to))
    return -1;
  error_set (to, from->reason, "%s", from->message);
  error_copy_hint (to, from);
  error_details (to, &from->detail);
  if (from->server != NULL)
    error_server (to, from->server);
  to->disk = from->disk != -1 ? from->disk : disk;
  to->server_ended |= from->server_ended;
  to->resumable |= from->resumable;
  return -1;
}

void
error_move (struct error *to, struct error *from)
{
  error_reset (to);
  *to = *from;
  *from = (struct error) ERROR_INIT;
}

void
error_reset (struct error *err)
{
  const int saved_errno = errno;

  free_text (err->message);
  free_text (err->hint);
  free (err->server);
  argv_reset (&err->detail);
  *err = (struct error) ERROR_INIT;
  errno = saved_errno;
}
