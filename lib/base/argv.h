/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Lists of strings: argument lists, environments, lines of output. */

#ifndef V2V_ARGV_H
#define V2V_ARGV_H

#include <stdbool.h>
#include <stdio.h>

#include "base/vector.h"

struct error;

/* Append a copy of STR, or what printf would print.  -1: no memory. */
extern int argv_append (struct argv *, const char *str, struct error *err);
extern int argv_appendf (struct argv *, struct error *err,
                         const char *fmt, ...)
  __attribute__ ((format (printf, 3, 4)));
/* Append copies of all strings of the array, which ends with NULL. */
extern int argv_append_array (struct argv *, const char *const *array,
                              struct error *err);
/* Take STR, which is freed when there is no memory. */
extern int argv_take (struct argv *, char *str, struct error *err);

/* The strings as an array that ends with NULL, as execve wants it.  It
 * belongs to the list and is good until the list changes.  NULL: no memory.
 */
extern char *const *argv_array (struct argv *, struct error *err);

extern bool argv_contains (const struct argv *, const char *str);
/* The value of STR if it is KEY=VALUE; NULL: STR has another key. */
extern const char *key_value (const char *str, const char *key);
/* The value of the last KEY=VALUE in the list, or NULL; LIST may be NULL.
 */
extern const char *argv_value (const struct argv *list, const char *key);

/* A command line to paste into a shell, its environment (may be NULL) first,
 * quoted as shell_quote does.  The caller frees it; NULL: no memory.
 */
extern char *shell_command (const struct argv *env, const struct argv *argv);
/* The same for a program that gets descriptors: FILES are NUMBER=PATH, and may
 * be NULL.
 */
extern char *shell_command_reading (const struct argv *env,
                                    const struct argv *argv,
                                    const struct argv *files);
extern void shell_print_files (FILE *fp, const struct argv *files);

/* STR with every C in it doubled, as qemu's options want their commas and
 * libssh's file names their percent signs.  The caller frees it; NULL: no
 * memory.
 */
extern char *escape_doubled (const char *str, char c, struct error *err);

#endif /* V2V_ARGV_H */
