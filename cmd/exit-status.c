/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Which exit status an error means.  Each step of a run has an exit status for
 * its failures (struct step in run-internal.h); some reasons have an exit
 * status of their own, in whichever step they occur.
 */

#include <config.h>

#include "base/error.h"
#include "exit-status.h"

int
exit_status_of (const struct error *err, enum exit_status failed_as,
                int signal)
{
  switch (err->reason) {
  case REASON_USAGE:
    return EXIT_STATUS_USAGE;
  case REASON_NBDKIT_MISSING:
  case REASON_NBDKIT_VERSION:
  case REASON_NBDKIT_PLUGIN:
  case REASON_NBDKIT_SELINUX:
  case REASON_VDDK_LIBRARY:
    return EXIT_STATUS_HOST;
  case REASON_SPACE:
    return EXIT_STATUS_SPACE;
  case REASON_VERIFY:
    return EXIT_STATUS_VERIFY;
  case REASON_INTERRUPTED:
    return 128 + signal;
  case REASON_NBDKIT_CRASH:
    /* An nbdkit that crashes later was reading from the source. */
    return failed_as == EXIT_STATUS_HOST || failed_as == EXIT_STATUS_COPY
      ? failed_as : EXIT_STATUS_SOURCE;
  case REASON_TARGET_CHANGED:
    /* The source is not to blame for it. */
    return failed_as == EXIT_STATUS_SOURCE ? EXIT_STATUS_COPY : failed_as;
  case REASON_INTERNAL:
  case REASON_WRITE:            /* --limit-dir */
    /* The source is not to blame for it. */
    return failed_as == EXIT_STATUS_SOURCE ? EXIT_STATUS_OTHER : failed_as;
  default:
    return failed_as;
  }
}
