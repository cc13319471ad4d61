/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Inside vmx_parse: lines and encodings. */

#ifndef V2V_VMX_LINES_H
#define V2V_VMX_LINES_H

#include <stddef.h>

struct error;

/* A piece of the text that is parsed. */
struct span {
  const char *ptr;
  size_t len;
};

/* Take the next line off TEXT, without the blanks around it. */
extern struct span vmx_next_line (struct span *text);

/* Split key = value; -1: the line is neither that, nor blank, nor a
 * comment.  An empty KEY: nothing here.
 */
extern int vmx_split_line (struct span line, struct span *key,
                           struct span *value);

/* A copy of VALUE without its |XX escapes.  A bar that begins none stands
 * for itself; |00 is an error.
 */
extern char *vmx_unescape (struct span value, struct error *err);

/* TEXT, the whole file called NAME, in UTF-8.  The caller frees it. */
extern char *vmx_to_utf8 (struct span text, const char *name, size_t *len,
                          struct error *err);

#endif /* V2V_VMX_LINES_H */
