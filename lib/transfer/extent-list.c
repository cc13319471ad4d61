/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Collects the members that mean something while a list of extents is read.
 * Clients of vSphere differ in what they put round a page (returnval, SOAP's
 * elements, {"value":[],"Count":1}), in capitals, in whether a number is a
 * string or an object that holds its text, and whether one area is an array.
 * Syntax is left to the readers, and what an object says by its members to
 * extent-list-object.c.
 */

#include <config.h>

#include <ctype.h>
#include <string.h>
#include <sys/param.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "transfer/extent-list-internal.h"

#define KEY_MAX 32

static const struct {
  const char *name;
  enum extent_member member;
} members[] = {
  { "start", MEMBER_START }, { "length", MEMBER_LENGTH },
  { "startoffset", MEMBER_START_OFFSET }, { "offset", MEMBER_OFFSET },
  { "type", MEMBER_TYPE }, { "changedarea", MEMBER_CHANGED_AREA },
  { "description", MEMBER_DESCRIPTION }, { "data", MEMBER_DATA },
  { "exists", MEMBER_EXISTS }, { "faultstring", MEMBER_FAULT },
};

/* KEY without an XML prefix, in small letters, without "_" and "-", as Go,
 * C#, Ruby and Python write the names of members in their own ways.
 */
static enum extent_member
find_member (const char *key)
{
  /* What XML's text becomes when an element has attributes, too: xmltodict,
   * xml2js, XML::Simple, BadgerFish.
   */
  static const char *const text[] = { "#text", "_", "content", "$t", "$" };
  const char *colon = strrchr (key, ':');
  char name[KEY_MAX];
  size_t n = 0;

  for (size_t i = 0; i < ARRAY_LEN (text); i++)
    if (strcmp (key, text[i]) == 0)
      return MEMBER_TEXT;
  for (key = colon != NULL ? colon + 1 : key; *key != '\0'; key++) {
    if (*key == '_' || *key == '-')
      continue;
    if (n == sizeof name - 1)
      return MEMBER_OTHER;
    name[n++] = (char) tolower ((unsigned char) *key);
  }
  name[n] = '\0';
  for (size_t i = 0; i < ARRAY_LEN (members); i++)
    if (strcmp (name, members[i].name) == 0)
      return members[i].member;
  return MEMBER_OTHER;
}

/* NULL, or why TEXT is no number of bytes; N_() strings. */
static const char *
read_number (const char *text, size_t len, uint64_t *ret)
{
  const bool negative = len > 0 && text[0] == '-';

  *ret = 0;
  if (negative) {
    text++;
    len--;
  }
  if (len == 0)
    return N_("is not an integer");
  for (size_t i = 0; i < len; i++) {
    if (!isdigit ((unsigned char) text[i]))
      return N_("is not an integer");
    if (*ret < INT64_MAX / 10)
      *ret = *ret * 10 + (uint64_t) (text[i] - '0');
    else
      *ret = INT64_MAX;
  }
  return negative ? N_("is negative")
    : *ret >= INT64_MAX / 10 ? N_("is too large") : NULL;
}

static void
set_number (struct extent_frame *frame, enum extent_member member,
            enum extent_value kind, const char *text, size_t len)
{
  if (frame->has[member]) {
    frame->wrong[member] = N_("is given twice");
    return;
  }
  while (len > 0 && isspace ((unsigned char) text[0])) {
    text++;
    len--;
  }
  while (len > 0 && isspace ((unsigned char) text[len - 1]))
    len--;
  frame->has[member] = true;
  frame->wrong[member] = kind == VALUE_NUMBER || kind == VALUE_STRING
    ? read_number (text, len, &frame->numbers[member])
    : N_("is not an integer");
}

/* The object whose member a value is that is met now, and which: elements of
 * an array are what the array is.
 */
static struct extent_frame *
holder (struct extent_list *list, const char *key,
        enum extent_member *member)
{
  size_t i = list->depth;

  *member = key != NULL ? find_member (key) : MEMBER_OTHER;
  while (i > 0 && list->frames[i - 1].is_array) {
    i--;
    *member = list->frames[i].member;
  }
  return i > 0 ? &list->frames[i - 1] : NULL;
}

void
extent_list_open (struct extent_list *list, const char *key, bool is_array)
{
  enum extent_member member;
  struct extent_frame *around = holder (list, key, &member);

  if (error_is_set (list->err))
    return;
  if (list->depth == EXTENT_LIST_DEPTH) {
    error_set (list->err, REASON_USAGE,
               _("%s is nested too deeply to be a list of extents"),
              list->name);
    return;
  }
  list->is_empty_array = list->depth == 0 && is_array;
  if (around != NULL && member == MEMBER_CHANGED_AREA)
    around->has[member] = true;
  list->frames[list->depth++] = (struct extent_frame) {
    .member = member, .is_array = is_array, .before = extent_list_found (list),
  };
}

void
extent_list_close (struct extent_list *list)
{
  if (error_is_set (list->err))
    return;
  list->depth--;
  if (!list->frames[list->depth].is_array)
    extent_list_end_object (list);
}

static void
note_description (struct extent_frame *frame, const char *text, size_t len)
{
  frame->description = len == 5 && memcmp (text, "clean", 5) == 0 ? CLEAN
    : len == 5 && memcmp (text, "dirty", 5) == 0 ? DIRTY : ANOTHER;
}

static void
note_fault (struct extent_list *list, const char *text, size_t len)
{
  while (len > 0 && strchr (". \n", text[len - 1]) != NULL)
    len--;
  len = MIN (len, sizeof list->fault - 1);
  memcpy (list->fault, text, len);
  list->fault[len] = '\0';
  utf8_sanitize (list->fault, '?');
}

static void
note_value (struct extent_list *list, struct extent_frame *frame,
            enum extent_member member, enum extent_value kind,
            const char *text, size_t len)
{
  struct extent_frame *around = frame > list->frames ? frame - 1 : NULL;

  /* An element that has attributes, too. */
  if (member == MEMBER_TEXT) {
    while (around != NULL && around->is_array)
      around = around > list->frames ? around - 1 : NULL;
    frame->has[MEMBER_TEXT] = true;
    if (around != NULL && frame->member < MEMBER_NUMBERS)
      set_number (around, frame->member, kind, text, len);
  }
  else if (member < MEMBER_NUMBERS)
    set_number (frame, member, kind, text, len);
  else if (member == MEMBER_CHANGED_AREA) {
    frame->has[member] = true;
    if (kind != VALUE_NULL)
      extent_list_refuse_area (list);
  }
  else if (member == MEMBER_DESCRIPTION && kind == VALUE_STRING)
    note_description (frame, text, len);
  else if (member == MEMBER_FAULT && kind == VALUE_STRING)
    note_fault (list, text, len);
  else if (member == MEMBER_EXISTS ||
           (member == MEMBER_DATA && kind == VALUE_BOOL))
    frame->has[member] = true;
}

void
extent_list_value (struct extent_list *list, const char *key,
                   enum extent_value kind, const char *text, size_t len)
{
  enum extent_member member;
  struct extent_frame *frame = holder (list, key, &member);

  if (error_is_set (list->err))
    return;
  list->is_empty_array = false;
  if (frame == NULL)
    extent_list_refuse_other (list);
  /* An element of an array is something, even if it is null. */
  else if (member == MEMBER_CHANGED_AREA && key == NULL)
    extent_list_refuse_area (list);
  else
    note_value (list, frame, member, kind, text, len);
}

void
extent_list_end (struct extent_list *list)
{
  if (extent_list_found (list) == 0 && !list->is_empty_array)
    extent_list_refuse_other (list);
  extent_list_end_map (list);
}

void
extent_list_reset (struct extent_list *list)
{
  ranges_reset (&list->ranges);
  ranges_reset (&list->pages);
  ranges_reset (&list->map);
}
