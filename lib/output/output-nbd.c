/* SPDX-License-Identifier: GPL-2.0-or-later */

/* -o nbd: exports of NBD servers.  The URIs are checked here; target-nbd.c
 * connects and writes.
 */

#include <config.h>

#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/uri.h"
#include "context.h"
#include "guest/guest.h"
#include "guest/suggest-source.h"
#include "output/output-internal.h"
#include "settings.h"

static const struct output_option options[] = {
  { "uri", N_("the export; one for each disk, in order") },
  { "zero", N_("auto, write, discard or skip") },
  { .name = NULL }
};

static const char example[] =
  N_("such as -oo uri=nbd://HOST/EXPORT; nbdinfo --list nbd://HOST lists a "
     "server's exports");

/* Only whether it is an NBD URI at all: libnbd checks the rest. */
static int
check_scheme (const char *uri, struct error *err)
{
  static const char *const known[] = {
    "nbd", "nbds", "nbd+unix", "nbds+unix", NULL
  };
  CLEANUP_FREE char *scheme = uri_scheme (uri);

  if (scheme != NULL && strncmp (scheme, "nbd", strlen ("nbd")) == 0)
    return 0;
  error_set (err, REASON_USAGE, _("-oo uri=%s is not an NBD URI"), uri);
  if (scheme == NULL || !suggest_scheme (uri, scheme, known, err))
    error_hint (err, "%s", _(example));
  return -1;
}

static int
nbd_check (struct output *output, struct error *err)
{
  const struct output_settings *settings = output->settings;

  if (output_one_option_each (settings, "uri", output->n, example, err) == -1)
    return -1;
  for (unsigned i = 0; i < output->n; i++)
    if (check_scheme (output_nth_option (settings, "uri", i), err) == -1)
      return -1;
  return 0;
}

static int
nbd_locate (struct output *output, unsigned index, struct location *ret,
            struct error *err)
{
  const char *uri = output_nth_option (output->settings, "uri", index);
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_URI struct uri_parts parts = { .scheme = NULL };

  ret->kind = LOCATION_NBD;
  /* libnbd may accept URIs that libcurl cannot parse. */
  if (uri_parse (uri, &parts, &ignored) == 0 &&
      strstr (parts.scheme, "+unix") == NULL) {
    ret->port = parts.port;
    ret->host = STEAL (parts.host);
  }
  return alloc_set (&ret->uri, uri, err);
}

static int
nbd_open (struct output *output, unsigned index, uint64_t size,
          const char *socket_dir __attribute__ ((unused)),
          enum output_how how __attribute__ ((unused)), struct error *err)
{
  struct output_disk_state *disk = &output->disks[index];

  disk->target = target_nbd_open (disk->location.uri, size, output->zero,
                                  output->context->settings->stall_timeout_s,
                                  err);
  if (disk->target != NULL)
    return 0;
  if (err->reason == REASON_UNREACHABLE || err->reason == REASON_TIMEOUT)
    error_hint (err, _("is the NBD server running, and is the URI right?  "
                       "try: nbdinfo '%s'"), disk->location.uri);
  return -1;
}

const struct output_ops output_nbd_ops = {
  .options = options,
  .existing = true,
  .check = nbd_check,
  .locate = nbd_locate,
  .open = nbd_open,
};
