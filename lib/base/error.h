/* SPDX-License-Identifier: GPL-2.0-or-later */

/* An error is a value.  A function that can fail takes a struct error
 * as its last argument and returns -1 or NULL after filling it in; it is
 * set once where the cause is known, wrapped on the way up, and printed
 * once, by the command.  Cleaning up never replaces it.
 */

#ifndef V2V_ERROR_H
#define V2V_ERROR_H

#include <stdbool.h>

#include "base/vector.h"

/* The reasons of the JSON "error" object. */
enum reason {
  REASON_NONE = 0,
  REASON_USAGE,
  REASON_NBDKIT_MISSING,
  REASON_NBDKIT_VERSION,
  REASON_NBDKIT_PLUGIN,
  REASON_NBDKIT_SELINUX,
  REASON_NBDKIT_CRASH,
  REASON_VDDK_LIBRARY,
  REASON_AUTH,
  REASON_NOT_FOUND,
  REASON_HOST_KEY,
  REASON_HOST_KEY_CHANGED,      /* "host-key" as well; another key is known
                                   for the server */
  REASON_TLS,
  REASON_UNREACHABLE,
  REASON_TIMEOUT,
  REASON_STALLED,
  REASON_NO_RANGE,
  REASON_SESSION_LIMIT,
  REASON_SNAPSHOT,
  REASON_UNSUPPORTED,
  REASON_UNTRUSTED_IMAGE,
  REASON_SOURCE_CHANGED,
  REASON_TARGET_CHANGED,
  REASON_TARGET_BUSY,
  REASON_SPACE,
  REASON_CONVERT,
  REASON_READ,
  REASON_WRITE,
  REASON_VERIFY,
  REASON_INTERRUPTED,
  REASON_INTERNAL,
};

struct error {
  enum reason reason;           /* REASON_NONE: no error */
  char *message;                /* what failed and why; no full stop */
  char *hint;                   /* what to do about it; may be NULL */
  struct argv detail;           /* other programs' own lines */
  int disk;                     /* which disk, or -1 */
  char *server;                 /* URI of the NBD server that could not be
                                   reached, or NULL */
  bool server_ended;            /* the message quotes the last words of a
                                   server of ours that ended */
  bool resumable;               /* --resume would go on where it stopped */
  bool needs_resume;            /* and the same call without it would be
                                   refused, or first another run has to be
                                   completed: not retryable */
};

#define ERROR_INIT { .disk = -1 }

/* As in the JSON object: "auth", "not-found", ... */
extern const char *reason_name (enum reason);
/* Could a call that failed for this reason, or with this error, succeed later
 * without anyone changing anything, not even the call?
 */
extern bool reason_retryable (enum reason);
extern bool error_retryable (const struct error *);

/* Set the error, unless one is set already (the first one counts).
 * They return -1, so that a function can return what they return.
 * error_errno adds what errno says.
 */
extern int error_set (struct error *, enum reason, const char *fmt, ...)
  __attribute__ ((format (printf, 3, 4)));
extern int error_errno (struct error *, enum reason, const char *fmt, ...)
  __attribute__ ((format (printf, 3, 4)));
extern int error_nomem (struct error *);

/* Put "context: " in front of the message. */
extern void error_wrap (struct error *, const char *fmt, ...)
  __attribute__ ((format (printf, 2, 3)));
/* What the user can do; the first hint given stays. */
extern void error_hint (struct error *, const char *fmt, ...)
  __attribute__ ((format (printf, 2, 3)));
/* The same with what FROM says, if it has a hint. */
extern void error_copy_hint (struct error *, const struct error *from);
/* One more, after the first if there is one. */
extern void error_add_hint (struct error *, const char *hint);
/* Say which NBD server could not be reached. */
extern void error_server (struct error *, const char *uri);
/* Add a copy of another program's line. */
extern void error_detail (struct error *, const char *line);
extern void error_details (struct error *, const struct argv *lines);

extern bool error_is_set (const struct error *);
/* Set the error, unless one is set already, to what FROM says. */
extern int error_copy (struct error *, const struct error *from);
/* Take what FROM holds, leaving it empty. */
extern void error_move (struct error *to, struct error *from);
extern void error_reset (struct error *);

#define CLEANUP_ERROR __attribute__ ((cleanup (error_reset)))

#endif /* V2V_ERROR_H */
