/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Reading JSON, and making it where there may be no memory.  json-c asserts
 * that the object exists to which something is added, and takes a value that
 * could not be made for null.  Here a tree that lacks anything becomes NULL as
 * a whole, whatever is added to it later, so that one look at its end is
 * enough.
 */

#ifndef V2V_JSON_H
#define V2V_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include <json-c/json.h>

#include "base/cleanup.h"

V2V_DEFINE_CLEANUP (cleanup_json, json_object *, json_object_put);
#define CLEANUP_JSON __attribute__ ((cleanup (cleanup_json)))

/* The member KEY, if OBJECT is an object and that is a TYPE; or NULL.  It
 * belongs to OBJECT.
 */
extern json_object *json_get (json_object *object, const char *key,
                              enum json_type type);

/* They take VALUE; NULL means that it could not be made. */
extern void json_add (json_object **object, const char *key,
                      json_object *value);
extern void json_append (json_object **array, json_object *value);
/* The one way to add null. */
extern void json_add_null (json_object **object, const char *key);

/* A string: JSON is UTF-8, and what is not becomes "?", as control
 * characters of such a text do.  NULL: no memory.
 */
extern json_object *json_text (const char *text);
/* A TEXT that is NULL is left out. */
extern void json_add_text (json_object **object, const char *key,
                           const char *text);
extern void json_add_number (json_object **object, const char *key,
                             uint64_t number);
extern void json_add_bool (json_object **object, const char *key, bool value);

/* A number with milliseconds, which are as good as our times get. */
extern json_object *json_seconds (double seconds);

/* OBJECT as json-c writes it.  The caller frees it; NULL: no memory, or OBJECT
 * is NULL.
 */
extern char *json_dup (json_object *object);

/* OBJECT on one line, without a line end, and with every character that could
 * drive a terminal as \uNNNN.  The caller frees it; NULL: no memory, or OBJECT
 * is NULL.
 */
extern char *json_one_line (json_object *object);

#endif /* V2V_JSON_H */
