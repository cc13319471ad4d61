/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Reads lists of extents in XML: SOAP's answers to QueryChangedDiskAreas, one
 * or several documents, or the part of one that holds the areas.  An element
 * is an object if it has elements, and otherwise a value.
 */

#include <config.h>

#include <stdio.h>
#include <string.h>
#include <sys/param.h>

#include "base/error.h"
#include "base/xml.h"
#include "transfer/extent-list.h"

#define KEY_MAX 32
#define TEXT_MAX 200            /* of a value: a number, or what went wrong */

struct reading {
  struct extent_list *list;
  char key[KEY_MAX];            /* of the innermost element, while it is not
                                   known whether it has elements */
  bool is_undecided;
  char text[TEXT_MAX];
  size_t len;
};

static bool
on_start (void *data, const char *name)
{
  struct reading *reading = data;

  if (reading->is_undecided)
    extent_list_open (reading->list, reading->key, false);
  snprintf (reading->key, sizeof reading->key, "%s", name);
  reading->is_undecided = true;
  reading->len = 0;
  return !error_is_set (reading->list->err);
}

static void
on_text (void *data, const char *text, size_t len)
{
  struct reading *reading = data;

  len = MIN (len, sizeof reading->text - reading->len);
  if (reading->is_undecided)
    memcpy (reading->text + reading->len, text, len);
  reading->len += reading->is_undecided ? len : 0;
}

static bool
on_end (void *data)
{
  struct reading *reading = data;

  if (reading->is_undecided)
    extent_list_value (reading->list, reading->key, VALUE_STRING,
                       reading->text, reading->len);
  else
    extent_list_close (reading->list);
  reading->is_undecided = false;
  return !error_is_set (reading->list->err);
}

void
extent_list_read_xml (struct extent_list *list, const char *text, size_t len)
{
  struct reading reading = { .list = list };
  const struct xml_walker walker = {
    .start = on_start, .text = on_text, .end = on_end, .data = &reading,
  };

  extent_list_open (list, NULL, true);
  if (xml_walk (text, len, list->name, &walker, list->err) == -1) {
    list->err->reason = REASON_USAGE;
    return;
  }
  extent_list_close (list);
  list->is_empty_array = false; /* it is of our making */
  extent_list_end (list);
}
