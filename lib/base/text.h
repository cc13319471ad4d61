/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Texts that may be missing. */

#ifndef V2V_TEXT_H
#define V2V_TEXT_H

#include <stdbool.h>
#include <string.h>

/* Are both the same, or both NULL? */
static inline bool
same_text (const char *a, const char *b)
{
  return a == NULL || b == NULL ? a == b : strcmp (a, b) == 0;
}

#endif /* V2V_TEXT_H */
