/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Tells the versions of this program, of libnbd, of the host and of qemu-img.
 * nbdkit's version is told by lib/nbdkit/caps.c.
 */

#include <config.h>

#include <string.h>
#include <sys/utsname.h>

#include <libnbd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/events.h"
#include "qemu/qemu-img.h"
#include "versions.h"

static void
tell_ours (const struct events *events)
{
  struct nbd_handle *nbd = nbd_create ();
  struct utsname host;

  if (uname (&host) == -1)
    memset (&host, 0, sizeof host);
  events_say (events, EVENT_DEBUG, -1, "%s %s, libnbd %s, %s %s %s",
              PACKAGE_NAME, PACKAGE_VERSION,
              nbd != NULL ? nbd_get_version (nbd) : "?", host.sysname,
              host.release, host.machine);
  nbd_close (nbd);
}

void
versions_tell (struct supervisor *supervisor, const struct events *events)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_FREE char *qemu = NULL;

  tell_ours (events);
  /* A missing qemu-img is an error of the step that needs it. */
  if (qemu_version ("qemu-img", supervisor, &qemu, &ignored) == 0)
    events_say (events, EVENT_DEBUG, -1, "%s", qemu);
}
