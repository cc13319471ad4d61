/* SPDX-License-Identifier: GPL-2.0-or-later */

/* XML written with libxml2's tree.  Reading XML is xml.c's. */

#include <config.h>

#include <stdarg.h>
#include <string.h>

#include <libxml/tree.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "base/xml-build.h"

struct xml_build {
  xmlDocPtr doc;
  struct error err;             /* the first failure */
};

/* struct xml_elem is xmlNode under a name that needs no libxml2 header. */
static xmlNodePtr
to_libxml (struct xml_elem *elem)
{
  return (xmlNodePtr) elem;
}

static struct xml_elem *
from_libxml (xmlNodePtr node)
{
  return (struct xml_elem *) node;
}

/* XML 1.0 has no way to write these, not even as a reference. */
static bool
text_valid (const char *text)
{
  uint32_t c;

  while (*text != '\0') {
    const size_t len = utf8_decode (text, &c);

    if (len == 0 || c == 0xfffe || c == 0xffff ||
        (c < 0x20 && c != '\t' && c != '\n' && c != '\r'))
      return false;
    text += len;
  }
  return true;
}

static bool
check (struct xml_build *build, const char *where, const char *text)
{
  CLEANUP_FREE char *printable = NULL;

  if (error_is_set (&build->err))
    return false;
  if (text_valid (text))
    return true;
  printable = alloc_copy (text, &build->err);
  if (printable == NULL)
    return false;
  utf8_sanitize (printable, '?');
  error_set (&build->err, REASON_UNSUPPORTED,
             _("'%s' cannot be written as XML (%s): it holds control "
               "characters or is not UTF-8"), printable, where);
  return false;
}

/* libxml2 2.9 makes nodes without a text when there is no memory for that. */
static bool
has_text (const xmlNode *node, const char *text)
{
  return text[0] == '\0' || (node != NULL && node->content != NULL);
}

struct xml_build *
xml_build_new (const char *root, struct error *err)
{
  CLEANUP_XML_BUILD struct xml_build *build = calloc (1, sizeof *build);
  xmlNodePtr node;

  if (build == NULL || (build->doc = xmlNewDoc (BAD_CAST "1.0")) == NULL ||
      (node = xmlNewDocNode (build->doc, NULL, BAD_CAST root,
                             NULL)) == NULL) {
    error_nomem (err);
    return NULL;
  }
  build->err = (struct error) ERROR_INIT;
  xmlDocSetRootElement (build->doc, node);
  return STEAL (build);
}

void
xml_build_free (struct xml_build *build)
{
  if (build == NULL)
    return;
  xmlFreeDoc (build->doc);
  error_reset (&build->err);
  free (build);
}

struct xml_elem *
xml_build_root (struct xml_build *build)
{
  return from_libxml (xmlDocGetRootElement (build->doc));
}

static void
add_attributes (struct xml_build *build, struct xml_elem *elem, va_list args)
{
  const char *name;

  while ((name = va_arg (args, const char *)) != NULL)
    xml_attr (build, elem, name, va_arg (args, const char *));
}

static struct xml_elem *
add_element (struct xml_build *build, struct xml_elem *parent,
             const char *name)
{
  xmlNodePtr node;

  if (parent == NULL || error_is_set (&build->err))
    return NULL;
  node = xmlNewChild (to_libxml (parent), NULL, BAD_CAST name, NULL);
  if (node == NULL)
    error_nomem (&build->err);
  return from_libxml (node);
}

static void
add_text (struct xml_build *build, struct xml_elem *elem, const char *name,
          const char *text)
{
  xmlNodePtr node;

  if (elem == NULL || !check (build, name, text))
    return;
  node = xmlNewDocText (build->doc, BAD_CAST text);
  if (!has_text (node, text) ||
      xmlAddChild (to_libxml (elem), node) == NULL) {
    xmlFreeNode (node);
    error_nomem (&build->err);
  }
}

struct xml_elem *
xml_add (struct xml_build *build, struct xml_elem *parent, const char *name,
         ...)
{
  struct xml_elem *elem = add_element (build, parent, name);
  va_list args;

  va_start (args, name);
  add_attributes (build, elem, args);
  va_end (args);
  return elem;
}

struct xml_elem *
xml_add_text (struct xml_build *build, struct xml_elem *parent,
              const char *name, const char *text, ...)
{
  struct xml_elem *elem = add_element (build, parent, name);
  va_list args;

  va_start (args, text);
  add_attributes (build, elem, args);
  va_end (args);
  add_text (build, elem, name, text);
  return elem;
}

void
xml_attr (struct xml_build *build, struct xml_elem *elem, const char *name,
          const char *value)
{
  xmlAttrPtr attr;

  if (elem == NULL || !check (build, name, value))
    return;
  attr = xmlNewProp (to_libxml (elem), BAD_CAST name, BAD_CAST value);
  if (attr == NULL || attr->name == NULL || !has_text (attr->children, value))
    error_nomem (&build->err);
}

void
xml_attrf (struct xml_build *build, struct xml_elem *elem, const char *name,
           const char *fmt, ...)
{
  CLEANUP_FREE char *value = NULL;
  va_list args;

  va_start (args, fmt);
  value = vformat (&build->err, fmt, args);
  va_end (args);
  if (value != NULL)
    xml_attr (build, elem, name, value);
}

char *
xml_build_text (struct xml_build *build, struct error *err)
{
  xmlChar *text = NULL;
  char *ret = NULL;
  int len;

  if (error_is_set (&build->err)) {
    error_move (err, &build->err);
    return NULL;
  }
  xmlDocDumpFormatMemoryEnc (build->doc, &text, &len, "UTF-8", 1);
  if (text == NULL)
    error_nomem (err);
  else
    ret = alloc_copy ((const char *) text, err);
  xmlFree (text);
  return ret;
}
