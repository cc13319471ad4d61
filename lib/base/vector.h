/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Typed growing arrays.  DEFINE_VECTOR (struct ints, ints, int) gives
 *
 *   struct ints { int *ptr; size_t len, cap; };
 *   int ints_append (struct ints *v, int elem);  -1 and errno: no memory
 *   void ints_reset (struct ints *v);            frees the array only
 *
 * An empty vector is all zeroes.
 */

#ifndef V2V_VECTOR_H
#define V2V_VECTOR_H

#include <stddef.h>

#include "base/cleanup.h"

/* Make room for one more element of SIZE bytes; -1 and errno when there
 * is no memory.
 */
extern int vector_grow (void **ptr, size_t *cap, size_t len, size_t size);

#define DEFINE_VECTOR(type, prefix, elem_type)                          \
  type {                                                                \
    elem_type *ptr;                                                     \
    size_t len, cap;                                                    \
  };                                                                    \
                                                                        \
  static inline int __attribute__ ((unused))                            \
  prefix##_append (type *v, elem_type elem)                             \
  {                                                                     \
    if (v->len == v->cap) {                                             \
      void *ptr = v->ptr;                                               \
      if (vector_grow (&ptr, &v->cap, v->len, sizeof elem) == -1)       \
        return -1;                                                      \
      v->ptr = ptr;                                                     \
    }                                                                   \
    v->ptr[v->len++] = elem;                                            \
    return 0;                                                           \
  }                                                                     \
                                                                        \
  static inline void __attribute__ ((unused))                           \
  prefix##_reset (type *v)                                              \
  {                                                                     \
    free (v->ptr);                                                      \
    v->ptr = NULL;                                                      \
    v->len = v->cap = 0;                                                \
  }                                                                     \
  struct prefix##_needs_semicolon

/* A list that owns its strings.  argv.h has more for it; this much is here
 * because errors, which argv.c reports, hold such a list.
 */
DEFINE_VECTOR (struct argv, argv_ptrs, char *);

/* Append STR, which then belongs to the list.  STR may be NULL, as strdup
 * returns it.  -1: no memory, and STR was freed.
 */
extern int argv_ptrs_take (struct argv *, char *str);
extern void argv_reset (struct argv *); /* frees the strings too */

#define CLEANUP_ARGV __attribute__ ((cleanup (argv_reset)))

#endif /* V2V_VECTOR_H */
