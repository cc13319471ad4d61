/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Single settings of a section of LVM2's metadata, of the type that they must
 * have.
 */

#ifndef V2V_LVM_SETTINGS_H
#define V2V_LVM_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "filesystem/lvm-text.h"

/* NULL or false: there is none of this name, or it is of another type. */
extern const struct lvm_node *lvm_get_section (const struct lvm_text *,
                                               const struct lvm_node *section,
                                               const char *name);
extern bool lvm_get_number (const struct lvm_text *,
                            const struct lvm_node *section, const char *name,
                            uint64_t max, uint64_t *ret);
extern bool lvm_get_string (const struct lvm_text *,
                            const struct lvm_node *section, const char *name,
                            struct lvm_slice *ret);
/* Without its dashes: LVM_UUID_LEN characters. */
extern bool lvm_get_uuid (const struct lvm_text *,
                          const struct lvm_node *section, const char *name,
                          char *ret);
/* The N items of an array, one after the other. */
extern const struct lvm_node *lvm_get_array (const struct lvm_text *,
                                             const struct lvm_node *section,
                                             const char *name, size_t *n);

/* Is WORD in an array, which need not be there? */
extern bool lvm_has_word (const struct lvm_text *,
                          const struct lvm_node *section, const char *name,
                          const char *word);

/* KNOWN are names, ended by NULL. */
extern bool lvm_is_one_of (struct lvm_slice name, const char *const *known);

/* KNOWN are names, ended by NULL.  The first item of an array that is none of
 * them (what is no string is "?"), or the first setting; NULL: there is none.
 * An array that is not there has no items.
 */
extern const struct lvm_slice *lvm_odd_word (const struct lvm_text *,
                                             const struct lvm_node *section,
                                             const char *name,
                                             const char *const *known);
extern const struct lvm_slice *lvm_odd_setting (const struct lvm_text *,
                                                const struct lvm_node *section,
                                                const char *const *known);

#endif /* V2V_LVM_SETTINGS_H */
