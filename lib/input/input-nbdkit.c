/* SPDX-License-Identifier: GPL-2.0-or-later */

/* -i nbdkit PLUGIN [KEY=VALUE...]: a guest with one disk, which any nbdkit
 * plugin provides.
 */

#include <config.h>

#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "input/input.h"

/* nbdkit would take a word that begins with a dash for one of its options. */
static int
check_words (const struct argv *words, struct error *err)
{
  for (size_t i = 0; i < words->len; i++)
    if (words->ptr[i][0] == '-' || words->ptr[i][0] == '\0') {
      error_set (err, REASON_USAGE,
                 _("-i nbdkit: '%s' is neither a plugin nor KEY=VALUE"),
                 words->ptr[i]);
      error_hint (err, _("write PLUGIN [KEY=VALUE...]; filters are added "
                         "with -io filter=NAME"));
      return -1;
    }
  return 0;
}

/* The plugin's name; of a path, what is between "nbdkit-" and "-plugin". */
static char *
name_of_plugin (const char *plugin, struct error *err)
{
  const char *slash = strrchr (plugin, '/');
  const char *base = slash != NULL ? slash + 1 : plugin;
  const size_t len = strcspn (base, ".");

  return len > 0 ? format (err, "%.*s", (int) len, base)
    : alloc_copy ("disk", err);
}

static int
read_plugin (const struct input_request *request, struct guest *guest,
             struct error *err)
{
  const struct argv *words = request->sources;
  const char *format = request->format;
  struct disk *disk;

  if (check_words (words, err) == -1)
    return -1;
  disk = guest_add_disk (guest, err);
  if (disk == NULL)
    return -1;
  disk->location.kind = LOCATION_PLUGIN;
  guest->name = name_of_plugin (words->ptr[0], err);
  if (guest->name == NULL || guest_assume_nic (guest, err) == -1)
    return -1;
  for (size_t i = 1; i < words->len; i++)
    if (argv_append (&disk->location.params, words->ptr[i], err) == -1)
      return -1;
  if (alloc_set (&disk->location.plugin, words->ptr[0], err) == -1)
    return -1;
  return alloc_set (&disk->format, format != NULL ? format : "raw", err);
}

const struct input_ops input_nbdkit = {
  .name = "nbdkit",
  .read = read_plugin,
};
