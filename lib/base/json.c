/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Makes JSON with json-c where there may be no memory, and of text that may
 * hold any bytes.  What should be in JSON that is read is left to its readers.
 */

#include <config.h>

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/memstream.h"
#include "base/utf8.h"
#include "base/visible.h"

json_object *
json_get (json_object *object, const char *key, enum json_type type)
{
  json_object *value;

  return json_object_object_get_ex (object, key, &value) &&
    json_object_is_type (value, type) ? value : NULL;
}

static void
give_up (json_object **tree, json_object *value)
{
  json_object_put (value);
  json_object_put (*tree);
  *tree = NULL;
}

void
json_add (json_object **object, const char *key, json_object *value)
{
  if (*object == NULL || value == NULL ||
      json_object_object_add (*object, key, value) != 0)
    give_up (object, value);
}

void
json_append (json_object **array, json_object *value)
{
  if (*array == NULL || value == NULL ||
      json_object_array_add (*array, value) != 0)
    give_up (array, value);
}

void
json_add_null (json_object **object, const char *key)
{
  if (*object != NULL && json_object_object_add (*object, key, NULL) != 0)
    give_up (object, NULL);
}

json_object *
json_text (const char *text)
{
  CLEANUP_FREE char *valid = NULL;

  if (utf8_valid (text))
    return json_object_new_string (text);
  valid = strdup (text);
  if (valid == NULL)
    return NULL;
  utf8_sanitize (valid, '?');
  return json_object_new_string (valid);
}

void
json_add_text (json_object **object, const char *key, const char *text)
{
  if (text != NULL)
    json_add (object, key, json_text (text));
}

void
json_add_number (json_object **object, const char *key, uint64_t number)
{
  json_add (object, key, json_object_new_int64 ((int64_t) number));
}

void
json_add_bool (json_object **object, const char *key, bool value)
{
  json_add (object, key, json_object_new_boolean (value));
}

json_object *
json_seconds (double seconds)
{
  char text[32];

  snprintf (text, sizeof text, "%.3f", seconds);
  return json_object_new_double_s (seconds, text);
}

char *
json_dup (json_object *object)
{
  const char *text = object == NULL ? NULL : json_object_to_json_string (object);

  return text == NULL ? NULL : strdup (text);
}

char *
json_one_line (json_object *object)
{
  const char *json = object == NULL ? NULL
    : json_object_to_json_string_ext (object, JSON_C_TO_STRING_PLAIN|
                                      JSON_C_TO_STRING_NOSLASHESCAPE);
  char *text = NULL;
  size_t len;
  FILE *fp = json == NULL ? NULL : open_memstream (&text, &len);

  if (fp == NULL)
    return NULL;
  visible_print_json (fp, json);
  memstream_close (fp, &text);
  return text;
}
