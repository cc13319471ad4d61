/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What qemu's programs print when something fails. */

#ifndef V2V_QEMU_WORDS_H
#define V2V_QEMU_WORDS_H

#include <stdbool.h>

#include "base/error.h"

struct argv;

/* Set the error from TEXT, which qemu-img has printed; WHAT was to be done.
 * False: there is nothing in it.
 */
extern bool qemu_words_of_img (const char *what, const char *text,
                               enum reason, struct error *err);

/* Do qemu-nbd's last LINES say that it could not read its image? */
extern bool qemu_words_of_read (const struct argv *lines);
/* Then let the error be that; what it was before becomes a detail. */
extern void qemu_words_explain_read (const struct argv *lines, enum reason,
                                     struct error *err);

#endif /* V2V_QEMU_WORDS_H */
