/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The filters that the user adds next to the plugin.  Those that unpack a
 * compressed file change how the source is read: nbdkit 1.32's xz filter keeps
 * four unpacked blocks, of up to 512 MiB each, for each connection, and the
 * gzip filter begins by unpacking everything into a file.  So one nbdkit, and
 * one connection at a time, serve the whole run.
 */

#include <config.h>

#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "launch/plan-filters.h"
#include "nbdkit/caps.h"
#include "nbdkit/cmd.h"
#include "nbdkit/confined.h"
#include "settings.h"
#include "source/ops.h"
#include "source/request.h"

#define GZIP "gzip"
#define XZ "xz"
#define XZ_MAX_BLOCK "xz-max-block"

/* Where the user wants no limit for stalls. */
#define UNPACK_TIMEOUT_S (24 * 60 * 60)

static bool
unpacks (const char *filter)
{
  static const char *const names[] = { "bzip2", GZIP, "lzip", XZ };

  for (size_t i = 0; i < ARRAY_LEN (names); i++)
    if (strcmp (filter, names[i]) == 0)
      return true;
  return false;
}

static bool
has_filter (const struct plan_filters *filters, const char *name)
{
  for (size_t i = 0; i < filters->names.len; i++)
    if (strcmp (filters->names.ptr[i], name) == 0)
      return true;
  return false;
}

/* nbdkit's message about a missing filter would be taken for one about the
 * plugin.
 */
static int
check_filters (const struct plan_filters *filters,
               const struct nbdkit_caps *caps, struct error *err)
{
  for (size_t i = 0; i < filters->names.len; i++) {
    const char *filter = filters->names.ptr[i];

    if (strchr (filter, '/') != NULL || nbdkit_caps_has_filter (caps, filter))
      continue;
    error_set (err, REASON_NBDKIT_PLUGIN,
               _("-io filter=%s: this nbdkit has no such filter"), filter);
    nbdkit_caps_hint_filter (caps, filter, err);
    return -1;
  }
  return 0;
}

int
plan_filters_read (const struct source_request *request,
                   struct plan_filters *ret, struct error *err)
{
  *ret = (struct plan_filters) { .unpacking = 0 };
  if (source_option_values (request, "filter", &ret->names, err) == -1 ||
      check_filters (ret, request->caps, err) == -1)
    return -1;
  for (size_t i = 0; i < ret->names.len; i++)
    if (unpacks (ret->names.ptr[i]))
      ret->unpacking = i + 1;
  return source_option (request, XZ_MAX_BLOCK) == NULL || has_filter (ret, XZ)
    ? 0 : error_set (err, REASON_USAGE, _("-io %s needs -io filter=%s"),
                     XZ_MAX_BLOCK, XZ);
}

void
plan_filters_reset (struct plan_filters *filters)
{
  argv_reset (&filters->names);
}

static const char *
temporary_directory (void)
{
  const char *dir = getenv ("TMPDIR");

  return dir != NULL ? dir : "/var/tmp";
}

static void
allow_files (const char *filter, struct nbdkit_cmd *cmd)
{
  if (strcmp (filter, GZIP) == 0)
    nbdkit_cmd_allow (cmd, temporary_directory (), CONFINE_TEMPORARY);
  else if (!nbdkit_filter_opens_nothing (filter))
    nbdkit_cmd_allow_all (cmd, filter);
}

void
plan_filters_add (const struct plan_filters *filters, bool before_retry,
                  const struct source_request *request,
                  struct nbdkit_cmd *cmd)
{
  const size_t first = before_retry ? 0 : filters->unpacking;
  const size_t end = before_retry ? filters->unpacking : filters->names.len;

  for (size_t i = first; i < end; i++) {
    const char *filter = filters->names.ptr[i];
    const char *max_block = strcmp (filter, XZ) == 0
      ? source_option (request, XZ_MAX_BLOCK) : NULL;

    nbdkit_cmd_filter (cmd, filter);
    if (max_block != NULL)
      nbdkit_cmd_param (cmd, XZ_MAX_BLOCK, max_block);
    allow_files (filter, cmd);
  }
}

const char *
plan_filters_directory (const struct plan_filters *filters)
{
  return has_filter (filters, GZIP) ? temporary_directory () : NULL;
}

/* Nothing shows how far unpacking has come: a block, or all of it, before the
 * first byte.
 */
unsigned
plan_filters_timeout (const struct plan_filters *filters,
                      const struct source_ops *source,
                      const struct settings *settings)
{
  if (filters->unpacking == 0)
    return source->open_timeout_s;
  return settings->stall_timeout_s == 0 ? UNPACK_TIMEOUT_S
    : MAX (source->open_timeout_s, settings->stall_timeout_s);
}
