/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What guests, images and servers say, shown to people.  It must neither drive
 * their terminal nor read as something else: a control character moves the
 * cursor or names the window, a line end makes a line that looks like ours, a
 * direction mark turns "exe.txt" into "txt.exe".
 */

#ifndef V2V_VISIBLE_H
#define V2V_VISIBLE_H

#include <stdio.h>

struct error;

/* Print TEXT with each such character, and each byte that is no UTF-8, as \xNN
 * or \uNNNN.  Tabs, which nbdkit's own lines have, stay.
 */
extern void visible_print (FILE *fp, const char *text);
/* The same as a string, which the caller frees.  NULL: no memory. */
extern char *visible_text (const char *text, struct error *err);

/* Print JSON, which is valid UTF-8, with each such character as the \uNNNN
 * that it is in JSON.  json-c does so for those below 0x20 only.
 */
extern void visible_print_json (FILE *fp, const char *json);

/* Print STR so that any POSIX shell reads it as one word, for a file: what must
 * not be shown to people stays in it.
 */
extern void sh_quote (FILE *fp, const char *str);
/* Print STR so that bash reads it as one word: quoted where it has to be, and
 * as $'...' where it holds what must not be printed as it is.
 */
extern void shell_quote (FILE *fp, const char *str);
/* The same as a string, which the caller frees.  NULL: no memory. */
extern char *shell_quoted (const char *str, struct error *err);

#endif /* V2V_VISIBLE_H */
