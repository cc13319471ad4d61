/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Looking values up in an OVF and the items of its hardware section.  Which of
 * these count is decided in ovf-configuration.c, what they mean in ovf-guest.c
 * and ovf-devices.c.
 */

#include <config.h>

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/parse.h"
#include "input/ova/ovf-reading.h"

char *
ovf_text (struct ovf_reading *r, const struct xml_node *node,
          const char *expr)
{
  CLEANUP_FREE char *text = NULL;
  const char *trimmed;

  xml_string (r->xml, node, expr, &text, r->err);
  trimmed = text == NULL ? "" : xml_trim (text);
  return *trimmed == '\0' ? NULL : alloc_copy (trimmed, r->err);
}

bool
ovf_has (struct ovf_reading *r, const struct xml_node *node,
         const char *expr)
{
  const struct xml_node *found = NULL;

  xml_find (r->xml, node, expr, &found, r->err);
  return found != NULL;
}

char *
ovf_property (struct ovf_reading *r, const struct item *item,
              const char *property)
{
  char expr[256];

  snprintf (expr, sizeof expr, "*[local-name()='%s' and "
            "starts-with(namespace-uri(), '" CIM "')]", property);
  return ovf_text (r, item->node, expr);
}

void
ovf_lower (char *text)
{
  for (; text != NULL && *text != '\0'; text++)
    *text = (char) tolower ((unsigned char) *text);
}

int
ovf_parse_number (const char *text, uint64_t *ret)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;

  return parse_uint ("", text, 0, UINT64_MAX, ret, &ignored);
}

uint64_t
ovf_number (struct ovf_reading *r, const struct item *item,
            const char *property, uint64_t otherwise)
{
  CLEANUP_FREE char *text = ovf_fill_in (r, ovf_property (r, item, property));
  uint64_t ret = otherwise;

  if (text != NULL && ovf_parse_number (text, &ret) == -1)
    ovf_error (r, item->node, _("%s: '%s' is not a number"), property, text);
  return ret;
}

uint64_t
ovf_loose_number (struct ovf_reading *r, const struct item *item,
                  const char *property, uint64_t otherwise)
{
  CLEANUP_FREE char *text = ovf_property (r, item, property);
  uint64_t ret;

  return text == NULL || ovf_parse_number (text, &ret) == -1 ? otherwise
                                                             : ret;
}

char *
ovf_config (struct ovf_reading *r, const struct xml_node *node,
            const char *key)
{
  char expr[256];

  snprintf (expr, sizeof expr, "(vmw:Config|vmw:ExtraConfig)"
            "[@vmw:key='%s']/@vmw:value", key);
  return ovf_text (r, node, expr);
}

static const struct {
  const char *name;
  uint64_t factor;
} named_units[] = {
  { "byte", 1 }, { "bytes", 1 },
  { "kb", 1 << 10 }, { "kib", 1 << 10 },
  { "kilobyte", 1 << 10 }, { "kilobytes", 1 << 10 },
  { "mb", 1 << 20 }, { "mib", 1 << 20 },
  { "megabyte", 1 << 20 }, { "megabytes", 1 << 20 },
  { "gb", 1 << 30 }, { "gib", 1 << 30 },
  { "gigabyte", 1 << 30 }, { "gigabytes", 1 << 30 },
  { "tb", UINT64_C (1) << 40 }, { "tib", UINT64_C (1) << 40 },
  { "terabyte", UINT64_C (1) << 40 }, { "terabytes", UINT64_C (1) << 40 },
};

/* Multiply *RET by the number at *AT, or by its power "2^20". */
static int
multiply (const char **at, uint64_t *ret)
{
  uint64_t base, exponent = 1;
  int used = 0;

  if (sscanf (*at, "%4" SCNu64 "%n", &base, &used) != 1)
    return -1;
  *at += used;
  if (**at == '^') {
    if (sscanf (*at, "^%4" SCNu64 "%n", &exponent, &used) != 1)
      return -1;
    *at += used;
  }
  if (exponent > 63)
    return -1;
  for (; exponent > 0; exponent--)
    if (__builtin_mul_overflow (*ret, base, ret))
      return -1;
  return 0;
}

static int
parse_units (const char *text, uint64_t *ret)
{
  char plain[64];
  const char *at = plain + strlen ("byte");
  size_t len = 0;

  for (; *text != '\0'; text++) {
    if (isspace ((unsigned char) *text))
      continue;
    if (len == sizeof plain - 1)
      return -1;
    plain[len++] = (char) tolower ((unsigned char) *text);
  }
  plain[len] = '\0';
  for (size_t i = 0; i < ARRAY_LEN (named_units); i++)
    if (strcmp (plain, named_units[i].name) == 0) {
      *ret = named_units[i].factor;
      return 0;
    }
  if (strncmp (plain, "byte", strlen ("byte")) != 0)
    return -1;
  at += *at == 's';
  for (*ret = 1; *at == '*'; ) {
    at++;
    if (multiply (&at, ret) == -1)
      return -1;
  }
  return *at == '\0' ? 0 : -1;
}

uint64_t
ovf_scale (struct ovf_reading *r, const struct xml_node *node,
           uint64_t count, const char *units, uint64_t factor)
{
  uint64_t ret;

  if (units != NULL && parse_units (units, &factor) == -1)
    ovf_error (r, node, _("unknown allocation units: '%s'"), units);
  if (__builtin_mul_overflow (count, factor, &ret) || ret > INT64_MAX)
    ovf_error (r, node, _("the quantity is too large"));
  return ret;
}
