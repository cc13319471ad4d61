/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What those who give a list of extents its meaning have of each other. */

#ifndef V2V_EXTENT_LIST_INTERNAL_H
#define V2V_EXTENT_LIST_INTERNAL_H

#include "transfer/extent-list.h"

/*--- extent-list-object.c ---*/

/* Take what the object says that has just been closed: frames[depth]. */
extern void extent_list_end_object (struct extent_list *);
/* The map has to cover the disk if it tells what did not change. */
extern void extent_list_end_map (struct extent_list *);
/* How many extents and pages there were so far. */
extern size_t extent_list_found (const struct extent_list *);

/*--- extent-list-refuse.c: the first error stays. ---*/

/* The member KEY of WHAT (an extent, a page) number NUMBER; WHAT and WHY are
 * translated.
 */
extern void extent_list_refuse (struct extent_list *, const char *what,
                                size_t number, const char *key,
                                const char *why);
/* What is in the place of an object or of areas is none. */
extern void extent_list_refuse_other (struct extent_list *);
extern void extent_list_refuse_area (struct extent_list *);
/* A map of something else than a bitmap. */
extern void extent_list_refuse_map (struct extent_list *);
extern void extent_list_refuse_qemu_map (struct extent_list *);

#endif /* V2V_EXTENT_LIST_INTERNAL_H */
