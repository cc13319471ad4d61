/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Numbers, sizes and booleans as people write them in options and in
 * metadata.  Nothing that follows a value is ignored, and nothing wraps
 * around.
 */

#include <config.h>

#include <ctype.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/parse.h"

/* strtoumax takes blanks and signs; a number here starts with a digit. */
static int
parse_digits (const char *str, uint64_t *ret, char **end)
{
  if (!isdigit ((unsigned char) *str)) {
    errno = EINVAL;
    return -1;
  }
  errno = 0;
  *ret = strtoumax (str, end, 10);
  return errno == 0 ? 0 : -1;
}

int
parse_uint (const char *what, const char *str, uint64_t min, uint64_t max,
            uint64_t *ret, struct error *err)
{
  char *end;

  if (parse_digits (str, ret, &end) == -1 || *end != '\0' ||
      *ret < min || *ret > max)
    return error_set (err, REASON_USAGE,
                      _("%s: '%s' is not a number from %" PRIu64
                        " to %" PRIu64), what, str, min, max);
  return 0;
}

int
parse_size (const char *what, const char *str, uint64_t *ret,
            struct error *err)
{
  static const char suffixes[] = "bkmgtpe";
  const char *suffix;
  uint64_t unit = 1;
  char *end;

  if (parse_digits (str, ret, &end) == -1)
    goto invalid;
  if (*end == 's')
    unit = 512;
  else if (*end != '\0') {
    suffix = strchr (suffixes, tolower ((unsigned char) *end));
    if (suffix == NULL)
      goto invalid;
    unit = UINT64_C (1) << (10 * (suffix - suffixes));
  }
  if (*end != '\0' && end[1] != '\0')
    goto invalid;
  if (__builtin_mul_overflow (*ret, unit, ret) || *ret > INT64_MAX)
    goto invalid;
  return 0;

 invalid:
  return error_set (err, REASON_USAGE,
                    _("%s: '%s' is not a size such as 64k, 1M or 10G"),
                    what, str);
}

int
parse_bool (const char *what, const char *str, bool *ret, struct error *err)
{
  static const char *const words[2][4] = {
    { "false", "no", "off", "0" },
    { "true", "yes", "on", "1" },
  };

  for (size_t value = 0; value < 2; value++)
    for (size_t i = 0; i < ARRAY_LEN (words[value]); i++)
      if (strcasecmp (str, words[value][i]) == 0) {
        *ret = value;
        return 0;
      }
  return error_set (err, REASON_USAGE, _("%s: '%s' is neither true nor false"),
                    what, str);
}
