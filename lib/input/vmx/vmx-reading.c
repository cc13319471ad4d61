/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Looking keys of a .vmx file up.  vmx-guest.c and vmx-devices.c know which
 * keys there are and what they mean.
 */

#include <config.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/i18n.h"
#include "input/vmx/vmx-reading.h"

#define KEY_MAX 80

const char *
vmx_get (struct vmx_reading *r, size_t *line, const char *fmt, ...)
{
  const struct vmx_entry *entry;
  char key[KEY_MAX];
  va_list args;

  va_start (args, fmt);
  vsnprintf (key, sizeof key, fmt, args);
  va_end (args);
  entry = vmx_find (r->vmx, key);
  if (entry == NULL)
    return NULL;
  if (entry->other_line != 0) {
    error_set (r->err, REASON_UNSUPPORTED,
               _("%s:%zu: %s has another value than in line %zu"),
               vmx_name (r->vmx), entry->other_line, key, entry->line);
    return NULL;
  }
  if (line != NULL)
    *line = entry->line;
  return *entry->value != '\0' ? entry->value : NULL;
}

bool
vmx_get_bool (struct vmx_reading *r, const char *namespace, const char *what,
              bool otherwise)
{
  size_t line;
  const char *value = vmx_get (r, &line, "%s.%s", namespace, what);

  if (value == NULL)
    return otherwise;
  if (strcasecmp (value, "true") == 0 || strcmp (value, "1") == 0)
    return true;
  if (strcasecmp (value, "false") != 0 && strcmp (value, "0") != 0)
    error_set (r->err, REASON_UNSUPPORTED,
               _("%s:%zu: %s.%s: '%s' is neither TRUE nor FALSE"),
               vmx_name (r->vmx), line, namespace, what, value);
  return false;
}

void
vmx_set_string (struct vmx_reading *r, char **field, const char *value)
{
  if (value != NULL)
    *field = alloc_copy (value, r->err);
}
