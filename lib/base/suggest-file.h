/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_SUGGEST_FILE_H
#define V2V_SUGGEST_FILE_H

#include <stdbool.h>

struct error;

/* Add a hint to *err that names the file whose name is nearest to PATH's,
 * where there is one; PATH does not exist.
 */
extern void suggest_file (const char *path, struct error *err);

/* May NAME stand in a hint?  Names come from anywhere, and hints go to a
 * terminal: no control characters, valid UTF-8.
 */
extern bool suggest_printable (const char *name);

#endif /* V2V_SUGGEST_FILE_H */
