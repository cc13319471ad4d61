/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The table of sources, and what is the same for all of them.  What a source
 * does with a location is in source-KIND.c.
 */

#include <config.h>

#include <string.h>

#include "base/i18n.h"
#include "guest/guest.h"
#include "source/source.h"

const struct source_ops *const source_table[] = {
  &source_file,
  &source_nbd,
  &source_curl,
  &source_ssh,
  &source_nfc,
  &source_vddk,
  &source_vcenter,
  &source_plugin,
  &source_vmdk,
  NULL
};

const struct source_ops *
source_find (enum location_kind kind)
{
  for (size_t i = 0; source_table[i] != NULL; i++)
    if (source_table[i]->kind == kind)
      return source_table[i];
  return NULL;
}

int
source_request_of (const struct location *location,
                   const struct settings *settings, struct nbdkit_caps *caps,
                   struct source_request *ret, struct error *err)
{
  const struct source_ops *source = source_find (location->kind);

  *ret = (struct source_request) {
    .source = source,
    .location = location,
    .settings = settings,
    .caps = caps,
  };
  return source_request_merge (ret, source->options != NULL ? source->options
                                    : source->shared_options, err);
}

static int
resolve (struct location *location, const struct settings *settings,
         struct supervisor *supervisor, const struct events *events,
         struct error *err)
{
  CLEANUP_SOURCE_REQUEST struct source_request request;

  if (source_request_of (location, settings, NULL, &request, err) == -1)
    return -1;
  return request.source->resolve == NULL ? 0
    : request.source->resolve (location, &request, supervisor, events, err);
}

int
source_resolve (struct guest *guest, const struct settings *settings,
                struct supervisor *supervisor, const struct events *events,
                struct error *err)
{
  for (size_t i = 0; i < guest->disks.len; i++)
    if (guest->disks.ptr[i].location.kind != LOCATION_UNSUPPORTED &&
        resolve (&guest->disks.ptr[i].location, settings, supervisor, events,
                 err) == -1) {
      err->disk = (int) i;
      return -1;
    }
  return 0;
}

const struct source_option source_common_options[] = {
  { "filter", N_("an nbdkit filter next to the plugin; may repeat"),
    NULL, "FILTER" },
  { "xz-max-block", N_("with filter=xz: the largest block, 512M"),
    NULL, NULL },
  { "allow-backing", N_("true: the image may name other files"),
    NULL, "true|false" },
  { .name = NULL }
};

static const struct source_option *
find_in (const struct source_option *table, const char *name)
{
  for (; table != NULL && table->name != NULL; table++)
    if (strcmp (table->name, name) == 0)
      return table;
  return NULL;
}

bool
source_takes (const struct location *location, const char *option)
{
  const struct source_ops *source = source_find (location->kind);

  if (source == NULL)           /* nobody reads it */
    return false;
  if (option == NULL)
    return source->logs_in;
  return find_in (source_common_options, option) != NULL ||
    find_in (source->options, option) != NULL ||
    find_in (source->shared_options, option) != NULL;
}

static const struct source_option *
find_option (const char *name)
{
  const struct source_option *found = find_in (source_common_options, name);

  for (size_t i = 0; found == NULL && source_table[i] != NULL; i++)
    found = find_in (source_table[i]->options, name);
  return found;
}

bool
source_option_exists (const char *name)
{
  return find_option (name) != NULL;
}

bool
source_option_reads (const char *name)
{
  const struct source_option *option = find_option (name);

  return option != NULL && option->values != NULL &&
    strcmp (option->values, "FILE") == 0;
}
