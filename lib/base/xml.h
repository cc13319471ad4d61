/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Reading XML that nobody vouches for.  This and xml-build are the only
 * doors to libxml2: no network, no DTD, no entities but XML's own five, and
 * limits on size, depth and counts, so that no document takes long.
 *
 * Every find is an XPath expression, which is ours and never the
 * document's, evaluated with NODE as "."; prefixes are those given to
 * xml_add_namespace.  What comes out of it is copied.
 */

#ifndef V2V_XML_H
#define V2V_XML_H

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/vector.h"

struct xml;                     /* a document */
struct xml_node;                /* an element or attribute of a document,
                                   which owns it */

DEFINE_VECTOR (struct xml_nodes, xml_nodes, const struct xml_node *);

/* NAME is the document's in errors, which are of REASON_UNSUPPORTED and
 * tell the line.
 */
extern struct xml *xml_parse (const char *text, size_t len, const char *name,
                              struct error *err);
extern void xml_free (struct xml *); /* NULL is fine */

extern int xml_add_namespace (struct xml *, const char *prefix,
                              const char *uri, struct error *err);

/* Elements that are in no namespace count as in the root's. */
extern void xml_adopt_elements (struct xml *);
/* Attributes without a prefix of elements in the root's namespace count as in
 * it, too.
 */
extern void xml_adopt_attributes (struct xml *);

extern const struct xml_node *xml_root (const struct xml *);
/* Without its prefix. */
extern const char *xml_node_name (const struct xml_node *);
/* Its namespace's URI, or "". */
extern const char *xml_node_namespace (const struct xml_node *);

/* Append all that match, in document order. */
extern int xml_find_all (struct xml *, const struct xml_node *,
                         const char *expr, struct xml_nodes *ret,
                         struct error *err);
/* The first that matches; *ret is NULL when there is none. */
extern int xml_find (struct xml *, const struct xml_node *, const char *expr,
                     const struct xml_node **ret, struct error *err);
/* The text of the first that matches, for the caller to free; *ret is NULL
 * when there is none.  It is taken literally, blanks included.
 */
extern int xml_string (struct xml *, const struct xml_node *,
                       const char *expr, char **ret, struct error *err);

/* STR without the blanks around it, which XML Schema allows round numbers and
 * words.  Changes STR.
 */
extern char *xml_trim (char *str);

/* Set an error that begins with the document's name and the node's line. */
extern int xml_error (const struct xml *, const struct xml_node *,
                      enum reason, struct error *err, const char *fmt, ...)
  __attribute__ ((format (printf, 5, 6)));

/* What a document holds, in its order, without a tree: memory does not depend
 * on how long the document is.  START and END return false to end the walk,
 * the reason of which is in *err by then.  Names have no prefix; text may come
 * in pieces, and between elements, too.
 */
struct xml_walker {
  bool (*start) (void *data, const char *name);
  void (*text) (void *data, const char *text, size_t len);
  bool (*end) (void *data);
  void *data;
};

/* Walk through TEXT, which is UTF-8 whatever its declaration says.  Several
 * documents may follow each other, with declarations or without.
 */
extern int xml_walk (const char *text, size_t len, const char *name,
                     const struct xml_walker *, struct error *err);

/* Keep libxml2 from printing to stderr, also when other libraries in the
 * process (libvirt) use it.
 */
extern void xml_silence (void);

V2V_DEFINE_CLEANUP (cleanup_xml, struct xml *, xml_free);
#define CLEANUP_XML __attribute__ ((cleanup (cleanup_xml)))
#define CLEANUP_XML_NODES __attribute__ ((cleanup (xml_nodes_reset)))

#endif /* V2V_XML_H */
