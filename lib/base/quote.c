/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Characters that must be doubled, such as commas in qemu's option strings
 * and percent signs in libssh's file names.  Quoting for a shell is
 * argv.c's.
 */

#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/quote.h"

char *
escape_doubled (const char *str, char c)
{
  char *ret = malloc (2 * strlen (str) + 1), *to = ret;

  if (ret == NULL)
    return NULL;
  for (; *str != '\0'; str++) {
    if (*str == c)
      *to++ = c;
    *to++ = *str;
  }
  *to = '\0';
  return ret;
}
