/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The word, or the file, that a mistyped one was meant to be. */

#ifndef V2V_SUGGEST_H
#define V2V_SUGGEST_H

#include <stdbool.h>

struct error;

struct suggest {
  const char *word;             /* as it was typed */
  const char *best;             /* the nearest candidate, or NULL */
  unsigned distance;            /* of the best one */
};

#define SUGGEST_INIT(typed) { .word = (typed) }

/* Consider CANDIDATE, which must outlive the suggestion. */
extern void suggest_try (struct suggest *, const char *candidate);
/* The same for each of the words that are joined by '|'; the best one is
 * then WORDS from that word on.
 */
extern void suggest_try_joined (struct suggest *, const char *words);

/* Add a hint that names the best candidate with PREFIX ("-i ") in front of
 * it, or else HINT, a text that is translated already.
 */
extern void suggest_hint (const struct suggest *, const char *prefix,
                          const char *hint, struct error *err);

/* Add a hint to *err that names the file whose name is nearest to PATH's,
 * where there is one; PATH does not exist.  Directories are not named, and
 * block devices never: their names are all alike, and so would be the ruin of
 * another disk.
 */
extern void suggest_file (const char *path, struct error *err);
/* The same with directories only. */
extern void suggest_directory (const char *path, struct error *err);

/* May NAME stand in a hint?  Names come from anywhere, and hints go to a
 * terminal: no control characters, valid UTF-8.
 */
extern bool suggest_printable (const char *name);

#endif /* V2V_SUGGEST_H */
