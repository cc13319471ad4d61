/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Names of the files in a package: the one place that decides whether a name
 * stays inside the package.
 */

#include <config.h>

#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/beneath.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/hex.h"
#include "base/i18n.h"
#include "input/input-request.h"
#include "input/ova/member-name.h"

static int
refuse (const char *name, struct error *err)
{
  return error_set (err, REASON_UNTRUSTED_IMAGE,
                    _("the file name '%s' points outside the package"), name);
}

/* UP: ".." is a folder above, inside the package. */
static char *
clean_name (const char *name, bool up, struct error *err)
{
  char *ret = beneath_plain_name (name, up);

  if (ret != NULL)
    return ret;
  if (errno == EXDEV)
    refuse (name, err);
  else if (errno == ENOENT)
    error_set (err, REASON_UNTRUSTED_IMAGE,
               _("the package holds a file without a name"));
  else
    error_nomem (err);
  return NULL;
}

char *
member_name_clean (const char *name, struct error *err)
{
  return clean_name (name, false, err);
}

char *
member_name_resolve (const char *from, const char *href, struct error *err)
{
  CLEANUP_FREE char *joined = NULL;

  if (*href == '/') {
    refuse (href, err);
    return NULL;
  }
  joined = input_path_beside (from, href, err);
  return joined == NULL ? NULL : clean_name (joined, true, err);
}

/* A copy of HREF with each %XX decoded. */
static char *
decode (const char *href, struct error *err)
{
  char *ret = malloc (strlen (href) + 1), *out = ret;

  if (ret == NULL) {
    error_nomem (err);
    return NULL;
  }
  while (*href != '\0') {
    const int high = *href == '%' ? hex_digit (href[1]) : -1;
    const int low = high == -1 ? -1 : hex_digit (href[2]);

    if (low == -1 || high * 16 + low == 0)
      *out++ = *href++;
    else {
      *out++ = (char) (high * 16 + low);
      href += 3;
    }
  }
  *out = '\0';
  return ret;
}

static int
add_name (struct member_names *names, size_t *len, const char *from,
          const char *href, struct error *err)
{
  char *name = member_name_resolve (from, href, err);

  if (name == NULL)
    return -1;
  names->ptr[(*len)++] = name;
  return 0;
}

int
member_names_of (struct member_names *names, const char *from,
                 const char *href, struct error *err)
{
  CLEANUP_FREE char *decoded = decode (href, err);
  size_t len = 0;

  *names = (struct member_names) { .ptr = { NULL } };
  if (decoded == NULL || add_name (names, &len, from, href, err) == -1 ||
      (strcmp (decoded, href) != 0 &&
       add_name (names, &len, from, decoded, err) == -1))
    return -1;
  if (strchr (decoded, '\\') == NULL)
    return 0;
  for (char *at = decoded; (at = strchr (at, '\\')) != NULL;)
    *at = '/';
  return add_name (names, &len, from, decoded, err);
}

void
member_names_reset (struct member_names *names)
{
  for (size_t i = 0; i < ARRAY_LEN (names->ptr); i++)
    free (names->ptr[i]);
}

bool
member_name_has_suffix (const char *name, const char *suffix)
{
  const char *slash = strrchr (name, '/');
  const char *base = slash == NULL ? name : slash + 1;
  const size_t len = strlen (base), suffix_len = strlen (suffix);

  return len > suffix_len && strncmp (base, "._", 2) != 0 &&
    strcasecmp (base + len - suffix_len, suffix) == 0;
}
