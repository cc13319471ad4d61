/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Looks up -oo options and parses those that several outputs have.  Each
 * output lists its options in its own file; the command refuses all others.
 */

#include <config.h>

#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/parse.h"
#include "base/suggest.h"
#include "output/output-settings.h"

const char *
output_settings_format (const struct output_settings *settings)
{
  return settings->format == OUTPUT_QCOW2 ? "qcow2" : "raw";
}

const char *
output_nth_option (const struct output_settings *settings, const char *key,
                   unsigned index)
{
  const struct argv *options = &settings->options;
  const size_t len = strlen (key);

  for (size_t i = 0; i < options->len; i++)
    if (strncmp (options->ptr[i], key, len) == 0 &&
        options->ptr[i][len] == '=' && index-- == 0)
      return options->ptr[i] + len + 1;
  return NULL;
}

int
output_one_option_each (const struct output_settings *settings,
                        const char *key, unsigned wanted, const char *hint,
                        struct error *err)
{
  unsigned n = 0;

  while (output_nth_option (settings, key, n) != NULL)
    n++;
  if (n == wanted)
    return 0;
  error_set (err, REASON_USAGE,
             _("-o %s needs one '-oo %s=...' for each disk: the guest "
               "has %u, %u were given"), settings->mode, key, wanted, n);
  error_hint (err, "%s", _(hint));
  return -1;
}

int
output_parse_zero (const struct output_settings *settings,
                   enum target_zero *ret, struct error *err)
{
  static const char *const words[] = {
    [TARGET_ZERO_AUTO] = "auto", [TARGET_ZERO_WRITE] = "write",
    [TARGET_ZERO_DISCARD] = "discard", [TARGET_ZERO_SKIP] = "skip",
  };
  const char *value = argv_value (&settings->options, "zero");
  struct suggest suggest = SUGGEST_INIT (value);

  if (value == NULL)
    return 0;
  for (size_t i = 0; i < ARRAY_LEN (words); i++) {
    if (strcmp (words[i], value) == 0) {
      *ret = (enum target_zero) i;
      return 0;
    }
    suggest_try (&suggest, words[i]);
  }
  error_set (err, REASON_USAGE,
             _("-oo zero: '%s' is none of auto, write, discard, skip"),
             value);
  if (suggest.best != NULL)
    suggest_hint (&suggest, "-oo zero=", "", err);
  return -1;
}

/* "-oo compressed" alone means true. */
int
output_parse_compressed (const struct output_settings *settings, bool *ret,
                         struct error *err)
{
  const char *value = argv_value (&settings->options, "compressed");

  *ret = argv_contains (&settings->options, "compressed");
  if (value != NULL && parse_bool ("-oo compressed", value, ret, err) == -1)
    return -1;
  if (*ret && settings->format != OUTPUT_QCOW2)
    return error_set (err, REASON_USAGE,
                      _("-oo compressed needs -of qcow2"));
  if (*ret && settings->existing)
    return error_set (err, REASON_USAGE,
                      _("-oo compressed is for new files, "
                        "--changed-extents for existing ones"));
  return 0;
}
