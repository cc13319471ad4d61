/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What was meant by a SOURCE that is not there: a URL or a name of
 * VMware's that was written wrongly, or another kind of input.  A mistyped
 * path is base/suggest.c's.
 */

#include <config.h>

#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/suggest.h"
#include "guest/suggest-source.h"

/* "http:/host/x", "https//host/x", "ssh:host/x". */
static bool
has_scheme (const char *source, const char *scheme)
{
  const size_t len = strlen (scheme);

  return strncasecmp (source, scheme, len) == 0 &&
    (source[len] == ':' || strncmp (source + len, "//", 2) == 0);
}

/* What follows may hold a password, which is not repeated. */
static bool
suggest_url (const char *source, struct error *err)
{
  static const char *const schemes[] = {
    "https", "http", "ftps", "ftp", "ssh", "nbds", "nbd",
  };

  for (size_t i = 0; i < ARRAY_LEN (schemes); i++)
    if (has_scheme (source, schemes[i])) {
      error_hint (err, _("did you mean '%s%s'?"), schemes[i], "://...");
      return true;
    }
  return false;
}

/* "json:{...}", "rbd:pool/image": what qemu reads, and nbdkit does not. */
static bool
suggest_qemu (const char *source, struct error *err)
{
  static const char *const protocols[] = {
    "gluster", "iscsi", "json", "nfs", "rbd",
  };
  const size_t len = strcspn (source, ":");

  for (size_t i = 0; source[len] == ':' && i < ARRAY_LEN (protocols); i++)
    if (strlen (protocols[i]) == len &&
        strncmp (source, protocols[i], len) == 0) {
      error_hint (err, _("only qemu knows such names; let it serve the disk: "
                         "qemu-nbd --read-only --persistent --shared=16 "
                         "--socket=SOCKET NAME, and give "
                         "'nbd+unix:///?socket=SOCKET'"));
      return true;
    }
  return false;
}

/* As scp(1) has it: [USER@]HOST:PATH. */
static bool
suggest_ssh (const char *source, struct error *err)
{
  const size_t len = strcspn (source, ":/ ");
  const char *path = source + len + 1;
  CLEANUP_FREE char *rest = NULL;

  if (len == 0 || source[len] != ':' || *path == '\0' ||
      strchr (path, '@') != NULL || !suggest_printable (source))
    return false;
  if (asprintf (&rest, "%.*s%s%s", (int) len, source,
                *path == '/' ? "" : "/", path) == -1) {
    rest = NULL;
    return false;
  }
  error_hint (err, _("did you mean '%s%s'?"), "ssh://", rest);
  return true;
}

void
suggest_source (const char *source, struct error *err)
{
  if (source[0] == '[')
    error_hint (err, _("VMware's disks are read with -it vddk, a whole guest "
                       "with -i libvirt -ic vpx://USER@HOST/..."));
  else if (!suggest_url (source, err) && !suggest_qemu (source, err) &&
           !suggest_ssh (source, err))
    suggest_file (source, err);
}

/* What other programs call these, or what is not a disk. */
static bool
suggest_by_meaning (const char *uri, const char *scheme, struct error *err)
{
  static const char *const ssh[] = { "scp", "sftp", "rsync", NULL };
  static const char *const libvirt[] = {
    "vpx", "esx", "xen", "xen+ssh", "qemu", "qemu+ssh", "test", NULL
  };

  if (strcmp (scheme, "file") == 0) {
    error_hint (err, _("give the path alone: %s"),
                uri + strlen ("file://"));
    return true;
  }
  for (size_t i = 0; ssh[i] != NULL; i++)
    if (strcasecmp (ssh[i], scheme) == 0) {
      error_hint (err, _("did you mean '%s%s'?"), "ssh", "://...");
      return true;
    }
  for (size_t i = 0; libvirt[i] != NULL; i++)
    if (strcasecmp (libvirt[i], scheme) == 0) {
      error_hint (err, _("such a URI is for guests: -i libvirt -ic %s://... "
                         "GUEST"), scheme);
      return true;
    }
  return false;
}

bool
suggest_scheme (const char *uri, const char *scheme,
                const char *const *known, struct error *err)
{
  struct suggest suggest = SUGGEST_INIT (scheme);

  if (suggest_by_meaning (uri, scheme, err))
    return true;
  for (; *known != NULL; known++)
    suggest_try (&suggest, *known);
  if (suggest.best == NULL)
    return false;
  error_hint (err, _("did you mean '%s%s'?"), suggest.best, "://...");
  return true;
}

const char *
suggest_input (const char *path)
{
  static const struct {
    const char *extension, *mode;
  } inputs[] = {
    { ".ova", "ova" }, { ".ovf", "ova" }, { ".vmx", "vmx" },
    { ".xml", "libvirtxml" },
  };
  const char *dot = strrchr (path, '.');

  for (size_t i = 0; dot != NULL && i < ARRAY_LEN (inputs); i++)
    if (strcasecmp (inputs[i].extension, dot) == 0)
      return inputs[i].mode;
  return NULL;
}
