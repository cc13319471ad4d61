/* SPDX-License-Identifier: GPL-2.0-or-later */

/* SELinux labels.  nbdkit labels its socket (--selinux-label), but not the
 * socket's file, which is labelled here.  Whether labels are wanted is
 * decided in launch/plan.c.
 */

#include <config.h>

#ifdef HAVE_LIBSELINUX
#include <selinux/selinux.h>
#endif

#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "nbdkit/selinux.h"

#ifdef HAVE_LIBSELINUX

#define FILE_LABEL "system_u:object_r:svirt_image_t:s0"

bool
selinux_host_enabled (void)
{
  return is_selinux_enabled () == 1;
}

int
selinux_label_socket (const char *path, struct error *err)
{
  if (setfilecon (path, FILE_LABEL) == -1) {
    error_errno (err, REASON_NBDKIT_SELINUX,
                 _("cannot label the socket %s as %s"), path, FILE_LABEL);
    error_hint (err, _("run with --selinux off if no confined program "
                       "connects to the socket"));
    return -1;
  }
  return 0;
}

#else /* !HAVE_LIBSELINUX */

/* Without the library there is still the file system to ask: a host that
 * has SELinux needs a program built with it.
 */
bool
selinux_host_enabled (void)
{
  return access ("/sys/fs/selinux/enforce", F_OK) == 0;
}

int
selinux_label_socket (const char *path, struct error *err)
{
  return error_set (err, REASON_NBDKIT_SELINUX,
                    _("cannot label the socket %s: this program was built "
                      "without SELinux"), path);
}

#endif
