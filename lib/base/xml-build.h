/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Writing XML.  Building returns no errors: the first failure is kept, what
 * follows it does nothing, and xml_build_text tells.  Text and attributes
 * are literal; what XML cannot hold (control characters, bytes that are not
 * UTF-8) is such a failure.
 */

#ifndef V2V_XML_BUILD_H
#define V2V_XML_BUILD_H

#include "base/cleanup.h"
#include "base/error.h"

struct xml_build;               /* a document under construction */
struct xml_elem;                /* its element; NULL after a failure */

/* NULL: no memory. */
extern struct xml_build *xml_build_new (const char *root, struct error *err);
extern void xml_build_free (struct xml_build *); /* NULL is fine */

extern struct xml_elem *xml_build_root (struct xml_build *);
/* Add an element, with attributes: name, value, name, value..., NULL. */
extern struct xml_elem *xml_add (struct xml_build *, struct xml_elem *parent,
                                 const char *name, ...)
  __attribute__ ((sentinel));
/* The same for an element that holds text. */
extern struct xml_elem *xml_add_text (struct xml_build *,
                                      struct xml_elem *parent,
                                      const char *name, const char *text, ...)
  __attribute__ ((sentinel));
extern void xml_attr (struct xml_build *, struct xml_elem *,
                      const char *name, const char *value);
extern void xml_attrf (struct xml_build *, struct xml_elem *,
                       const char *name, const char *fmt, ...)
  __attribute__ ((format (printf, 4, 5)));

/* The document.  The caller frees it. */
extern char *xml_build_text (struct xml_build *, struct error *err);

V2V_DEFINE_CLEANUP (cleanup_xml_build, struct xml_build *, xml_build_free);
#define CLEANUP_XML_BUILD __attribute__ ((cleanup (cleanup_xml_build)))

#endif /* V2V_XML_BUILD_H */
