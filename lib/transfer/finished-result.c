/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The numbers of a disk's copy as JSON, for the record of a finished run. */

#include <config.h>

#include <stdio.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/json.h"
#include "transfer/finished-result.h"
#include "transfer/transfer-request.h"

char *
finished_result_text (const struct transfer_disk *disk, struct error *err)
{
  CLEANUP_JSON json_object *object = json_object_new_object ();
  const char *text;

  json_add_number (&object, "size", disk->size);
  json_add_number (&object, "read", disk->result.read);
  json_add_number (&object, "written", disk->result.written);
  json_add_number (&object, "cloned", disk->result.cloned);
  json_add_number (&object, "zero", disk->result.zero);
  json_add_number (&object, "unused", disk->result.unused);
  json_add (&object, "seconds", json_seconds (disk->result.seconds));
  json_add_number (&object, "retries", disk->result.retries);
  json_add_text (&object, "first_error", disk->result.first_error);
  json_add_bool (&object, "verified", disk->verified);
  json_add_text (&object, "checksum", disk->checksum);
  text = object == NULL ? NULL
    : json_object_to_json_string_ext (object, JSON_C_TO_STRING_PLAIN);
  if (text != NULL)
    return alloc_copy (text, err);
  error_nomem (err);
  return NULL;
}

static uint64_t
number (json_object *object, const char *key)
{
  const int64_t n =
    json_object_get_int64 (json_get (object, key, json_type_int));

  return n > 0 ? (uint64_t) n : 0;
}

static void
text (json_object *object, const char *key, char *ret, size_t size)
{
  json_object *value = json_get (object, key, json_type_string);

  snprintf (ret, size, "%s",
            value != NULL ? json_object_get_string (value) : "");
}

int
finished_result_parse (const char *line, struct transfer_disk *ret)
{
  CLEANUP_JSON json_object *object = json_tokener_parse (line);

  if (json_get (object, "size", json_type_int) == NULL)
    return -1;
  *ret = (struct transfer_disk) {
    .size = number (object, "size"),
    .result = {
      .read = number (object, "read"),
      .written = number (object, "written"),
      .cloned = number (object, "cloned"),
      .zero = number (object, "zero"),
      .unused = number (object, "unused"),
      .seconds = json_object_get_double (json_get (object, "seconds",
                                                   json_type_double)),
      .retries = (unsigned) number (object, "retries"),
    },
    .verified = json_object_get_boolean (json_get (object, "verified",
                                                   json_type_boolean)),
  };
  text (object, "first_error", ret->result.first_error,
        sizeof ret->result.first_error);
  text (object, "checksum", ret->checksum, sizeof ret->checksum);
  return 0;
}
