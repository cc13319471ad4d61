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

/* The unit that the letter C stands for, 1 without a letter; 0: none. */
static uint64_t
unit_of (char c)
{
  static const char suffixes[] = "bkmgtpe";
  const char *suffix = strchr (suffixes, tolower ((unsigned char) c));

  if (c == '\0' || c == 's')
    return c == 's' ? 512 : 1;
  return suffix == NULL ? 0 : UINT64_C (1) << (10 * (suffix - suffixes));
}

int
parse_size (const char *what, const char *str, uint64_t *ret,
            struct error *err)
{
  uint64_t unit;
  char *end;

  if (parse_digits (str, ret, &end) == 0 && (unit = unit_of (*end)) != 0 &&
      (*end == '\0' || end[1] == '\0') &&
      !__builtin_mul_overflow (*ret, unit, ret) && *ret <= INT64_MAX)
    return 0;
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
