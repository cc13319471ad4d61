/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <config.h>

#include <stddef.h>

#include "base/json.h"

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
