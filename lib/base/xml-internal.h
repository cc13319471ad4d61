/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the two uses of libxml2's parser share: xml.c with a tree, xml-walk.c
 * without one.  xml-parsing.c has the functions.
 */

#ifndef V2V_XML_INTERNAL_H
#define V2V_XML_INTERNAL_H

#include <libxml/parser.h>

#include "base/error.h"
#include "base/xml-encoding.h"
#include "base/xml.h"

/* Namespace declarations; a prefix is searched for in all that are in
 * scope, for each element.
 */
#define XML_MAX_NAMESPACES 4000
/* libxml2's own limit. */
#define XML_MAX_DEPTH 256

/* What the parser's callbacks know: _private of the parser is one, or begins
 * with one.
 */
struct xml_parsing {
  const char *refused;          /* why it was stopped, untranslated */
  char *message;                /* libxml2's first error, or NULL */
  long line;                    /* of either */
  int namespaces;
  bool utf8;                    /* whatever the document declares */
};

#if LIBXML_VERSION >= 21200
typedef const xmlError *xml_error_ptr;
#else
typedef xmlErrorPtr xml_error_ptr;
#endif

/* Stop the parser; WHY is an N_() string. */
extern void xml_refuse (xmlParserCtxtPtr, const char *why);

/* Was it stopped, by us or by an error? */
extern bool xml_is_stopped (xmlParserCtxtPtr);
/* NULL: none is declared. */
extern const xmlChar *xml_declared_encoding (xmlParserCtxtPtr);

/* Callbacks of the parser, for "serror" (which gets nothing since 2.13 where
 * XML_PARSE_NOERROR is given) and for "internalSubset".
 */
extern void xml_keep_first_error (void *ctxt, xml_error_ptr);
extern void xml_on_doctype (void *ctxt, const xmlChar *name,
                            const xmlChar *external_id,
                            const xmlChar *system_id);

/* No tag may have too many attributes.  This must be seen before libxml2
 * parses the tag.
 */
extern int xml_check_tags (const struct xml_bytes *, const char *name,
                           struct error *err);

/* Why the document NAME could not be parsed. */
extern void xml_set_parse_error (const struct xml_parsing *,
                                 const char *name, struct error *err);

#endif /* V2V_XML_INTERNAL_H */
