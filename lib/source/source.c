/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <config.h>

#include <string.h>

#include "base/argv.h"
#include "base/cleanup.h"
#include "base/i18n.h"
#include "base/parse.h"
#include "source/source.h"

const struct source_ops *const source_table[] = {
  &source_file,
  &source_nbd,
  &source_curl,
  &source_ssh,
  &source_vddk,
  &source_vcenter,
  &source_plugin,
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
source_resolve (struct guest *guest, const struct settings *settings,
                struct supervisor *supervisor, const struct events *events,
                struct error *err)
{
  for (size_t i = 0; i < guest->disks.len; i++) {
    struct location *location = &guest->disks.ptr[i].location;
    const struct source_ops *source = source_find (location->kind);

    if (source->resolve != NULL &&
        source->resolve (location, settings, supervisor, events, err) == -1) {
      err->disk = (int) i;
      return -1;
    }
  }
  return 0;
}

const struct source_option source_common_options[] = {
  { "filter", N_("an nbdkit filter next to the plugin; may repeat") },
  { "allow-backing", N_("true: the image may name other files") },
  { .name = NULL }
};

static bool
option_in (const struct source_option *table, const char *name)
{
  for (; table != NULL && table->name != NULL; table++)
    if (strcmp (table->name, name) == 0)
      return true;
  return false;
}

bool
source_option_exists (const char *name)
{
  if (option_in (source_common_options, name))
    return true;
  for (size_t i = 0; source_table[i] != NULL; i++)
    if (option_in (source_table[i]->options, name))
      return true;
  return false;
}

const char *
source_option (const struct source_request *request, const char *key)
{
  return argv_value (&request->settings->input_options, key);
}

/* The text after "nbdkit: curl[1]: error: ", which is what happened. */
static const char *
error_text (const char *line)
{
  const char *text = strstr (line, "error: ");

  return text != NULL ? text + strlen ("error: ") : line;
}

static const struct explanation *
find_in (const struct explanation *table, const char *line)
{
  for (; table != NULL && table->text != NULL; table++)
    if (strstr (line, table->text) != NULL)
      return table;
  return NULL;
}

static const struct explanation *
find_explanation (const struct source_ops *source, const char *line)
{
  const struct explanation *found = find_in (source->explanations, line);

  return found != NULL ? found : find_in (source->more_explanations, line);
}

/* The line that says why, and what it means (or NULL). */
static const char *
find_line (const struct source_ops *source, const struct argv *lines,
           const struct explanation **found)
{
  *found = NULL;
  for (size_t i = 0; i < lines->len; i++) {
    *found = find_explanation (source, lines->ptr[i]);
    if (*found != NULL)
      return lines->ptr[i];
  }
  return lines->len > 0 ? lines->ptr[0] : NULL;
}

static void
add_explanation (const struct explanation *found, const struct argv *lines,
                 struct error *err)
{
  if (found != NULL && found->hint != NULL)
    error_hint (err, "%s", _(found->hint));
  for (size_t i = 0; i < lines->len; i++)
    error_detail (err, lines->ptr[i]);
}

int
source_explain (const struct source_ops *source, const char *what,
                const struct argv *lines, struct error *err)
{
  const struct explanation *found;
  const char *line = find_line (source, lines, &found);

  if (line == NULL)
    error_set (err, REASON_READ, _("cannot open %s: nbdkit gives no reason"),
               what);
  else
    error_set (err, found != NULL ? found->reason : REASON_READ,
               _("cannot open %s: %s"), what, error_text (line));
  add_explanation (found, lines, err);
  return -1;
}

/* What went wrong on the way to the source, not in nbdkit. */
static bool
can_be_tried (enum reason reason)
{
  switch (reason) {
  case REASON_AUTH:
  case REASON_NOT_FOUND:
  case REASON_HOST_KEY:
  case REASON_TLS:
  case REASON_UNREACHABLE:
  case REASON_TIMEOUT:
  case REASON_READ:
    return true;
  default:
    return false;
  }
}

void
source_hint_command (const struct source_ops *source,
                     const struct source_request *request, struct error *err)
{
  CLEANUP_ARGV struct argv command = { .ptr = NULL };
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_FREE char *text = NULL, *hint = NULL;

  if (source->try_command == NULL || !can_be_tried (err->reason))
    return;
  source->try_command (request, err, &command, &ignored);
  if (command.len == 0 || error_is_set (&ignored))
    return;
  text = shell_command (NULL, &command);
  if (text == NULL || asprintf (&hint, _("try: %s"), text) == -1) {
    hint = NULL;
    return;
  }
  if (err->hint != NULL)
    error_add_hint (err, hint);
  else
    error_hint (err, "%s", hint);
}

int
source_explain_read (const struct source_ops *source, const char *what,
                     const struct argv *lines, struct error *err)
{
  const struct explanation *found;
  const char *line = find_line (source, lines, &found);

  if (line == NULL)
    error_set (err, REASON_READ, _("cannot read %s: nbdkit gives no reason"),
               what);
  else
    error_set (err, found != NULL ? found->reason : REASON_READ,
               _("cannot read %s: %s"), what, error_text (line));
  add_explanation (found, lines, err);
  return -1;
}

int
source_sslverify (const struct source_request *request, bool *ret,
                  struct error *err)
{
  const char *value = source_option (request, "curl-sslverify");

  *ret = !argv_contains (&request->location->params, "sslverify=false");
  return value == NULL ? 0 : parse_bool ("curl-sslverify", value, ret, err);
}
