/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What an object of a list of extents says, once all its members are known:
 *
 *   start, length                        an extent that has changed
 *   startOffset, length, changedArea     a page of QueryChangedDiskAreas
 *   offset, length, type, description    an entry of nbdinfo --map --json
 *   offset, length (, exists)            an extent of rbd diff
 *   start, length, data (, zero, depth)  an entry of qemu-img map: refused
 *
 * and any other one is an envelope if it has such things in it.
 */

#include <config.h>

#include "base/error.h"
#include "base/i18n.h"
#include "transfer/extent-list-internal.h"

/* As the user knows them. */
static const char *const number_names[] = {
  [MEMBER_START] = "start", [MEMBER_LENGTH] = "length",
  [MEMBER_START_OFFSET] = "startOffset", [MEMBER_OFFSET] = "offset",
  [MEMBER_TYPE] = "type",
};

/* The number MEMBER of an object that is WHAT number NUMBER. */
static uint64_t
get_number (struct extent_list *list, const struct extent_frame *frame,
            enum extent_member member, const char *what, size_t number)
{
  if (!frame->has[member])
    extent_list_refuse (list, what, number, number_names[member],
                        _("is missing"));
  else if (frame->wrong[member] != NULL)
    extent_list_refuse (list, what, number, number_names[member],
                        _(frame->wrong[member]));
  return frame->numbers[member];
}

/* Lists are sorted as a rule; joining now saves memory. */
static void
add_range (struct extent_list *list, struct ranges *ranges,
           struct range range)
{
  if (!error_is_set (list->err) && ranges_add (ranges, range) == -1)
    error_nomem (list->err);
}

static struct range
get_range (struct extent_list *list, const struct extent_frame *frame,
           enum extent_member start, const char *what, size_t number)
{
  const uint64_t offset = get_number (list, frame, start, what, number);

  return (struct range) {
    .offset = offset,
    .len = get_number (list, frame, MEMBER_LENGTH, what, number),
  };
}

static void
end_page (struct extent_list *list, const struct extent_frame *frame)
{
  const size_t number = ++list->n_pages;

  add_range (list, &list->pages,
             get_range (list, frame, MEMBER_START_OFFSET, _("page"),
                        number));
}

static void
end_extent (struct extent_list *list, const struct extent_frame *frame)
{
  if (frame->has[MEMBER_DATA])
    extent_list_refuse_qemu_map (list);
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
  const struct range range =
    get_range (list, frame, MEMBER_OFFSET, _("extent"), ++list->extents);

  if (frame->has[MEMBER_EXISTS] ||
      (!frame->has[MEMBER_TYPE] && frame->description == NO_DESCRIPTION))
    add_range (list, &list->ranges, range);
  else if (!is_of_bitmap (frame))
    extent_list_refuse_map (list);
  else {
    add_range (list, &list->map, range);
    if (frame->description == DIRTY)
      add_range (list, &list->ranges, range);
    else
      list->has_clean = true;
  }
}

size_t
extent_list_found (const struct extent_list *list)
{
  return list->extents + list->n_pages;
}

/* Is the object, or what holds it, part of the list itself, and not of an
 * object's other members?
 */
static bool
must_be_known (const struct extent_list *list)
{
  if (list->frames[list->depth].member == MEMBER_CHANGED_AREA)
    return true;
  for (size_t i = 0; i < list->depth; i++)
    if (!list->frames[i].is_array)
      return false;
  return true;
}

void
extent_list_end_object (struct extent_list *list)
{
  const struct extent_frame *frame = &list->frames[list->depth];

  if (frame->has[MEMBER_START_OFFSET] || frame->has[MEMBER_CHANGED_AREA])
    end_page (list, frame);
  else if (frame->has[MEMBER_START])
    end_extent (list, frame);
  else if (frame->has[MEMBER_OFFSET])
    end_map_entry (list, frame);
  else if (frame->member < MEMBER_NUMBERS && frame->has[MEMBER_TEXT])
    return;                     /* the number has got it */
  else if (extent_list_found (list) == frame->before &&
           must_be_known (list)) {
    if (frame->has[MEMBER_LENGTH] || frame->member == MEMBER_CHANGED_AREA)
      end_extent (list, frame); /* which says what is missing */
    else
      extent_list_refuse_other (list);
  }
}

/* A list of dirty extents alone has gaps. */
void
extent_list_end_map (struct extent_list *list)
{
  for (size_t i = 0; list->has_clean && i < list->map.len; i++)
    add_range (list, &list->pages, list->map.ptr[i]);
  ranges_reset (&list->map);
}
