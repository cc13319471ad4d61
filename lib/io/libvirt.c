/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the callers of libvirt share: its errors as ours, and hints.  What is
 * asked of it is left to them.
 */

#include <config.h>

#include "io/libvirt.h"

#ifdef HAVE_LIBVIRT

#include <string.h>

#include "base/argv.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/xml.h"

static void
print_nothing (void *data __attribute__ ((unused)),
               virErrorPtr error __attribute__ ((unused)))
{
}

void
libvirt_silence (void)
{
  virSetErrorFunc (NULL, print_nothing);
  xml_silence ();
}

static const struct {
  int code;
  enum reason reason;
} reasons_by_code[] = {
  { VIR_ERR_AUTH_FAILED, REASON_AUTH },
  { VIR_ERR_AUTH_CANCELLED, REASON_AUTH },
  { VIR_ERR_AUTH_UNAVAILABLE, REASON_AUTH },
  { VIR_ERR_ACCESS_DENIED, REASON_AUTH },
  { VIR_ERR_NO_DOMAIN, REASON_NOT_FOUND },
  { VIR_ERR_INVALID_ARG, REASON_USAGE },
  { VIR_ERR_XML_ERROR, REASON_UNSUPPORTED },
  { VIR_ERR_NO_CONNECT, REASON_UNSUPPORTED },
  { VIR_ERR_NO_SUPPORT, REASON_UNSUPPORTED },
  { VIR_ERR_CONFIG_UNSUPPORTED, REASON_UNSUPPORTED },
  { VIR_ERR_NO_MEMORY, REASON_INTERNAL },
};

/* What ssh, curl and VMware's servers say arrives as a system error (code 38,
 * with ECONNRESET for everything that ssh reports) or an internal error (code
 * 1, without any number), so that only the words tell the reason.
 */
static const struct {
  const char *words;
  enum reason reason;
} reasons_by_words[] = {
  { "Host key verification failed", REASON_HOST_KEY },
  { "Permission denied", REASON_AUTH },
  { "incorrect user name or password", REASON_AUTH },
  { "SSL", REASON_TLS },
  { "certificate", REASON_TLS },
};

static enum reason
find_reason (int code, const char *message)
{
  for (size_t i = 0; i < ARRAY_LEN (reasons_by_code); i++)
    if (reasons_by_code[i].code == code)
      return reasons_by_code[i].reason;
  for (size_t i = 0; i < ARRAY_LEN (reasons_by_words); i++)
    if (strstr (message, reasons_by_words[i].words) != NULL)
      return reasons_by_words[i].reason;
  return REASON_UNREACHABLE;
}

int
libvirt_error (const char *what, struct error *err)
{
  const virError *last = virGetLastError ();
  const char *message = last != NULL && last->message != NULL
    ? last->message : _("unknown error");

  return error_set (err, find_reason (last != NULL ? last->code : 0, message),
                    "%s: %s", what, message);
}

void
libvirt_hint_virsh (const char *uri, const char *const *command,
                    struct error *err)
{
  CLEANUP_ARGV struct argv argv = { .ptr = NULL };
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_FREE char *text = NULL;

  argv_append (&argv, "virsh", &ignored);
  if (uri != NULL) {
    argv_append (&argv, "-c", &ignored);
    argv_append (&argv, uri, &ignored);
  }
  argv_append_array (&argv, command, &ignored);
  text = shell_command (NULL, &argv);
  if (text != NULL && !error_is_set (&ignored))
    error_hint (err, _("try: %s"), text);
}

#endif /* HAVE_LIBVIRT */
