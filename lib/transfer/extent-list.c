/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The meaning of a list of extents.  An object is what its members say:
 *
 *   start, length                        an extent that has changed
 *   startOffset, length, changedArea     a page of QueryChangedDiskAreas
 *   offset, length, type, description    an entry of nbdinfo --map --json
 *   offset, length (, exists)            an extent of rbd diff
 *   start, length, data (, zero, depth)  an entry of qemu-img map: refused
 *
 * and any other one is an envelope if it has such things in it.  Clients of
 * vSphere differ in what they put round a page (returnval, SOAP's elements,
 * {"value":[],"Count":1}), in capitals, in whether a number is a string or an
 * object that holds its text, and whether one area is an array.  Syntax is
 * left to the readers.
 */

#include <config.h>

#include <ctype.h>
#include <string.h>
#include <sys/param.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "transfer/extent-list.h"

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

/* As the user knows them. */
static const char *const number_names[] = {
  [MEMBER_START] = "start", [MEMBER_LENGTH] = "length",
  [MEMBER_START_OFFSET] = "startOffset", [MEMBER_OFFSET] = "offset",
  [MEMBER_TYPE] = "type",
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

/*--- Errors. ---*/

static void
refuse (struct extent_list *list, const char *what, size_t number,
        const char *key, const char *why)
{
  error_set (list->err, REASON_USAGE, "%s: %s %zu: \"%s\" %s", list->name,
             what, number, key, why);
}

void
extent_list_hint (struct extent_list *list)
{
  error_hint (list->err,
              _("a list of extents is [{\"start\":N,\"length\":N},...] in "
                "bytes, what vSphere's QueryChangedDiskAreas returns (in "
                "PowerShell: ConvertTo-Json -Depth 5), or what nbdinfo "
                "--map=qemu:dirty-bitmap:NAME --json prints"));
}

/* The answer may say itself why it is none. */
static void
refuse_other (struct extent_list *list)
{
  if (error_is_set (list->err))
    return;
  if (list->fault[0] != '\0') {
    error_set (list->err, REASON_USAGE,
               _("%s: an error of the server, and no list of extents: %s"),
               list->name, list->fault);
    error_hint (list->err, _("the call of QueryChangedDiskAreas failed: "
                             "mend it, and call it again"));
    return;
  }
  error_set (list->err, REASON_USAGE,
             _("%s: after extent %zu: neither an extent nor a page of "
               "QueryChangedDiskAreas"), list->name, list->extents);
  extent_list_hint (list);
}

static void
hint_bitmap (struct extent_list *list)
{
  error_hint (list->err,
              _("use --changed-extents nbd:qemu:dirty-bitmap:NAME, which "
                "reads the bitmap from the source, or the list that nbdinfo "
                "--map=qemu:dirty-bitmap:NAME --json URI prints"));
}

/*--- Numbers. ---*/

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

/* The number MEMBER of an object that is WHAT number NUMBER. */
static uint64_t
get_number (struct extent_list *list, const struct extent_frame *frame,
            enum extent_member member, const char *what, size_t number)
{
  if (!frame->has[member])
    refuse (list, what, number, number_names[member], _("is missing"));
  else if (frame->wrong[member] != NULL)
    refuse (list, what, number, number_names[member],
            _(frame->wrong[member]));
  return frame->numbers[member];
}

/* Lists are sorted as a rule; joining now saves memory. */
static void
add_range (struct extent_list *list, struct copy_ranges *ranges,
           struct copy_range range)
{
  if (!error_is_set (list->err) && copy_ranges_add (ranges, range) == -1)
    error_nomem (list->err);
}

static struct copy_range
get_range (struct extent_list *list, const struct extent_frame *frame,
           enum extent_member start, const char *what, size_t number)
{
  const uint64_t offset = get_number (list, frame, start, what, number);

  return (struct copy_range) {
    .offset = offset,
    .len = get_number (list, frame, MEMBER_LENGTH, what, number),
  };
}

/*--- Objects. ---*/

static void
end_page (struct extent_list *list, const struct extent_frame *frame)
{
  const size_t number = ++list->n_pages;

  add_range (list, &list->pages,
             get_range (list, frame, MEMBER_START_OFFSET, _("page"),
                        number));
}

/* qemu-img map tells where data are.  Of a bitmap (x-dirty-bitmap) it does so
 * with "data" false for what is dirty: taken as a list of changes either
 * would leave out what matters.
 */
static void
refuse_qemu_map (struct extent_list *list)
{
  error_set (list->err, REASON_USAGE,
             _("%s: this is what qemu-img map prints: of a disk it lists what "
               "is allocated, and of a dirty bitmap it says \"data\": false "
               "for what has changed"), list->name);
  hint_bitmap (list);
}

static void
end_extent (struct extent_list *list, const struct extent_frame *frame)
{
  if (frame->has[MEMBER_DATA])
    refuse_qemu_map (list);
  else {
    const size_t number = ++list->extents;

    add_range (list, &list->ranges,
               get_range (list, frame, MEMBER_START, _("extent"), number));
  }
}

/* What nbdinfo prints of a bitmap has "clean" and "dirty"; other descriptions
 * ("data", "hole,zero", "allocated", "local") are of other contexts, and
 * without one nobody knows what the type means.
 */
static bool
is_of_bitmap (const struct extent_frame *frame)
{
  const uint64_t type = frame->description == DIRTY;

  return (frame->description == CLEAN || frame->description == DIRTY) &&
    (!frame->has[MEMBER_TYPE] || (frame->wrong[MEMBER_TYPE] == NULL &&
                                  frame->numbers[MEMBER_TYPE] == type));
}

static void
end_map_entry (struct extent_list *list, const struct extent_frame *frame)
{
  const struct copy_range range =
    get_range (list, frame, MEMBER_OFFSET, _("extent"), ++list->extents);

  if (frame->has[MEMBER_EXISTS] ||
      (!frame->has[MEMBER_TYPE] && frame->description == NO_DESCRIPTION))
    add_range (list, &list->ranges, range);
  else if (!is_of_bitmap (frame)) {
    if (error_is_set (list->err))
      return;
    error_set (list->err, REASON_USAGE,
               _("%s: extent %zu: this map does not say what has changed: it "
                 "is not that of a dirty bitmap, which has \"clean\" and "
                 "\"dirty\""), list->name, list->extents);
    hint_bitmap (list);
  }
  else {
    add_range (list, &list->map, range);
    if (frame->description == DIRTY)
      add_range (list, &list->ranges, range);
    else
      list->has_clean = true;
  }
}

static size_t
found (const struct extent_list *list)
{
  return list->extents + list->n_pages;
}

/* Is the frame, or what holds it, part of the list itself, and not of an
 * object's other members?
 */
static bool
must_be_known (const struct extent_list *list, size_t depth)
{
  const struct extent_frame *frame = &list->frames[depth];

  if (frame->member == MEMBER_CHANGED_AREA)
    return true;
  for (size_t i = 0; i < depth; i++)
    if (!list->frames[i].is_array)
      return false;
  return true;
}

static void
end_object (struct extent_list *list, const struct extent_frame *frame,
            size_t depth)
{
  if (frame->has[MEMBER_START_OFFSET] || frame->has[MEMBER_CHANGED_AREA])
    end_page (list, frame);
  else if (frame->has[MEMBER_START])
    end_extent (list, frame);
  else if (frame->has[MEMBER_OFFSET])
    end_map_entry (list, frame);
  else if (frame->member < MEMBER_NUMBERS && frame->has[MEMBER_TEXT])
    return;                     /* the number has got it */
  else if (found (list) == frame->before && must_be_known (list, depth)) {
    if (frame->has[MEMBER_LENGTH] || frame->member == MEMBER_CHANGED_AREA)
      end_extent (list, frame); /* which says what is missing */
    else
      refuse_other (list);
  }
}

/*--- What the readers call. ---*/

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
               _("%s: no list of extents is nested this deep"), list->name);
    return;
  }
  list->is_empty_array = list->depth == 0 && is_array;
  if (around != NULL && member == MEMBER_CHANGED_AREA)
    around->has[member] = true;
  list->frames[list->depth++] = (struct extent_frame) {
    .member = member, .is_array = is_array, .before = found (list),
  };
}

void
extent_list_close (struct extent_list *list)
{
  if (error_is_set (list->err))
    return;
  list->depth--;
  if (!list->frames[list->depth].is_array)
    end_object (list, &list->frames[list->depth], list->depth);
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

/* In the place of areas only "nothing" may stand.  PowerShell's ConvertTo-Json
 * writes the names of classes for what is deeper than two objects.
 */
static void
refuse_area (struct extent_list *list)
{
  refuse (list, _("page"), list->n_pages + 1, "changedArea",
          _("is not an array"));
  error_hint (list->err, _("PowerShell cuts off what is deeper than two "
                           "objects: use ConvertTo-Json -Depth 5"));
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
      refuse_area (list);
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
    refuse_other (list);
  /* An element of an array is something, even if it is null. */
  else if (member == MEMBER_CHANGED_AREA && key == NULL)
    refuse_area (list);
  else
    note_value (list, frame, member, kind, text, len);
}

/* The map has to cover the disk if it tells what did not change: a list of
 * dirty extents alone has gaps.
 */
static void
end_map (struct extent_list *list)
{
  for (size_t i = 0; list->has_clean && i < list->map.len; i++)
    add_range (list, &list->pages, list->map.ptr[i]);
  copy_ranges_reset (&list->map);
}

void
extent_list_end (struct extent_list *list)
{
  if (found (list) == 0 && !list->is_empty_array)
    refuse_other (list);
  end_map (list);
}

void
extent_list_reset (struct extent_list *list)
{
  copy_ranges_reset (&list->ranges);
  copy_ranges_reset (&list->pages);
  copy_ranges_reset (&list->map);
}
