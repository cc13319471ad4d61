/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What lists of changed extents mean, whatever they are written in.  All of
 * them consist of objects with named members, arrays and single values; the
 * readers (extent-list-FORM.c) tell these in the order of the text, so that
 * nothing but the ranges is kept in memory.
 */

#ifndef V2V_EXTENT_LIST_H
#define V2V_EXTENT_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ranges.h"

struct error;

/* Deeper than any known form: SOAP's envelope, of which each element became
 * an array, has 13.
 */
#define EXTENT_LIST_DEPTH 20

enum extent_value {
  VALUE_NULL,
  VALUE_BOOL,
  VALUE_NUMBER,                 /* as it is written: it may be a fraction */
  VALUE_STRING,
};

/* The members that mean something. */
enum extent_member {
  /* Numbers, */
  MEMBER_START, MEMBER_LENGTH, MEMBER_START_OFFSET, MEMBER_OFFSET,
  MEMBER_TYPE,
  MEMBER_NUMBERS,
  /* and others. */
  MEMBER_CHANGED_AREA = MEMBER_NUMBERS, MEMBER_DESCRIPTION, MEMBER_DATA,
  MEMBER_EXISTS, MEMBER_FAULT, MEMBER_TEXT, MEMBER_OTHER
};

struct extent_frame {           /* an object or an array that is open */
  enum extent_member member;    /* what it is of the object around it */
  bool is_array;
  size_t before;                /* what had been found when it was opened */
  bool has[MEMBER_OTHER];       /* members that were there */
  uint64_t numbers[MEMBER_NUMBERS];
  const char *wrong[MEMBER_NUMBERS]; /* why not, or NULL; untranslated */
  enum { NO_DESCRIPTION, CLEAN, DIRTY, ANOTHER } description;
};

struct extent_list {
  const char *name;             /* the file's, for messages */
  struct ranges ranges;         /* what has changed, as it was listed */
  struct ranges pages;          /* the parts of the disk that the list says it
                                   is about */
  struct error *err;            /* the first error ends the reading */
  struct extent_frame frames[EXTENT_LIST_DEPTH];
  size_t depth;                 /* frames in use */
  size_t extents, n_pages;      /* read so far */
  bool is_empty_array;          /* the document is, so far */
  struct ranges map;       /* what a bitmap's map covers, joined */
  bool has_clean;               /* it lists what did not change, too, so that
                                   the pages are what it covers */
  char fault[200];              /* the server's error in place of a list */
};

/* An object or array begins, or a value is given, as the member KEY of the
 * object around it.  NULL: it is an element of an array, or the document.  A
 * reader may go on after an error, but need not.
 */
extern void extent_list_open (struct extent_list *, const char *key,
                              bool is_array);
extern void extent_list_close (struct extent_list *);
extern void extent_list_value (struct extent_list *, const char *key,
                               enum extent_value, const char *text,
                               size_t len);
/* The document was complete.  Several may follow each other. */
extern void extent_list_end (struct extent_list *);

extern void extent_list_reset (struct extent_list *);

/* The text is of none of the known forms: add to the error what these are. */
extern void extent_list_hint (struct extent_list *);

/*--- The readers.  An error is in the list's. ---*/

extern void extent_list_read_json (struct extent_list *, const char *text,
                                   size_t len);
/* What Python prints of objects: pyVmomi's, suds' and its own (zeep). */
extern void extent_list_read_python (struct extent_list *, const char *text,
                                     size_t len);
/* SOAP's answers. */
extern void extent_list_read_xml (struct extent_list *, const char *text,
                                  size_t len);

#endif /* V2V_EXTENT_LIST_H */
