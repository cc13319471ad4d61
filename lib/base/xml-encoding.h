/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_XML_ENCODING_H
#define V2V_XML_ENCODING_H

#include <stdbool.h>
#include <stddef.h>

struct error;

/* The bytes of an XML document. */
struct xml_bytes {
  const char *text;
  size_t len;
  bool utf8;                    /* whatever the declaration says; false: it is
                                   as declared */
  char *converted;              /* what TEXT is in, or NULL */
};

/* Find out in what encoding the document BYTES is, and bring UTF-16 to UTF-8.
 * NAME is the document's in errors.  BYTES is to be reset, also after a
 * failure.
 */
extern int xml_encoding_settle (struct xml_bytes *bytes, const char *name,
                                struct error *err);
extern void xml_bytes_reset (struct xml_bytes *);

#endif /* V2V_XML_ENCODING_H */
