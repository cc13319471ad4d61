/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Pages: a template, with text and data in it that may hold anything. */

#ifndef V2V_HTML_H
#define V2V_HTML_H

#include <stddef.h>
#include <stdio.h>

struct error;
struct json_object;

extern void html_text (FILE *, const char *text);
extern void html_element (FILE *, const char *name, const char *text);
/* For a script element of the type application/json. */
extern void html_json (FILE *, struct json_object *);
/* The English TEXTS with their translations: the page's script looks them up.
 * The caller puts the object.
 */
extern struct json_object *html_texts (const char *const *texts, size_t n);

/* A line of the template that is replaced. */
struct html_place {
  const char *name;             /* "@data@"; NULL ends */
  void (*print) (const void *data, FILE *);
};

/* Write the page of this template, N lines, to PATH (outfile_write). */
extern int html_write (const char *const *template, size_t n,
                       const struct html_place *, const void *data,
                       const char *path, struct error *err);

#endif /* V2V_HTML_H */
