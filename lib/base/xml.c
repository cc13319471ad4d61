/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Reading XML with libxml2: the parser is held to limits of size, depth
 * and counts, and to what programs that describe guests write.
 * xml-walk.c reads without a tree, xml-parsing.c is what both do with the
 * parser, and xml-build.c writes XML.
 */

#include <config.h>

#include <assert.h>
#include <ctype.h>
#include <limits.h>
#include <stdarg.h>
#include <string.h>
#include <strings.h>

#include <libxml/tree.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/i18n.h"
#include "base/xml-internal.h"

/* The limits.  Those of libxml2 (depth 256, names of 50,000 bytes, text of
 * 10 MB) hold too, because XML_PARSE_HUGE is not used.
 */

/* Bytes.  Domain XML has some 10 KB and an OVF with its licence texts less
 * than 1 MB; libxml2 takes 30 times this in memory at worst.
 */
#define XML_MAX_SIZE (4 * 1024 * 1024)
/* Bytes of one value: no path, URL or name is longer. */
#define XML_MAX_STRING 65536
/* Steps of all XPath expressions together, as libxml2 (seen: 2.9.14) counts
 * them: some seconds.  An OVF with 20,000 disks and 4000 items takes less than
 * 2,000,000; what takes more looks for each of many things among as many.
 */
#define XML_MAX_STEPS 50000000

struct xml {
  char *name;
  xmlDocPtr doc;
  xmlXPathContextPtr xpath;
};

/* XPath expressions are ours, and what they return is checked. */
static void
ignore_error (void *data __attribute__ ((unused)),
              xml_error_ptr error __attribute__ ((unused)))
{
}

/* xml_check_tags can only look into encodings that it can read. */
static bool
encoding_is_readable (const char *encoding)
{
  static const char *const prefixes[] = {
    "utf-8", "utf8", "iso-8859-", "windows-125",
  };

  for (size_t i = 0; i < ARRAY_LEN (prefixes); i++)
    if (strncasecmp (encoding, prefixes[i], strlen (prefixes[i])) == 0)
      return true;
  return false;
}

static void
on_start_document (void *data)
{
  xmlParserCtxtPtr ctxt = data;
  const struct xml_parsing *parsing = ctxt->_private;
  const xmlChar *encoding =
    parsing->utf8 ? NULL : xml_declared_encoding (ctxt);

  if (encoding != NULL && !encoding_is_readable ((const char *) encoding))
    xml_refuse (ctxt, N_("its encoding is not supported"));
  else
    xmlSAX2StartDocument (data);
}

static void
on_start_element (void *data, const xmlChar *name, const xmlChar *prefix,
                  const xmlChar *uri, int n_namespaces,
                  const xmlChar **namespaces, int n_attributes,
                  int n_defaulted, const xmlChar **attributes)
{
  xmlParserCtxtPtr ctxt = data;
  struct xml_parsing *parsing = ctxt->_private;

  parsing->namespaces += n_namespaces;
  if (parsing->namespaces > XML_MAX_NAMESPACES)
    xml_refuse (ctxt, N_("too many namespace declarations"));
  else
    xmlSAX2StartElementNs (data, name, prefix, uri, n_namespaces, namespaces,
                           n_attributes, n_defaulted, attributes);
}

/* Limits, and what libxml2 would take for an encoding in which xml_check_tags
 * sees nothing.
 */
static int
check_bytes (struct xml_bytes *bytes, const char *name, struct error *err)
{
  const char ebcdic = 0x4c;     /* "<" in it */

  if (bytes->len > XML_MAX_SIZE)
    return error_set (err, REASON_UNSUPPORTED,
                      _("%s: the XML is larger than %d bytes"), name,
                      XML_MAX_SIZE);
  if (xml_encoding_settle (bytes, name, err) == -1)
    return -1;
  if (bytes->len == 0)
    return error_set (err, REASON_UNSUPPORTED,
                      _("%s: the file is empty, not XML"), name);
  if (bytes->text[0] == ebcdic || bytes->text[0] == '\0')
    return error_set (err, REASON_UNSUPPORTED,
                      _("%s: the file does not hold XML"), name);
  return xml_check_tags (bytes, name, err);
}

static xmlDocPtr
parse (xmlParserCtxtPtr ctxt, const struct xml_bytes *bytes)
{
  const int options = XML_PARSE_NONET | XML_PARSE_BIG_LINES |
    (bytes->utf8 ? XML_PARSE_IGNORE_ENC : 0);

  ctxt->sax->serror = xml_keep_first_error;
  ctxt->sax->internalSubset = xml_on_doctype;
  ctxt->sax->startDocument = on_start_document;
  ctxt->sax->startElementNs = on_start_element;
  return xmlCtxtReadMemory (ctxt, bytes->text, (int) bytes->len, NULL,
                            bytes->utf8 ? "UTF-8" : NULL, options);
}

static xmlDocPtr
parse_document (const struct xml_bytes *bytes, const char *name,
                struct error *err)
{
  xmlParserCtxtPtr ctxt = xmlNewParserCtxt ();
  struct xml_parsing parsing = { .utf8 = bytes->utf8 };
  xmlDocPtr doc;

  /* What fails while characters are converted does not know the parser. */
  xml_silence ();
  if (ctxt == NULL) {
    error_nomem (err);
    return NULL;
  }
  ctxt->_private = &parsing;
  doc = parse (ctxt, bytes);
  xmlFreeParserCtxt (ctxt);
  if (parsing.refused != NULL) {
    xmlFreeDoc (doc);
    doc = NULL;
  }
  if (doc == NULL)
    xml_set_parse_error (&parsing, name, err);
  free (parsing.message);
  return doc;
}

struct xml *
xml_parse (const char *text, size_t len, const char *name, struct error *err)
{
  __attribute__ ((cleanup (xml_bytes_reset))) struct xml_bytes bytes = {
    .text = text, .len = len,
  };
  CLEANUP_XML struct xml *xml = NULL;

  if (check_bytes (&bytes, name, err) == -1)
    return NULL;
  xml = alloc_zero (sizeof *xml, err);
  if (xml == NULL || (xml->name = alloc_copy (name, err)) == NULL)
    return NULL;
  xml->doc = parse_document (&bytes, name, err);
  if (xml->doc == NULL)
    return NULL;
  /* Numbered elements make the ordering of results cheap. */
  xmlXPathOrderDocElems (xml->doc);
  xml->xpath = xmlXPathNewContext (xml->doc);
  if (xml->xpath == NULL) {
    error_nomem (err);
    return NULL;
  }
  xml->xpath->error = ignore_error;
  xml->xpath->opLimit = XML_MAX_STEPS;
  return STEAL (xml);
}

void
xml_free (struct xml *xml)
{
  if (xml == NULL)
    return;
  xmlXPathFreeContext (xml->xpath);
  xmlFreeDoc (xml->doc);
  free (xml->name);
  free (xml);
}

int
xml_add_namespace (struct xml *xml, const char *prefix, const char *uri,
                   struct error *err)
{
  if (xmlXPathRegisterNs (xml->xpath, BAD_CAST prefix, BAD_CAST uri) != 0)
    return error_nomem (err);
  return 0;
}

/* The node after NODE in the order of their beginnings, or NULL. */
static xmlNodePtr
following (xmlNodePtr node)
{
  if (node->type == XML_ELEMENT_NODE && node->children != NULL)
    return node->children;
  while (node != NULL && node->next == NULL)
    node = node->parent;
  return node == NULL ? NULL : node->next;
}

void
xml_adopt_elements (struct xml *xml)
{
  xmlNodePtr root = xmlDocGetRootElement (xml->doc);

  for (xmlNodePtr node = root; node != NULL; node = following (node))
    if (node->type == XML_ELEMENT_NODE && node->ns == NULL)
      node->ns = root->ns;
}

/* Two attributes of one name would be one too many. */
static void
adopt_attributes (xmlNodePtr node)
{
  for (xmlAttrPtr attr = node->properties; attr != NULL; attr = attr->next)
    if (attr->ns == NULL &&
        xmlHasNsProp (node, attr->name, node->ns->href) == NULL)
      attr->ns = node->ns;
}

void
xml_adopt_attributes (struct xml *xml)
{
  xmlNodePtr root = xmlDocGetRootElement (xml->doc);

  for (xmlNodePtr node = root; node != NULL; node = following (node))
    if (node->type == XML_ELEMENT_NODE && node->ns != NULL &&
        root->ns != NULL && xmlStrEqual (node->ns->href, root->ns->href))
      adopt_attributes (node);
}

/* struct xml_node is xmlNode under a name that needs no libxml2 header. */
static xmlNodePtr
to_libxml (const struct xml_node *node)
{
  return (xmlNodePtr) node;
}

static const struct xml_node *
from_libxml (xmlNodePtr node)
{
  return (const struct xml_node *) node;
}

const struct xml_node *
xml_root (const struct xml *xml)
{
  return from_libxml (xmlDocGetRootElement (xml->doc));
}

const char *
xml_node_name (const struct xml_node *node)
{
  return (const char *) to_libxml (node)->name;
}

const char *
xml_node_namespace (const struct xml_node *node)
{
  const xmlNs *ns = to_libxml (node)->ns;

  return ns != NULL && ns->href != NULL ? (const char *) ns->href : "";
}

static xmlXPathObjectPtr
evaluate (struct xml *xml, const struct xml_node *node, const char *expr,
          struct error *err)
{
  xmlXPathObjectPtr object;

  xml->xpath->node = to_libxml (node);
  object = xmlXPathEvalExpression (BAD_CAST expr, xml->xpath);
  if (object != NULL)
    return object;
  if (xml->xpath->opCount >= XML_MAX_STEPS)
    error_set (err, REASON_UNSUPPORTED,
               _("%s: the XML holds too much to be looked through"),
               xml->name);
  else
    xml_error (xml, node, REASON_INTERNAL, err,
               _("cannot evaluate the XPath expression %s"), expr);
  return NULL;
}

int
xml_find_all (struct xml *xml, const struct xml_node *node, const char *expr,
              struct xml_nodes *ret, struct error *err)
{
  xmlXPathObjectPtr object = evaluate (xml, node, expr, err);
  int r = 0;

  if (object == NULL)
    return -1;
  assert (object->type == XPATH_NODESET);
  for (int i = 0; r == 0 && i < xmlXPathNodeSetGetLength (object->nodesetval);
       i++)
    r = xml_nodes_append (ret, from_libxml (object->nodesetval->nodeTab[i]));
  xmlXPathFreeObject (object);
  return r == -1 ? error_nomem (err) : 0;
}

int
xml_find (struct xml *xml, const struct xml_node *node, const char *expr,
          const struct xml_node **ret, struct error *err)
{
  CLEANUP_XML_NODES struct xml_nodes nodes = { .len = 0 };

  if (xml_find_all (xml, node, expr, &nodes, err) == -1)
    return -1;
  *ret = nodes.len > 0 ? nodes.ptr[0] : NULL;
  return 0;
}

int
xml_string (struct xml *xml, const struct xml_node *node, const char *expr,
            char **ret, struct error *err)
{
  const struct xml_node *found;
  xmlChar *content;

  *ret = NULL;
  if (xml_find (xml, node, expr, &found, err) == -1)
    return -1;
  if (found == NULL)
    return 0;
  content = xmlNodeGetContent (to_libxml (found));
  if (content != NULL && xmlStrlen (content) <= XML_MAX_STRING)
    *ret = strdup ((const char *) content);
  if (content != NULL && xmlStrlen (content) > XML_MAX_STRING)
    xml_error (xml, found, REASON_UNSUPPORTED, err,
               _("the value of '%s' is longer than %d bytes"),
               xml_node_name (found), XML_MAX_STRING);
  xmlFree (content);
  return *ret == NULL ? error_nomem (err) : 0;
}

char *
xml_trim (char *str)
{
  size_t len;

  while (isspace ((unsigned char) *str))
    str++;
  len = strlen (str);
  while (len > 0 && isspace ((unsigned char) str[len - 1]))
    str[--len] = '\0';
  return str;
}

int
xml_error (const struct xml *xml, const struct xml_node *node,
           enum reason reason, struct error *err, const char *fmt, ...)
{
  CLEANUP_FREE char *message = NULL;
  va_list args;
  long line;

  va_start (args, fmt);
  message = vformat (err, fmt, args);
  va_end (args);
  if (message == NULL)
    return -1;
  line = xmlGetLineNo (to_libxml (node));
  /* Elements store no more than this; only a text beside one knows more. */
  if (line <= 0 || line == USHRT_MAX)
    return error_set (err, reason, "%s: %s", xml->name, message);
  return error_set (err, reason, _("%s: line %ld: %s"), xml->name, line,
                    message);
}
