/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The language in which LVM2 writes a volume group's metadata: sections that
 * hold sections and settings, which are strings, numbers, or arrays of these.
 */

#ifndef V2V_LVM_TEXT_H
#define V2V_LVM_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/vector.h"

struct error;

/* Bytes of the text; no NUL byte ends them. */
struct lvm_slice {
  const char *ptr;
  size_t len;
};

enum lvm_kind { LVM_SECTION, LVM_ARRAY, LVM_STRING, LVM_NUMBER };

struct lvm_node {
  enum lvm_kind kind;
  uint32_t parent;              /* index of the section or array; 0 is the
                                   whole text */
  struct lvm_slice name;        /* empty in an array */
  struct lvm_slice text;        /* a string as it is written, or a section from
                                   its name to its closing brace */
  uint64_t number;              /* of an array: how many items follow */
};
DEFINE_VECTOR (struct lvm_nodes, lvm_nodes, struct lvm_node);

struct lvm_text {
  struct lvm_nodes nodes;       /* in the text's order */
  const struct lvm_node **by_name; /* those with names, by their parents */
  size_t n_named;
};

/* A real description needs some 30 bytes for each node. */
#define LVM_TEXT_MAX (UINT32_C (8) << 20)
#define LVM_NODES_MAX (LVM_TEXT_MAX / 16)

/* TEXT is borrowed as long as the result is used.  What is not in this
 * language, or twice in a section, sets *WHY_NOT, which the caller frees.
 * -1: no memory.
 */
extern int lvm_text_parse (const char *text, size_t len, struct lvm_text *ret,
                           char **why_not, struct error *err);
extern void lvm_text_reset (struct lvm_text *);

#define CLEANUP_LVM_TEXT __attribute__ ((cleanup (lvm_text_reset)))

/* What a section holds, in the order of the names. */
extern const struct lvm_node *const *
lvm_text_children (const struct lvm_text *, const struct lvm_node *section,
                   size_t *n);
/* The one of them called NAME; NULL: there is none. */
extern const struct lvm_node *
lvm_text_find (const struct lvm_text *, const struct lvm_node *section,
               struct lvm_slice name);

/* Set *WHY_NOT, which the caller frees, unless it is set already.  Returns 0,
 * or -1 when there is no memory.
 */
extern int lvm_doubt (char **why_not, struct error *err, const char *fmt, ...)
  __attribute__ ((format (printf, 3, 4)));

extern bool lvm_slice_is (struct lvm_slice, const char *str);
extern int lvm_slice_compare (struct lvm_slice, struct lvm_slice);

#endif /* V2V_LVM_TEXT_H */
