/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Tells the versions of this program, of libnbd, of the host and of qemu-img.
 * nbdkit's version is told by lib/nbdkit/caps.c.
 */

#include <config.h>

#include <string.h>
#include <sys/utsname.h>

#include <libnbd.h>

#include "base/argv.h"
#include "base/error.h"
#include "base/events.h"
#include "io/subprocess.h"
#include "versions.h"

#define TIMEOUT_MS 5000

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

/* A missing qemu-img is an error of the step that needs it. */
static void
tell_qemu_img (struct supervisor *supervisor, const struct events *events)
{
  const char *const args[] = { "qemu-img", "--version", NULL };
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_ARGV struct argv argv = { .ptr = NULL };
  CLEANUP_CAPTURED struct captured captured = { .out = NULL };
  struct subprocess_spec spec = SUBPROCESS_SPEC (&argv);

  spec.own_group = true;
  if (argv_append_array (&argv, args, &ignored) == 0 &&
      subprocess_capture (supervisor, &spec, TIMEOUT_MS, &captured,
                          &ignored) == 0 && captured.status == 0)
    events_say (events, EVENT_DEBUG, -1, "%.*s",
                (int) strcspn (captured.out, "\n"), captured.out);
}

void
versions_tell (struct supervisor *supervisor, const struct events *events)
{
  tell_ours (events);
  tell_qemu_img (supervisor, events);
}
