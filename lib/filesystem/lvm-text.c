/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Reads the text of LVM2's metadata into a list of nodes: only what LVM2
 * writes there, which is less than what it takes in lvm.conf (no floating
 * point numbers, no quoted names, no paths).  What it means is left to
 * lvm-group.c.
 *
 * The text is a stranger's: the number of nodes is limited, nothing recurses,
 * and names are looked up in a sorted list, so that time is bounded, too.
 */

#include <config.h>

#include <stdarg.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/i18n.h"
#include "filesystem/lvm-text.h"

struct parser {
  const char *at, *end;
  struct lvm_nodes *nodes;
  uint32_t section;             /* that is open; 0: none */
  bool no_memory;
};

int
lvm_doubt (char **why_not, struct error *err, const char *fmt, ...)
{
  va_list args;

  if (*why_not != NULL)
    return 0;
  va_start (args, fmt);
  *why_not = vformat (err, fmt, args);
  va_end (args);
  return *why_not == NULL ? -1 : 0;
}

/*--- Names. ---*/

bool
lvm_slice_is (struct lvm_slice slice, const char *str)
{
  return strlen (str) == slice.len && memcmp (slice.ptr, str, slice.len) == 0;
}

int
lvm_slice_compare (struct lvm_slice a, struct lvm_slice b)
{
  const size_t len = a.len < b.len ? a.len : b.len;
  const int order = len == 0 ? 0 : memcmp (a.ptr, b.ptr, len);

  return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static int
compare (uint32_t parent, struct lvm_slice name, const struct lvm_node *node)
{
  if (parent != node->parent)
    return parent < node->parent ? -1 : 1;
  return lvm_slice_compare (name, node->name);
}

static int
compare_nodes (const void *a, const void *b)
{
  const struct lvm_node *const *node = a;

  return compare ((*node)->parent, (*node)->name,
                  *(const struct lvm_node *const *) b);
}

/* The first of those with names that is not before NAME in PARENT. */
static size_t
lower_bound (const struct lvm_text *text, uint32_t parent,
             struct lvm_slice name)
{
  size_t low = 0, high = text->n_named;

  while (low < high) {
    const size_t middle = low + (high - low) / 2;

    if (compare (parent, name, text->by_name[middle]) > 0)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static uint32_t
index_of (const struct lvm_text *text, const struct lvm_node *node)
{
  return (uint32_t) (node - text->nodes.ptr);
}

const struct lvm_node *const *
lvm_text_children (const struct lvm_text *text,
                   const struct lvm_node *section, size_t *n)
{
  const struct lvm_slice first = { "", 0 };
  const uint32_t parent = index_of (text, section);
  const size_t begin = lower_bound (text, parent, first);

  *n = lower_bound (text, parent + 1, first) - begin;
  return text->by_name + begin;
}

const struct lvm_node *
lvm_text_find (const struct lvm_text *text, const struct lvm_node *section,
               struct lvm_slice name)
{
  const uint32_t parent = index_of (text, section);
  const size_t i = lower_bound (text, parent, name);

  return i < text->n_named && compare (parent, name, text->by_name[i]) == 0
    ? text->by_name[i] : NULL;
}

/*--- The language. ---*/

static void
skip_blanks (struct parser *p)
{
  bool comment = false;

  for (; p->at < p->end; p->at++) {
    if (*p->at == '#')
      comment = true;
    else if (*p->at == '\n')
      comment = false;
    else if (!comment && *p->at != ' ' && *p->at != '\t')
      return;
  }
}

static bool
take (struct parser *p, char c)
{
  skip_blanks (p);
  if (p->at == p->end || *p->at != c)
    return false;
  p->at++;
  return true;
}

static bool
is_digit (char c)
{
  return c >= '0' && c <= '9';
}

/* What LVM2 takes for names of groups and volumes, and uses in its own. */
static bool
is_name (char c)
{
  return is_digit (c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
    c == '+' || c == '_' || c == '.' || c == '-';
}

static bool
take_name (struct parser *p, struct lvm_slice *ret)
{
  skip_blanks (p);
  ret->ptr = p->at;
  while (p->at < p->end && is_name (*p->at))
    p->at++;
  ret->len = (size_t) (p->at - ret->ptr);
  return ret->len > 0;
}

/* Nothing that counts is negative ("read_ahead = -1" is): that is more than
 * any setting may be.
 */
static bool
take_number (struct parser *p, uint64_t *ret)
{
  const bool negative = p->at < p->end && *p->at == '-';
  const char *const begin = p->at += negative ? 1 : 0;

  *ret = 0;
  for (; p->at < p->end && is_digit (*p->at); p->at++)
    if (__builtin_mul_overflow (*ret, 10, ret) ||
        __builtin_add_overflow (*ret, (uint64_t) (*p->at - '0'), ret))
      return false;
  if (negative)
    *ret = UINT64_MAX;
  return p->at > begin && (p->at == p->end || !is_name (*p->at));
}

/* Up to the quote that ends it.  Escapes stay as they are: what is compared
 * with anything has none.
 */
static bool
take_string (struct parser *p, struct lvm_slice *ret)
{
  ret->ptr = p->at;
  for (; p->at < p->end && *p->at != '"'; p->at++)
    if (*p->at == '\\' && ++p->at == p->end)
      return false;
  ret->len = (size_t) (p->at - ret->ptr);
  return take (p, '"');
}

static bool
add (struct parser *p, struct lvm_node node)
{
  if (p->nodes->len == LVM_NODES_MAX)
    return false;
  p->no_memory = lvm_nodes_append (p->nodes, node) == -1;
  return !p->no_memory;
}

/* A string or a number. */
static bool
add_scalar (struct parser *p, struct lvm_node node)
{
  if (take (p, '"')) {
    node.kind = LVM_STRING;
    return take_string (p, &node.text) && add (p, node);
  }
  node.kind = LVM_NUMBER;
  return take_number (p, &node.number) && add (p, node);
}

static bool
add_array (struct parser *p, struct lvm_node node)
{
  const uint32_t array = (uint32_t) p->nodes->len;

  node.kind = LVM_ARRAY;
  if (!add (p, node))
    return false;
  if (take (p, ']'))
    return true;
  do {
    if (!add_scalar (p, (struct lvm_node) { .parent = array }))
      return false;
    p->nodes->ptr[array].number++;
  } while (take (p, ','));
  return take (p, ']');
}

/* What stands behind a name. */
static bool
add_named (struct parser *p, struct lvm_slice name)
{
  const struct lvm_node node = { .parent = p->section, .name = name };

  if (take (p, '=')) {
    skip_blanks (p);
    return take (p, '[') ? add_array (p, node) : add_scalar (p, node);
  }
  p->section = (uint32_t) p->nodes->len;
  return take (p, '{') && add (p, node);
}

static bool
end_section (struct parser *p)
{
  struct lvm_node *section = &p->nodes->ptr[p->section];

  if (p->section == 0)
    return false;
  section->text = (struct lvm_slice) {
    section->name.ptr, (size_t) (p->at - section->name.ptr),
  };
  p->section = section->parent;
  return true;
}

static bool
parse (struct parser *p)
{
  struct lvm_slice name;

  if (!add (p, (struct lvm_node) { .kind = LVM_SECTION }))
    return false;
  for (skip_blanks (p); p->at < p->end; skip_blanks (p))
    if (take_name (p, &name) ? !add_named (p, name)
        : !take (p, '}') || !end_section (p))
      return false;
  return p->section == 0;
}

/*--- The text. ---*/

static int
sort_names (struct lvm_text *text, struct error *err)
{
  size_t n = 0;

  text->by_name = alloc_zero (text->nodes.len * sizeof *text->by_name, err);
  if (text->by_name == NULL)
    return -1;
  for (size_t i = 0; i < text->nodes.len; i++)
    if (text->nodes.ptr[i].name.len > 0)
      text->by_name[n++] = &text->nodes.ptr[i];
  text->n_named = n;
  qsort (text->by_name, n, sizeof *text->by_name, compare_nodes);
  return 0;
}

/* A name that a section has twice; NULL: none. */
static const struct lvm_node *
find_twin (const struct lvm_text *text)
{
  for (size_t i = 1; i < text->n_named; i++)
    if (compare_nodes (&text->by_name[i - 1], &text->by_name[i]) == 0)
      return text->by_name[i];
  return NULL;
}

int
lvm_text_parse (const char *text, size_t len, struct lvm_text *ret,
                char **why_not, struct error *err)
{
  const char *const end = memchr (text, '\0', len);
  struct parser p = { .at = text, .end = end, .nodes = &ret->nodes };
  const struct lvm_node *twin;

  /* A NUL byte ends all of it. */
  if (end == NULL || end != text + len - 1 || len > LVM_TEXT_MAX ||
      !parse (&p)) {
    if (p.no_memory)
      return error_nomem (err);
    return lvm_doubt (why_not, err, _("the LVM metadata cannot be parsed at "
                                      "byte %td of %zu"), p.at - text, len);
  }
  if (sort_names (ret, err) == -1)
    return -1;
  twin = find_twin (ret);
  return twin == NULL ? 0
    : lvm_doubt (why_not, err, _("the LVM metadata has \"%.*s\" twice"),
                 (int) twin->name.len, twin->name.ptr);
}

void
lvm_text_reset (struct lvm_text *text)
{
  lvm_nodes_reset (&text->nodes);
  free (text->by_name);
  *text = (struct lvm_text) { .n_named = 0 };
}
